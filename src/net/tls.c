/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls.h"

#include "base/gnutls_lib.h"
#include "net/cert_name.h"
#include "net/pin.h"
#include "net/stream_tls.h"
#include "net/ticket.h"
#include "net/tls_own.h"
#include "net/tls_verify.h"
#include "net/trust.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/*
 * Added to the system's own default. X25519 comes first because it is the cheapest key share,
 * and only the first one is sent; servers that want another ask for it. Keys and primes below
 * 2048 bits are refused.
 */
static const char preferences[] =
	"%PROFILE_MEDIUM:-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1"
	":+GROUP-SECP384R1:+GROUP-SECP521R1:+GROUP-X448:+GROUP-FFDHE2048"
	":+GROUP-FFDHE3072:+GROUP-FFDHE4096";

/* What a setting of `tls-min` takes out of a priority string; the first is the default. */
static const struct version {
	int min;
	const char *name;
	const char *without;
} versions[] = {
	{ 12, "1.2", ":-VERS-TLS1.0:-VERS-TLS1.1" },
	{ 13, "1.3", ":-VERS-TLS1.0:-VERS-TLS1.1:-VERS-TLS1.2" },
	{ 11, "1.1", ":-VERS-TLS1.0" },
	{ 10, "1.0", "" },
};

/* What the verification in the middle of the handshake works with. */
struct tls_check {
	const struct tls_settings *settings;
	gnutls_certificate_credentials_t credentials;
	struct tls_facts *facts;
	struct status *st;
	bool refused; /* st is filled */
};

static const struct version *version_of(const struct tls_settings *settings)
{
	for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
		if (versions[i].min == settings->min_version)
			return &versions[i];
	}
	return &versions[0];
}

static int set_priority(gnutls_session_t session, const struct tls_settings *settings,
			struct status *st)
{
	struct buf text = { 0 };
	bool own = settings->priority != NULL;
	buf_add_str(&text, own ? settings->priority : preferences);
	buf_add_str(&text, version_of(settings)->without);
	int n = own ? gnutls.priority_set_direct(session, text.data, NULL)
		    : gnutls.set_default_priority_append(session, text.data, NULL, 0);
	buf_release(&text);
	if (n == 0)
		return 0;
	return status_set(st, STATUS_BAD_CONFIG,
			  "cannot use tls-priority '%s' with tls-min = %s: %s",
			  own ? settings->priority : "(default)", version_of(settings)->name,
			  gnutls.strerror(n));
}

/* RFC 6066, 3: no IP addresses, and no final dot. */
static int set_server_name(gnutls_session_t session, const char *name, struct status *st)
{
	unsigned char address[16];
	size_t len = strlen(name);
	if (len != 0 && name[len - 1] == '.')
		len--;
	if (len == 0 || cert_name_address(name, address) != 0)
		return 0;
	int n = gnutls.server_name_set(session, GNUTLS_NAME_DNS, name, len);
	return n == 0 ? 0
		      : status_set(st, STATUS_BAD_CONFIG,
				   "'%s' cannot be the name of a TLS server", name);
}

static int configure(gnutls_session_t session, gnutls_certificate_credentials_t credentials,
		     const struct tls_settings *settings, struct status *st)
{
	if (set_priority(session, settings, st) != 0 ||
	    tls_own_set(credentials, settings, st) != 0 ||
	    set_server_name(session, settings->name, st) != 0)
		return -1;
	gnutls.credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
	return 0;
}

/* A session ready for its handshake, with the credentials that it uses. */
static int new_session(const struct tls_settings *settings, gnutls_session_t *session,
		       gnutls_certificate_credentials_t *credentials, struct status *st)
{
	unsigned flags = GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_KEY_SHARE_TOP;
	if (settings->certificate != NULL)
		flags |= GNUTLS_FORCE_CLIENT_CERT; /* whatever issuers the server lists */
	if (gnutls_load(st) != 0)
		return -1;
	*session = NULL;
	*credentials = NULL;
	int n = gnutls.init(session, flags);
	if (n == 0)
		n = gnutls.certificate_allocate_credentials(credentials);
	if (n != 0)
		status_set(st, STATUS_TEMPORARY, "cannot set up TLS: %s", gnutls.strerror(n));
	else if (configure(*session, *credentials, settings, st) == 0)
		return 0;
	if (*session != NULL)
		gnutls.deinit(*session);
	if (*credentials != NULL)
		gnutls.certificate_free_credentials(*credentials);
	return -1;
}

static int on_certificate(gnutls_session_t session)
{
	struct tls_check *c = gnutls.session_get_ptr(session);
	c->facts->resumed = false;
	c->refused = tls_verify(session, c->credentials, c->settings, c->facts, c->st) != 0;
	return c->refused ? GNUTLS_E_CERTIFICATE_ERROR : 0;
}

static int tell_version(const struct tls_settings *settings, struct status *st)
{
	return status_set(st, STATUS_NOT_SECURE,
			  "the server offers no TLS version that tls-min = %s allows",
			  version_of(settings)->name);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_reply(struct slice s)
{
	return s.len >= 3 && is_digit(s.data[0]) && is_digit(s.data[1]) && is_digit(s.data[2]);
}

static int tell_no_tls(struct slice first, const struct tls_settings *settings,
		       struct status *st)
{
	if (!is_reply(first))
		return status_set(st, STATUS_NOT_SECURE, "what the server sent is no TLS");
	if (settings->upgraded)
		return status_set(st, STATUS_BROKEN_PEER,
				  "the server went on in plain text after it agreed to TLS");
	status_set(st, STATUS_NOT_SECURE, "the server speaks plain SMTP here");
	return status_hint(
		st, "tls = implicit is for port 465; for other ports set tls = starttls");
}

/* The first record holds a message of the handshake or an alert (RFC 8446, 5.1). */
static bool is_tls(struct slice first)
{
	enum { ALERT = 21, HANDSHAKE = 22 };
	return first.len == 0 || first.data[0] == ALERT || first.data[0] == HANDSHAKE;
}

static int tell_waited(struct status *st)
{
	if (st->sys == ETIMEDOUT) {
		status_set(st, STATUS_TEMPORARY, "timed out during the TLS handshake");
		st->sys = ETIMEDOUT;
	}
	return -1;
}

static int tell_lost(const struct stream *s, struct status *st)
{
	if (s->below->trouble.kind != STATUS_OK) {
		*st = s->below->trouble;
		return -1;
	}
	int errnum = stream_tls_errno(s);
	return status_sys(st, STATUS_TEMPORARY, errnum == EPIPE ? ECONNRESET : errnum,
			  "connection lost during the TLS handshake");
}

static int tell_alert(gnutls_session_t session, const struct tls_settings *settings,
		      struct status *st)
{
	gnutls_alert_description_t alert = gnutls.alert_get(session);
	if (alert == GNUTLS_A_PROTOCOL_VERSION)
		return tell_version(settings, st);
	return status_set(st, STATUS_NOT_SECURE, "the server refused TLS with the alert '%s'",
			  gnutls.alert_get_name(alert));
}

/* Why the handshake failed with CODE. Returns -1. */
static int explain(const struct stream *s, gnutls_session_t session, int code,
		   const struct tls_settings *settings, struct status *st)
{
	if (!is_tls(stream_tls_first(s)))
		return tell_no_tls(stream_tls_first(s), settings, st);
	switch (code) {
	case GNUTLS_E_PULL_ERROR:
	case GNUTLS_E_PUSH_ERROR:
		return tell_lost(s, st);
	case GNUTLS_E_PREMATURE_TERMINATION:
		status_set(st, STATUS_TEMPORARY,
			   "the server closed the connection during the TLS handshake");
		st->sys = ECONNRESET;
		return -1;
	case GNUTLS_E_FATAL_ALERT_RECEIVED:
		return tell_alert(session, settings, st);
	case GNUTLS_E_UNSUPPORTED_VERSION_PACKET:
		return tell_version(settings, st);
	default:
		return status_set(st, STATUS_NOT_SECURE, "the TLS handshake failed: %s",
				  gnutls.strerror(code));
	}
}

static void learn_session(struct tls_facts *facts, gnutls_session_t session)
{
	text_fit(facts->version, sizeof facts->version,
		 gnutls.protocol_get_name(gnutls.protocol_get_version(session)));
	text_fit(facts->cipher, sizeof facts->cipher,
		 gnutls.cipher_get_name(gnutls.cipher_get(session)));
}

static int shake_hands(struct stream *s, gnutls_session_t session, struct tls_check *check)
{
	int code;
	gnutls.session_set_ptr(session, check);
	gnutls.session_set_verify_function(session, on_certificate);
	if (stream_tls_handshake(s, &code, check->st) == 0) {
		gnutls.session_set_ptr(session, NULL);
		return 0;
	}
	if (code == GNUTLS_E_SUCCESS)
		return tell_waited(check->st);
	if (!check->refused)
		explain(s, session, code, check->settings, check->st);
	gnutls.alert_send_appropriate(session, code); /* so that the server can log why */
	return -1;
}

int tls_start(struct stream **stream, const struct tls_settings *settings,
	      struct tls_facts *facts, struct status *st)
{
	gnutls_session_t session;
	struct tls_facts own = { 0 };
	struct ticket ticket;
	struct tls_check check = { .settings = settings,
				   .facts = facts != NULL ? facts : &own,
				   .st = st };
	if (stream_has_buffered(*stream))
		return status_set(st, STATUS_BROKEN_PEER,
				  "the server sent more before TLS than it was asked for");
	if (facts != NULL)
		*facts = own;
	if (new_session(settings, &session, &check.credentials, st) != 0)
		return -1;
	ticket_offer(&ticket, settings, session);
	check.facts->resumed = ticket.offered;
	struct stream *s = stream_tls_new(session, check.credentials, *stream);
	if (shake_hands(s, session, &check) != 0) {
		*stream = stream_tls_abandon(s);
		return -1;
	}
	ticket_settle(&ticket, session, check.facts);
	learn_session(check.facts, session);
	stream_tls_set_ticket(s, &ticket);
	*stream = s;
	return 0;
}

static int check_crl(const char *crl, struct status *st)
{
	FILE *f = crl != NULL ? fopen(crl, "re") : NULL;
	if (crl != NULL && f == NULL)
		return status_sys(st, STATUS_BAD_CONFIG, errno, "cannot open tls-crl '%s'",
				  crl);
	if (f != NULL)
		fclose(f);
	return 0;
}

static int check_trust(const struct tls_settings *settings, struct status *st)
{
	struct trust_store store;
	if (settings->pins != NULL && settings->pins->count != 0)
		return pins_check(settings->pins, st);
	if (trust_find(settings->ca, &store, st) != 0 ||
	    trust_load(&store, NULL, 0, NULL, st) != 0)
		return -1;
	return check_crl(settings->crl, st);
}

int tls_check_settings(const struct tls_settings *settings, struct status *st)
{
	gnutls_session_t session;
	gnutls_certificate_credentials_t credentials;
	if (settings->verify && check_trust(settings, st) != 0)
		return -1;
	if (new_session(settings, &session, &credentials, st) != 0)
		return -1;
	gnutls.deinit(session);
	gnutls.certificate_free_credentials(credentials);
	return 0;
}
