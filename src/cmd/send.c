/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "cmd/cmd.h"
#include "cmd/context.h"
#include "cmd/outcome.h"
#include "cmd/say.h"

#include <inttypes.h>
#include <sysexits.h>
#include <unistd.h>

static void tell_accepted(const struct context *c, const struct envelope *e)
{
	for (size_t i = 0; i < e->count; i++) {
		const struct recipient *r = &e->at[i];
		if (r->kind == STATUS_OK)
			tap_note(&c->transcript.tap, "accepted for <%s>", r->address);
	}
}

static int send_message(const struct context *c, struct submission *s)
{
	struct delivery_report report;
	struct delivery d = {
		.config = &c->config,
		.account = s->account,
		.envelope = &s->envelope,
		.message = &s->message,
		.home = buf_str(&c->home),
		.tap = &c->transcript.tap,
	};
	deliver(&d, &report);
	tell_accepted(c, &s->envelope);
	outcome_say(&s->envelope);
	outcome_log(s, &report, clock_now() - c->transcript.start);
	return outcome_exit(&s->envelope);
}

/* --dry-run: the envelope, the route, and the header section as it would be sent. */
static int show_message(const struct submission *s)
{
	struct buf out = { 0 }, scratch = { 0 };
	struct slice content, line;
	struct status st;
	buf_addf(&out, "account: %s\nfrom: <%s>\n", s->account->name, s->envelope.sender);
	for (size_t i = 0; i < s->envelope.count; i++)
		buf_addf(&out, "to: <%s>\n", s->envelope.at[i].address);
	for (size_t i = 0; i < s->account->host.count; i++)
		buf_addf(&out, "host: %s\n", s->account->host.at[i]);
	buf_addf(&out, "size: %" PRIu64 "\n\n", s->message.content.size);
	if (store_read(&s->message.content, 0, &scratch, &content, &st) != 0) {
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

static int submit(const struct request *r, const struct context *c)
{
	struct submission s;
	struct status st;
	int code;
	submission_init(&s, r, &c->config);
	if (submission_read(&s, STDIN_FILENO, &st) != 0) {
		outcome_log_failure(&s, &st, clock_now() - c->transcript.start);
		code = say_status(&st);
	} else {
		code = r->dry_run ? show_message(&s) : send_message(c, &s);
	}
	submission_release(&s);
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
		code = say_status(&st);
	else
		code = submit(r, &c);
	context_release(&c);
	return code;
}
