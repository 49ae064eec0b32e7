/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gnutls_lib - the only door to GnuTLS, opened when somebody needs it
 *
 * Loading GnuTLS and the libraries below it takes more instructions than all that a delivery
 * without TLS does, so it is no part of the program's start: the first gnutls_load opens it.
 * Call its functions as gnutls.handshake(...), the name without its prefix, and only after
 * gnutls_load has succeeded; types and constants are GnuTLS's own. A function that is not
 * listed below is added there.
 *
 * Where WITH_LINKED_LIBRARIES is defined the library is linked as usual (static builds, systems
 * without dlopen), and gnutls_load has nothing to do.
 */
#ifndef BASE_GNUTLS_LIB_H
#define BASE_GNUTLS_LIB_H

#include "base/status.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

/* clang-format off */
#define GNUTLS_FUNCTIONS(X) \
	X(alert_get) X(alert_get_name) X(alert_send_appropriate) X(bye) \
	X(certificate_allocate_credentials) X(certificate_free_credentials) \
	X(certificate_get_peers) X(certificate_set_trust_list) \
	X(certificate_set_x509_key_file) X(certificate_verify_peers) X(check_version) \
	X(cipher_get) X(cipher_get_name) X(credentials_set) X(deinit) X(error_is_fatal) \
	X(global_init) X(handshake) X(hash_fast) X(hmac_fast) X(init) X(pbkdf2) \
	X(priority_set_direct) X(protocol_get_name) X(protocol_get_version) \
	X(record_get_direction) X(record_recv) X(record_send) \
	X(server_name_set) X(session_channel_binding) X(session_get_data) \
	X(session_get_flags) X(session_get_ptr) X(session_is_resumed) X(session_set_data) \
	X(session_set_ptr) \
	X(session_set_verify_function) X(set_default_priority_append) X(strerror) \
	X(transport_set_ptr) X(transport_set_pull_function) \
	X(transport_set_vec_push_function) X(utf8_password_normalize) \
	X(x509_crt_check_issuer) X(x509_crt_deinit) X(x509_crt_get_activation_time) \
	X(x509_crt_get_dn) X(x509_crt_get_expiration_time) X(x509_crt_get_fingerprint) \
	X(x509_crt_get_issuer_dn) X(x509_crt_get_key_id) \
	X(x509_crt_get_subject_alt_name) X(x509_crt_import) X(x509_crt_init) \
	X(x509_trust_list_add_trust_file) X(x509_trust_list_add_trust_mem) \
	X(x509_trust_list_init)
/* clang-format on */

struct gnutls_functions {
/* NOLINTNEXTLINE(bugprone-macro-parentheses): it declares the name */
#define GNUTLS_MEMBER(name) __typeof__(gnutls_##name) *name;
	GNUTLS_FUNCTIONS(GNUTLS_MEMBER)
#undef GNUTLS_MEMBER
};

/* Written once, by gnutls_load. */
extern struct gnutls_functions gnutls;

/* Make `gnutls` ready; cheap when it is. Errors: STATUS_SYSTEM, the library is not there or too
 * old. */
int gnutls_load(struct status *st);

#endif
