/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * server - the other side of the dialogue: commands in, replies out (RFC 5321, 4)
 *
 * An engine without I/O and without a clock. Whoever owns the session feeds it what arrives, in
 * pieces of any size, sends what it puts into `out`, and gives it a handler, which knows what
 * addresses are good for and where messages go. The replies do not depend on how the input was
 * cut, and all those to a pipelined group are in `out`, in order, when server_feed returns.
 *
 * It is kind to those who call -bs: HELO is optional, a path may come without its < >, a lone
 * LF ends a command, and a second MAIL begins a new transaction. It is strict where somebody
 * could be made to see another message than we do: what ends the content (server_data.h), and
 * what an address may hold (message/path.h).
 *
 * Memory: a line of SERVER_MAX_LINE, and the replies to one piece. Content passes through.
 */
#ifndef SMTP_SERVER_H
#define SMTP_SERVER_H

#include "base/buf.h"
#include "base/status.h"
#include "smtp/server_data.h"
#include "smtp/server_parameters.h"

#include <stdbool.h>
#include <stdint.h>

/* Octets of a command with its line end: RFC 5321, 4.5.3.1.4; MAIL and RCPT have parameters. */
#define SERVER_LINE     512
#define SERVER_MAX_LINE 4096
/* Who sends a longer one than this never meant to end it. */
#define SERVER_ENDLESS (64 * 1024)
/* So many bad commands without an accepted message between them end the session. */
#define SERVER_MAX_BAD 20

struct server_settings {
	const char *name;      /* borrowed: what we call ourselves */
	uint64_t max_size;     /* octets of content; 0: no limit */
	size_t max_recipients; /* of one message; 0: no limit */
	bool dsn;              /* offer DSN (RFC 3461): the handler honours those parameters */
};

/*
 * What the owner does when something comes in. Each returns 0, or -1 with ST, which becomes the
 * reply (server_reply.h); pointers in what they get are lent for the call.
 *
 * A transaction begins with a mail() that returns 0, and each of these is followed by exactly
 * one reset(), whether the message was taken, refused, or given up.
 */
struct server_handler {
	void *context; /* borrowed: handed to all of them */
	int (*mail)(void *context, const struct server_mail *mail, struct status *st);
	int (*rcpt)(void *context, const struct server_rcpt *rcpt, struct status *st);
	/* DATA, with at least one recipient; a refusal leaves the transaction as it is. */
	int (*begin)(void *context, struct status *st);
	/*
	 * A piece of the content, not empty, stuffed dots removed, line ends as they came.
	 * After a refusal the transaction is over, and the client learns it at the end of the
	 * content.
	 */
	int (*content)(void *context, struct slice piece, struct status *st);
	/*
	 * The end of the content; 0 takes responsibility for the message. REPLY may get the
	 * text behind "250 "; no code is put before it, since Symfony finds the identifier in
	 * "250 Ok: queued as ID" and nowhere else.
	 */
	int (*end)(void *context, struct buf *reply, struct status *st);
	void (*reset)(void *context); /* the transaction is over: forget it */
};

struct server {
	struct buf out;   /* replies: to be sent and emptied by the owner */
	bool closed;      /* send `out` and close; nothing is read any more */
	struct buf hello; /* what the client called itself, printable; empty if it did not */
	bool extended;    /* it said EHLO */
	/* private: */
	const struct server_settings *settings; /* borrowed */
	const struct server_handler *handler;   /* borrowed */
	struct buf line;                        /* the beginning of a command that is cut */
	size_t line_len;                        /* its octets, also those not kept */
	bool bare_lf;                           /* no CR before the LF of the present command */
	size_t bad;                             /* bad commands */
	bool in_transaction;                    /* MAIL was accepted */
	bool smtputf8;                          /* with that parameter */
	size_t recipients;                      /* accepted */
	bool in_data;                           /* between 354 and the end of the content */
	struct server_data data;
	uint64_t size;         /* content so far */
	bool refused;          /* the content was, and the rest of it is skipped */
	struct status refusal; /* then: why */
};

/* SETTINGS and HANDLER have to outlive S. */
void server_init(struct server *s, const struct server_settings *settings,
		 const struct server_handler *handler);
/* Gives up a transaction that is still open. */
void server_release(struct server *s);

/* The greeting, once at the beginning. */
void server_greet(struct server *s);
/* Take in all of BYTES; what follows upon the end of the session is ignored. */
void server_feed(struct server *s, struct slice bytes);

/*
 * The session is over because the client is gone, because it was silent for too long (RFC 5321,
 * 4.5.3.2.7: 421), or because we stop (421). False if that cut a message off between DATA and
 * its end: nothing of it was taken. A cut command does not count, it is ignored.
 */
bool server_eof(struct server *s);
bool server_timeout(struct server *s);
bool server_stop(struct server *s);

#endif
