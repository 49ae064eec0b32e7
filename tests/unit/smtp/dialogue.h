/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dialogue - for tests: a session, and the transactions of one message or of several, against a
 * server whose words are written down
 *
 *     S: 220 ready      a line of the server
 *     S~ 220 re         part of one
 *     S! 250 taken      the last line of a reply that says who has the message
 *     C: EHLO me        a line of ours; the server waits for all of ours before it goes on
 *     C+ .              one that leaves in a flight after the one before it
 *     C~ AUTH X         one that begins so
 *     C# 1000           so many octets of the content
 *
 * At the end of the text, and where we wait for what never comes, the server closes the
 * connection: no test waits.
 *
 * Life: set the fields, run, look, release. After release the settings stand, and it can run
 * again.
 */
#ifndef TEST_DIALOGUE_H
#define TEST_DIALOGUE_H

#include "base/buf.h"
#include "base/status.h"
#include "message/envelope.h"
#include "smtp/session.h"

#include "net/stream_mem.h"

#include <stdbool.h>
#include <stddef.h>

/* So many messages may follow on the first. */
#define DIALOGUE_COMPANY 5

struct dialogue {
	/* To be set; what is left out has a value that fits. */
	const char *text;
	struct session_settings settings;
	const char
		*recipients; /* blanks between; NULL: bob@example.net; "": the session alone */
	const char *company; /* the recipients of further messages, as in `recipients`, with '|'
				between messages; NULL: there are none */
	const char *content; /* canonical; NULL: "Subject: hi\r\n\r\nhello\r\n" */

	/* What goes wrong. */
	size_t replaced; /* this reply, counted from 1, ... */
	const char
		*replacement; /* ... is this one: its lines, LF between them, or "" for none */
	bool is_cut;          /* the server says server_cut bytes, then it closes */
	size_t server_cut;
	size_t split; /* the server's byte at this place comes late; 0: none does */
	size_t read_max;
	size_t write_max;
	bool write_delays;  /* every other write has to wait, and may hear the server meanwhile
			     */
	size_t missing;     /* octets of the content that the store says it has, and has not */
	bool client_breaks; /* after client_cut bytes of ours EPIPE comes back */
	size_t client_cut;

	/* What happened. */
	int result;
	struct status st; /* if the result is -1 */
	struct envelope envelope;
	struct envelope others[DIALOGUE_COMPANY]; /* of the company */
	size_t count;                             /* of those */
	size_t at;                                /* messages begun */
	struct script peer;
	struct buf shown; /* what the tap heard, a line each: "> EHLO me.example" */
	const char *mechanism;
	size_t transactions;
	size_t server_len; /* bytes that the server says if nothing goes wrong */
	size_t yes_said;   /* S! replies that the server could say completely */
	size_t client_len; /* bytes of ours before the first S! reply */
};

void dialogue_run(struct dialogue *d);
void dialogue_release(struct dialogue *d);

/* All that we sent is what the text has, byte for byte; and in as many flights, unless there is
 * a C# in it. */
void dialogue_expect_sent(const struct dialogue *d);

/* What became of each recipient, "sent no-user -": status_label, or "-" if it is not decided;
 * '|' stands between messages. Valid until the next call. */
const char *dialogue_fates(const struct dialogue *d);
void dialogue_expect_fates(const struct dialogue *d, const char *fates);

/* How many have the first message? */
size_t dialogue_sent(const struct dialogue *d);

/*
 * What holds however badly the server behaves: nobody has the message unless the server said so
 * after all of it, who does not have it has words that say why, a failure has its stage and
 * peer, and every line of ours ends in CRLF.
 */
void dialogue_expect_sound(const struct dialogue *d);

#endif
