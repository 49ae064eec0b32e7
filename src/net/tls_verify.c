/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls_verify.h"

#include "base/clock.h"
#include "net/cert_name.h"
#include "net/pin.h"
#include "net/trust.h"

#include <stdio.h>
#include <string.h>

enum {
	NAMES_SHOWN = 5,
	DAY = 24 * 60 * 60,
};

/* One certificate chain under examination. */
struct check {
	const struct tls_settings *settings;
	const gnutls_datum_t *chain; /* DER, the peer's own certificate first */
	unsigned count;
	gnutls_x509_crt_t leaf; /* chain[0] */
	struct trust_store store;
};

typedef int dn_getter(gnutls_x509_crt_t cert, char *into, size_t *room);

static void get_dn(gnutls_x509_crt_t cert, dn_getter *getter, struct buf *out)
{
	char text[1024];
	size_t room = sizeof text;
	if (getter(cert, text, &room) == 0)
		text_printable(out, slice_of(text), 200);
	else
		buf_add_str(out, "?");
}

static int refuse(const struct check *c, struct status *st, const char *hint,
		  const char *format, ...) __attribute__((format(printf, 4, 5)));

/* "The certificate of 'x' ...", what is wrong with it, and the hint unless NULL. Returns -1. */
static int refuse(const struct check *c, struct status *st, const char *hint,
		  const char *format, ...)
{
	struct buf what = { 0 };
	va_list args;
	va_start(args, format);
	buf_vaddf(&what, format, args);
	va_end(args);
	status_set(st, STATUS_NOT_SECURE, "the certificate of '%s' %s", c->settings->name,
		   buf_str(&what));
	buf_release(&what);
	return hint != NULL ? status_hint(st, "%s", hint) : -1;
}

/* As refuse, with a hint that ends in the certificate's fingerprint. */
static int refuse_unless_pinned(const struct check *c, struct status *st, const char *hint,
				const char *what)
{
	struct buf text = { 0 };
	buf_add_str(&text, hint);
	buf_add_str(&text, "tls-fingerprint = ");
	pin_of(c->leaf, &text);
	refuse(c, st, buf_str(&text), "%s", what);
	buf_release(&text);
	return -1;
}

static gnutls_x509_crt_t import(const gnutls_datum_t *der)
{
	gnutls_x509_crt_t cert = NULL;
	if (gnutls.x509_crt_init(&cert) != 0)
		return NULL;
	if (gnutls.x509_crt_import(cert, der, GNUTLS_X509_FMT_DER) == 0)
		return cert;
	gnutls.x509_crt_deinit(cert);
	return NULL;
}

/* The chain leads to a name that the store does not have, or nowhere. */
static int tell_unknown(const struct check *c, struct status *st)
{
	static const char hint[] = "set tls-ca to a file with that issuer's certificate, or ";
	gnutls_x509_crt_t last = import(&c->chain[c->count - 1]);
	if (last == NULL)
		return refuse(c, st, NULL, "comes with others that cannot be read");
	struct buf what = { 0 };
	if (c->count == 1 && gnutls.x509_crt_check_issuer(last, last)) {
		buf_add_str(&what, "is self-signed");
		refuse_unless_pinned(c, st, "if it is the right one, set ", buf_str(&what));
	} else {
		buf_add_str(&what, "is signed by '");
		get_dn(last, gnutls.x509_crt_get_issuer_dn, &what);
		buf_addf(&what, "', which is not in %s", c->store.path);
		refuse_unless_pinned(c, st, hint, buf_str(&what));
	}
	buf_release(&what);
	gnutls.x509_crt_deinit(last);
	return -1;
}

static void add_date(struct buf *out, time_t when)
{
	char text[32] = "?";
	struct tm parts;
	if (gmtime_r(&when, &parts) != NULL)
		strftime(text, sizeof text, "%Y-%m-%d", &parts);
	buf_add_str(out, text);
}

/* When CERT's validity is over, or is to begin, if that is what is wrong with it; else -1. */
static time_t wrong_date(gnutls_x509_crt_t cert, bool expired)
{
	time_t now = clock_wall();
	time_t limit = expired ? gnutls.x509_crt_get_expiration_time(cert)
			       : gnutls.x509_crt_get_activation_time(cert);
	return (expired ? limit < now : limit > now) ? limit : (time_t)-1;
}

/* If a date of the certificate at INDEX is wrong, say so in WHAT. */
static void add_wrong_date(const struct check *c, unsigned index, bool expired,
			   struct buf *what)
{
	gnutls_x509_crt_t cert = import(&c->chain[index]);
	time_t when = cert != NULL ? wrong_date(cert, expired) : (time_t)-1;
	if (when != (time_t)-1) {
		if (index > 0) {
			buf_add_str(what, "is signed by '");
			get_dn(cert, gnutls.x509_crt_get_dn, what);
			buf_add_str(what, "', whose own ");
		}
		buf_add_str(what, expired ? "expired on " : "is not valid before ");
		add_date(what, when);
	}
	if (cert != NULL)
		gnutls.x509_crt_deinit(cert);
}

/* A date may be wrong anywhere in the chain, and above it: name the first that has it. */
static int tell_date(const struct check *c, struct status *st, bool expired)
{
	struct buf what = { 0 };
	for (unsigned i = 0; i < c->count && what.len == 0; i++)
		add_wrong_date(c, i, expired, &what);
	if (what.len == 0)
		buf_addf(&what, "is signed by an authority in %s that %s", c->store.path,
			 expired ? "has expired" : "is not valid yet");
	refuse(c, st,
	       expired ? "the server's operator has to renew it, or this machine's clock is "
			 "wrong"
		       : "check the clock of this machine",
	       "%s", buf_str(&what));
	buf_release(&what);
	return -1;
}

static int tell_expired(const struct check *c, struct status *st)
{
	return tell_date(c, st, true);
}

static int tell_early(const struct check *c, struct status *st)
{
	return tell_date(c, st, false);
}

/* What GnuTLS may find, the best explanation first: with fixed words, or a function. */
static const struct finding {
	unsigned flag;
	const char *what;
	const char *hint;
	int (*tell)(const struct check *c, struct status *st);
} findings[] = {
	{ GNUTLS_CERT_REVOKED, "has been revoked", NULL, NULL },
	{ GNUTLS_CERT_SIGNATURE_FAILURE, "has a wrong signature", NULL, NULL },
	{ GNUTLS_CERT_SIGNER_NOT_FOUND, NULL, NULL, tell_unknown },
	{ GNUTLS_CERT_SIGNER_NOT_CA, "is signed by one that is no authority", NULL, NULL },
	{ GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE, "breaks a constraint of its authority", NULL,
	  NULL },
	{ GNUTLS_CERT_INSECURE_ALGORITHM,
	  "or one above it has a weak key or signature algorithm",
	  "tls-fingerprint can pin it, tls-priority can lower the bar", NULL },
	{ GNUTLS_CERT_EXPIRED, NULL, NULL, tell_expired },
	{ GNUTLS_CERT_NOT_ACTIVATED, NULL, NULL, tell_early },
	{ GNUTLS_CERT_PURPOSE_MISMATCH, "is not meant for servers", NULL, NULL },
	{ GNUTLS_CERT_MISSING_OCSP_STATUS,
	  "asks for a stapled OCSP response, and the server sent none", NULL, NULL },
	{ GNUTLS_CERT_INVALID_OCSP_STATUS, "came with an OCSP response that is not valid", NULL,
	  NULL },
	{ GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED, "came with revocation data that is too old",
	  "check the clock of this machine", NULL },
	{ GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE,
	  "came with revocation data of the future", "check the clock of this machine", NULL },
};

static int tell(const struct check *c, unsigned flags, struct status *st)
{
	for (size_t i = 0; i < sizeof findings / sizeof *findings; i++) {
		const struct finding *f = &findings[i];
		if ((flags & f->flag) == 0)
			continue;
		return f->tell != NULL ? f->tell(c, st) : refuse(c, st, f->hint, "%s", f->what);
	}
	return refuse(c, st, NULL, "cannot be verified (GnuTLS status 0x%x)", flags);
}

static int check_name(const struct check *c, struct status *st)
{
	const char *other = c->settings->other_name;
	if (cert_name_matches(c->leaf, c->settings->name) ||
	    (other != NULL && cert_name_matches(c->leaf, other)))
		return 0;
	struct buf names = { 0 };
	if (cert_name_list(c->leaf, NAMES_SHOWN, &names) != 0)
		refuse(c, st, "set host to one of these names, or tls-name", "is for %s",
		       buf_str(&names));
	else
		refuse(c, st, NULL,
		       "names no server (subjectAltName; a common name does not count)");
	buf_release(&names);
	return -1;
}

/* The list, of what matters to this chain (trust.h), becomes the credentials' own. */
static int load_trust(const struct check *c, gnutls_certificate_credentials_t credentials,
		      struct status *st)
{
	gnutls_x509_trust_list_t list = NULL;
	const char *crl = c->settings->crl;
	if (gnutls.x509_trust_list_init(&list, 0) != 0)
		return status_set(st, STATUS_TEMPORARY, "cannot set up a list of authorities");
	gnutls.certificate_set_trust_list(credentials, list, 0);
	if (trust_load(&c->store, c->chain, c->count, list, st) != 0)
		return -1;
	if (crl == NULL)
		return 0;
	int n = gnutls.x509_trust_list_add_trust_file(list, NULL, crl, GNUTLS_X509_FMT_PEM, 0,
						      0);
	return n >= 0 ? 0
		      : status_set(st, STATUS_BAD_CONFIG, "cannot use tls-crl '%s': %s", crl,
				   gnutls.strerror(n));
}

static int check_authority(struct check *c, gnutls_session_t session,
			   gnutls_certificate_credentials_t credentials, struct status *st)
{
	unsigned char purpose[] = GNUTLS_KP_TLS_WWW_SERVER;
	gnutls_typed_vdata_st data = { GNUTLS_DT_KEY_PURPOSE_OID, purpose, 0 };
	unsigned flags = 0;
	if (trust_find(c->settings->ca, &c->store, st) != 0 ||
	    load_trust(c, credentials, st) != 0)
		return -1;
	int n = gnutls.certificate_verify_peers(session, &data, 1, &flags);
	if (n < 0)
		return refuse(c, st, NULL, "cannot be verified: %s", gnutls.strerror(n));
	return flags != 0 ? tell(c, flags, st) : check_name(c, st);
}

static void learn(struct tls_facts *facts, gnutls_x509_crt_t cert)
{
	struct buf text = { 0 };
	get_dn(cert, gnutls.x509_crt_get_dn, &text);
	text_fit(facts->subject, sizeof facts->subject, buf_str(&text));
	buf_reset(&text);
	get_dn(cert, gnutls.x509_crt_get_issuer_dn, &text);
	text_fit(facts->issuer, sizeof facts->issuer, buf_str(&text));
	buf_release(&text);
	facts->expires = gnutls.x509_crt_get_expiration_time(cert);
	facts->days_left = (long)((facts->expires - clock_wall()) / DAY);
}

static void learn_how(struct tls_facts *facts, const char *how, const char *what)
{
	if (facts != NULL)
		snprintf(facts->verified, sizeof facts->verified, "%s%s", how, what);
}

static int decide(struct check *c, gnutls_session_t session,
		  gnutls_certificate_credentials_t credentials, struct tls_facts *facts,
		  struct status *st)
{
	const struct strings *pins = c->settings->pins;
	learn_how(facts, "not at all", "");
	if (!c->settings->verify)
		return 0;
	if (pins != NULL && pins->count != 0) {
		if (!pins_match(pins, c->leaf))
			return refuse_unless_pinned(
				c, st, "if this is a new and right one, set ",
				"has none of the fingerprints in tls-fingerprint");
		learn_how(facts, "fingerprint", "");
		return 0;
	}
	if (check_authority(c, session, credentials, st) != 0)
		return -1;
	if (c->store.is_system)
		learn_how(facts, "system bundle", "");
	else
		learn_how(facts, c->store.is_directory ? "directory " : "file ", c->store.path);
	return 0;
}

int tls_verify(gnutls_session_t session, gnutls_certificate_credentials_t credentials,
	       const struct tls_settings *settings, struct tls_facts *facts, struct status *st)
{
	struct check c = { .settings = settings };
	c.chain = gnutls.certificate_get_peers(session, &c.count);
	if (c.chain == NULL || c.count == 0)
		return status_set(st, STATUS_NOT_SECURE, "'%s' sent no certificate",
				  settings->name);
	c.leaf = import(&c.chain[0]);
	if (c.leaf == NULL)
		return status_set(st, STATUS_NOT_SECURE,
				  "the certificate of '%s' cannot be read", settings->name);
	if (facts != NULL)
		learn(facts, c.leaf);
	int result = decide(&c, session, credentials, facts, st);
	gnutls.x509_crt_deinit(c.leaf);
	return result;
}
