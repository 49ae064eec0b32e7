/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "cmd/cmd.h"
#include "cmd/context.h"
#include "cmd/hand_over.h"
#include "cmd/outcome.h"
#include "cmd/queue_run.h"
#include "cmd/say.h"
#include "cmd/sending.h"

#include <inttypes.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* --dry-run: the envelope, the route, and the header section as it would be sent. */
static int show_message(const struct submission *s)
{
	struct buf out = { 0 }, scratch = { 0 };
	const struct envelope *e = &s->entry.envelope;
	const struct store *stored = &s->entry.message.content;
	struct slice content, line;
	struct status st;
	buf_addf(&out, "account: %s\nfrom: <%s>\n", s->account->name, e->sender);
	for (size_t i = 0; i < e->count; i++)
		buf_addf(&out, "to: <%s>\n", e->at[i].address);
	for (size_t i = 0; i < s->account->host.count; i++)
		buf_addf(&out, "host: %s\n", s->account->host.at[i]);
	buf_addf(&out, "size: %" PRIu64 "\n\n", stored->size);
	if (store_read(stored, 0, &scratch, &content, &st) != 0) {
		buf_release(&out);
		buf_release(&scratch);
		return say_status(&st);
	}
	while (slice_next(&content, '\n', &line) && slice_trim(line).len != 0) {
		text_printable(&out, slice_cut(line, 0, line.len - 1), line.len);
		buf_add_char(&out, '\n');
	}
	buf_release(&scratch);
	return say_output(&out);
}

static void log_failure(const struct submission *s, const struct context *c,
			const struct status *st)
{
	const struct outcome o = {
		.settings = s->account != NULL ? s->account : &c->config.defaults,
		.account = s->account != NULL ? s->account->name : NULL,
		.entry = &s->entry,
		.failure = st,
		.took = clock_now() - c->transcript.start,
	};
	outcome_log(&o);
}

/* What keeps it out of the queue; but where nobody was tried, it is what is said of them
 * anyway.
 */
static void say_trouble(const struct sending *s)
{
	const struct envelope *e = &s->submission.entry.envelope;
	for (size_t i = 0; i < e->count; i++) {
		if (e->at[i].reply != NULL && strcmp(e->at[i].reply, s->trouble.text) == 0)
			return;
	}
	if (s->trouble.kind != STATUS_OK)
		say_status(&s->trouble);
}

static int submit(const struct request *r, const struct context *c)
{
	struct sending sending;
	struct submission *s = &sending.submission;
	struct status st;
	int code;
	sending_init(&sending, r, c);
	if (submission_read(s, STDIN_FILENO, &st) != 0) {
		log_failure(s, c, &st);
		code = say_status(&st);
	} else if (r->dry_run) {
		code = show_message(s);
	} else {
		sending_finish(&sending);
		say_trouble(&sending);
		outcome_say(&s->entry.envelope);
		code = outcome_exit(&s->entry.envelope);
		sending_go_on(&sending);
	}
	sending_release(&sending);
	return code;
}

int cmd_send(const struct request *r)
{
	struct context c;
	struct status st;
	int code;
	if (!r->header_recipients && r->recipients.count == 0) {
		status_set(&st, STATUS_BAD_USAGE, "no recipient: name one, or use -t");
		return say_status(&st);
	}
	if (context_init(&c, r, &st) != 0)
		code = hand_over(r, &c.config, &st);
	else
		code = submit(r, &c);
	context_release(&c);
	return code;
}
