/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * desk - an owner of server sessions for tests: it writes down what the handler is asked, and
 * can refuse
 *
 * The log has an entry for each event, with "|" behind it: "mail a@x", "rcpt b@x", "begin",
 * "end" with the content, "reset". What breaks the handler's contract makes `broken` true.
 */
#ifndef TEST_DESK_H
#define TEST_DESK_H

#include "smtp/server.h"

struct desk {
	struct server_settings settings;
	struct server_handler handler;
	struct server server;
	struct buf log, content;
	struct buf accepted;    /* the contents of all messages that were */
	const char *refuses;    /* borrowed: an entry of the log that is refused; "content" */
	struct status refusal;  /* with this */
	size_t messages;        /* accepted */
	bool open, begun, over; /* where in a transaction we are */
	bool broken;
};

void desk_init(struct desk *d);
void desk_release(struct desk *d);
/* Feed IN in pieces of STEP bytes. */
void desk_feed(struct desk *d, struct slice in, size_t step);
/* The codes of the replies so far, "250 354 550"; "?" for what is no reply. The caller frees
 * them. */
char *desk_codes(const struct desk *d);

#endif
