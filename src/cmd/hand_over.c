/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/hand_over.h"

#include "base/input.h"
#include "base/mem.h"
#include "base/output.h"
#include "cmd/say.h"
#include "delivery/handing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

enum { PIECE = 256 * 1024 };

/* What only a config of one's own can do is not the service's. */
static bool is_for_service(const struct request *r, const struct config *c,
			   const struct status *why)
{
	bool unreadable = why->sys == EACCES && c->source == CONFIG_SYSTEM;
	return why->kind == STATUS_BAD_CONFIG && (unreadable || why->sys == ENOENT) &&
	       r->config_file == NULL && r->override_count == 0 && !r->dry_run;
}

bool hand_over_fits(const struct request *r, const struct config *c, const struct status *why)
{
	return is_for_service(r, c, why) && handing_is_possible(r);
}

/* A terminal gives whole lines; one that is a lone dot ends the message. */
static bool is_end(struct slice line, bool *at_start)
{
	bool end = *at_start && slice_is(line, ".\n");
	*at_start = line.len != 0 && line.data[line.len - 1] == '\n';
	return end;
}

static int read_message(struct handing *h, char *piece, struct status *st)
{
	bool dots = isatty(STDIN_FILENO) == 1 && !h->request->dot_is_data;
	bool at_start = true;
	for (;;) {
		ssize_t n = input_read(STDIN_FILENO, piece, PIECE);
		if (n < 0)
			return status_sys(st, STATUS_DISK, errno, "cannot read the message");
		struct slice bytes = slice_n(piece, (size_t)n);
		if (n == 0 || (dots && is_end(bytes, &at_start)))
			return 0;
		if (handing_feed(h, bytes, st) != 0)
			return -1;
	}
}

static int print(void *context, struct slice piece, struct status *st)
{
	(void)context;
	if (output_write(STDOUT_FILENO, piece))
		return 0;
	return status_sys(st, STATUS_DISK, errno, "cannot write to standard output");
}

static int say_reply(const struct handing *h, const struct handoff_reply *reply)
{
	char line[128];
	if (reply->st.kind != STATUS_OK && reply->st.kind != STATUS_QUEUED)
		return say_status(&reply->st);
	if (h->request->verbose && reply->id.text[0] != '\0') {
		snprintf(line, sizeof line, "%s as %s",
			 h->dropped ? "the service is not running: left for it" : "queued",
			 reply->id.text);
		say_line(NULL, line);
	} else if (h->request->verbose && reply->st.text[0] != '\0') {
		say_line(NULL, reply->st.text);
	}
	return EX_OK;
}

int hand_over_say(const struct status *why)
{
	struct status st = *why;
	if (st.sys == EACCES)
		status_hint(&st, "the service, which can read it, is not running: see "
				 "'postrider -bD'");
	return say_status(&st);
}

int hand_over(const struct request *r, const struct config *c, const struct status *why)
{
	struct handing h;
	struct handoff_reply reply;
	struct status st;
	int result = 0;
	if (!hand_over_fits(r, c, why))
		return is_for_service(r, c, why) ? hand_over_say(why) : say_status(why);
	handing_init(&h, r);
	h.print = print;
	if (r->mode == MODE_SEND) {
		char *piece = mem_alloc(PIECE);
		result = read_message(&h, piece, &st);
		free(piece);
	}
	if (result == 0)
		result = handing_finish(&h, &reply, &st);
	int code;
	if (result == 0)
		code = say_reply(&h, &reply);
	else
		code = st.sys == ENOENT ? hand_over_say(why) : say_status(&st);
	handing_release(&h);
	return code;
}
