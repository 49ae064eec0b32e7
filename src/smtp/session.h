/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * session - one connection to a server, from its greeting to where mail may flow
 *
 * Straight-line code: greeting, EHLO (HELO where the server is that old), STARTTLS, EHLO again,
 * AUTH. Whatever fails here is the fault of the hop, not of the message, so nothing here is
 * final.
 *
 * Nothing is sent in the clear that the settings ask to protect, whatever the server says, and
 * no reply counts that was there before its command was sent.
 */
#ifndef SMTP_SESSION_H
#define SMTP_SESSION_H

#include "base/buf.h"
#include "base/status.h"
#include "net/stream.h"
#include "net/tap.h"
#include "net/tls.h"
#include "smtp/capability.h"
#include "smtp/command.h"
#include "smtp/reply.h"

#include <stdbool.h>
#include <stdint.h>

enum session_tls {
	SESSION_PLAIN,         /* no TLS */
	SESSION_STARTTLS,      /* upgrade, or fail */
	SESSION_OPPORTUNISTIC, /* upgrade where offered; a refusal means going on in the clear
				*/
	SESSION_IMPLICIT,      /* TLS before the first byte of SMTP */
};

struct session_settings {
	const char *peer; /* borrowed: "host:port", for sentences */
	const char *host; /* borrowed: the host's name as it was asked for; NULL: none */
	uint16_t port;
	const char *hello; /* borrowed: our name for EHLO */
	bool lmtp;         /* LHLO, and a reply per recipient after the data (RFC 2033) */
	enum session_tls tls;
	struct tls_settings tls_settings;
	const char *auth;     /* borrowed: "auto" or a mechanism; NULL: do not log in */
	const char *user;     /* borrowed */
	const char *password; /* borrowed; secret */
	const char *token;    /* borrowed; secret: OAuth's, in place of the password; or NULL */
	int64_t timeout;      /* seconds for each reply; 0: RFC 5321's */
	int64_t deadline;     /* of the whole session, clock_now() terms */
};

struct company;
struct transaction;

struct session {
	const struct session_settings *settings; /* borrowed */
	const struct tap *tap;                   /* borrowed; may be NULL */
	struct stream *stream;                   /* owned */
	struct capabilities caps;
	struct reply reply;            /* the last one */
	uint64_t mails;                /* transactions begun */
	bool stays;                    /* set by the owner: there will be other messages */
	const struct company *company; /* borrowed; set by the owner: who has them; or NULL */
	struct transaction *ahead;     /* owned: begun for the next one of them; or NULL */
	bool is_protected;             /* TLS stands */
	struct tls_facts tls;          /* if so */
	const char *mechanism;         /* that AUTH used; NULL without AUTH */
	struct strings secrets;        /* owned: what redact() hides in replies */
};

/*
 * Bring STREAM (taken in any case) to where MAIL may be sent. SETTINGS and TAP must outlive the
 * session. On failure: the status has its stage and peer; release the session all the same.
 */
int session_open(struct session *s, struct stream *stream,
		 const struct session_settings *settings, const struct tap *tap,
		 struct status *st);

/* Has it had as many transactions as the server allows in one session (RFC 9422)? One that has
 * begun is not refused any more. */
static inline bool session_is_full(const struct session *s)
{
	return s->ahead == NULL && s->caps.limit_mail != 0 && s->mails >= s->caps.limit_mail;
}

/* Say QUIT without waiting for the answer, if the connection still stands and no transaction
 * has begun; then close it. */
void session_quit(struct session *s);
/* Close the connection at once. */
void session_release(struct session *s);

/*
 * For transactions. Put LINE and CRLF into the next flight, and show it to the tap.
 */
void session_put(struct session *s, const char *line);
/* Fails with STATUS_BROKEN_PEER if the server speaks although no reply is outstanding. */
int session_expect_silence(struct session *s, enum command next, struct status *st);
/* Send what was put. The deadline is that of command C. */
int session_flush(struct session *s, enum command c, struct status *st);
/* Put a piece of the message into the next flight, or send both now if that grows large. */
int session_content(struct session *s, struct slice piece, struct status *st);
/* Read the reply to command C into s->reply. */
int session_receive(struct session *s, enum command c, struct status *st);
/*
 * Fill ST from s->reply, the answer to LINE ("RCPT TO:<x>") which command C was: kind by class,
 * code and stage, codes, words, hint, stage and peer. A reply that has no place there is
 * STATUS_BROKEN_PEER. Returns -1.
 */
int session_answer(const struct session *s, enum command c, const char *line,
		   struct status *st);
/* The same for a reply that must not be there, whatever it says. */
int session_unexpected(const struct session *s, enum command c, struct status *st);
/* Complete ST, which came from the stream while C was under way: stage, peer, what was awaited.
 * Returns -1. */
int session_failed(const struct session *s, enum command c, struct status *st);

#endif
