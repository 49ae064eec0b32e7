/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sasl - the client's side of authentication (RFC 4422), one mechanism at a time, without I/O
 *
 * A mechanism answers challenges. It sees decoded bytes; base64 and SMTP's AUTH command are the
 * session's affair. All that is secret lives in memory that is wiped when released.
 */
#ifndef SMTP_SASL_H
#define SMTP_SASL_H

#include "base/buf.h"
#include "base/digest.h"
#include "base/status.h"

#include <stdbool.h>

struct sasl;

struct sasl_credentials {
	const char *user;     /* borrowed */
	const char *password; /* borrowed; secret */
	const char *nonce;    /* borrowed; for tests: SCRAM's half of it; NULL: random */
	const char *token;    /* borrowed; secret: an OAuth access token */
	const char *host; /* borrowed; the server as it was asked for; NULL: it has no name */
	unsigned port;
	/*
	 * Borrowed: the name and the bytes of the channel binding (RFC 5056), or NULL. SCRAM
	 * without -PLUS then says that we could have used it, and a server whose offer of -PLUS
	 * somebody took away finds out (RFC 5802, 6).
	 */
	const char *binding_type;
	struct slice binding;
};

/* By what a mechanism shows who we are. */
enum sasl_proof {
	SASL_PASSWORD,
	SASL_TOKEN,       /* an OAuth access token; never without TLS */
	SASL_CERTIFICATE, /* the one of the TLS handshake; `auto` never chooses these */
};

/* What `auto` may choose from, and what AUTH's keyword can carry. */
struct sasl_mechanism {
	const char *name;      /* IANA name, upper case: "SCRAM-SHA-256" */
	enum sasl_proof proof; /* by what it shows who we are */
	bool hides_password;   /* `auto` may choose it without TLS */
	bool client_first;     /* has an initial response */
	bool binds;            /* needs a channel binding */
	unsigned rounds;       /* answers it gives; success counts only after the last one */
	/* Implementation: see sasl_mechanism.h. */
	enum digest_kind digest; /* of those that use one */
	int (*step)(struct sasl *s, struct slice challenge, struct buf *response,
		    struct status *st);
	/* Answers a challenge after the last round, see sasl_refused; NULL: none may come. */
	void (*acknowledge)(struct buf *response);
};

/* What there is to choose from. */
struct sasl_wish {
	const char *wanted; /* borrowed: "auto", or a mechanism's name in any case */
	const char *offers; /* borrowed: EHLO's AUTH keyword, a blank between two; any case */
	bool is_protected;  /* by TLS */
	bool has_token;     /* in place of a password */
	bool has_binding;
};

/*
 * Choose a mechanism. `auto` takes the strongest by the contract's order: of those that send a
 * token if there is one, else of those that use a password; without TLS it leaves out those
 * that do not hide it, and CRAM-MD5. A mechanism that is named is taken whenever it is offered
 * and has what it needs: a token TLS, -PLUS a channel binding.
 *
 * Errors: STATUS_NOT_ALLOWED, the sentence says what is offered and what was wanted;
 * STATUS_NOT_SECURE where a token would be sent without TLS.
 */
int sasl_choose(const struct sasl_wish *w, const struct sasl_mechanism **chosen,
		struct status *st);

/* The mechanism called NAME (any case), or NULL. */
const struct sasl_mechanism *sasl_find(const char *name);

/*
 * Begin an exchange; credentials stay the caller's, and what they point to must outlive it.
 * Free with sasl_free (NULL is fine).
 */
struct sasl *sasl_new(const struct sasl_mechanism *m, const struct sasl_credentials *c);
void sasl_free(struct sasl *s);

/*
 * Answer CHALLENGE (decoded; empty for the initial response) into RESPONSE (appended, not
 * encoded; may stay empty). After an error the exchange is over, and RESPONSE is not to be
 * sent.
 *
 * Errors: STATUS_BROKEN_PEER for a challenge that the mechanism does not allow (a wrong server
 * signature, or one challenge too many); STATUS_NOT_ALLOWED for credentials that are missing,
 * that it cannot carry (what SASLprep forbids), or that the server refuses inside the exchange;
 * STATUS_SYSTEM see digest.h.
 */
int sasl_step(struct sasl *s, struct slice challenge, struct buf *response, struct status *st);

/*
 * Was the last challenge no question, but the reason why the server is about to refuse us (RFC
 * 7628, 3.2.2)? It gets its answer all the same, and the reply after it is the refusal.
 */
bool sasl_refused(const struct sasl *s);

/*
 * May the server's success be believed now? Only after all answers were given: one that comes
 * earlier is none, and mutual mechanisms have seen the server's proof before their last.
 */
bool sasl_finished(const struct sasl *s);

#endif
