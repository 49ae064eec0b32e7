/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A whole session, greeting to QUIT, with two recipients, against a server that says what it
 * likes. In the input a line of just C means that the server waits for one more line of ours, a
 * line of just a dot that it waits for the end of DATA; all else is said. The first byte
 * chooses SMTP, LMTP, a login, or three messages in place of one.
 *
 * It always comes to an end; nobody has a message unless the server said yes to each step up to
 * its end, for each message anew; who has it or not is decided if the session stood; nobody is
 * sent one message twice; what was not begun is as it was; no secret is shown.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "net/stream_mem.h"
#include "smtp/transaction.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MODE_LMTP = 1, MODE_LOGIN = 2, MODE_COMPANY = 4, MESSAGES = 3, MOST_TRANSACTIONS = 4 };

/* What is sent over one session. */
struct post {
	struct envelope envelopes[MESSAGES];
	struct message messages[MESSAGES];
	size_t count;
	size_t begun;
};

static const char password[] = "tanstaaftanstaaf", encoded[] = "dGFuc3RhYWZ0YW5zdGFhZg==";

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static void write_script(struct slice input, struct script *peer)
{
	struct slice line;
	struct buf text = { 0 };
	while (slice_next(&input, '\n', &line)) {
		buf_reset(&text);
		buf_add_slice(&text, line);
		buf_add_str(&text, "\r\n");
		if (slice_is(line, "C"))
			script_awaits(peer, "\r\n");
		else if (slice_is(line, "."))
			script_awaits(peer, "\r\n.\r\n");
		else
			script_says_n(peer, buf_str(&text), text.len);
	}
	script_ends(peer);
	buf_release(&text);
}

/* Does LINE end a reply whose code begins with CODE? */
static bool is_reply(struct slice line, const char *code)
{
	line = slice_cut(line, 0,
			 line.len != 0 && line.data[line.len - 1] == '\r' ? line.len - 1
									  : line.len);
	return slice_is(slice_cut(line, 0, strlen(code)), code) &&
	       (line.len == 3 || (line.len > 3 && line.data[3] == ' '));
}

/* The replies that there have to be, in this order, before anybody has the message. */
static bool says_yes(struct slice input)
{
	static const char *const steps[] = { "220", "250", "25", "25", "25" };
	struct slice line;
	size_t step = 0;
	while (step < sizeof steps / sizeof *steps && slice_next(&input, '\n', &line))
		step += is_reply(line, steps[step]);
	return step == sizeof steps / sizeof *steps;
}

/* What a server says by itself before the login is no secret that we gave away. */
static void hear(void *context, enum tap_kind kind, struct slice text)
{
	(void)context;
	if (kind == TAP_RECEIVED)
		return;
	demand(memmem(text.data, text.len, password, strlen(password)) == NULL);
	demand(memmem(text.data, text.len, encoded, strlen(encoded)) == NULL);
}

static void prepare(struct post *p, size_t count)
{
	struct status st;
	struct buf content = { 0 };
	for (p->count = 0; p->count < count; p->count++) {
		struct envelope *e = &p->envelopes[p->count];
		struct message *m = &p->messages[p->count];
		e->sender = mem_copy("alice@example.com");
		envelope_add(e, p->count != 1 ? "bob@example.net" : "dave@example.net");
		if (p->count != 1)
			envelope_add(e, "carol@example.net");
		buf_reset(&content);
		buf_addf(&content, "Subject: x\r\n\r\n.mark%zu\r\n", p->count);
		store_init(&m->content);
		demand(store_add(&m->content, buf_slice(&content), &st) == 0);
		facts_add(&m->facts, buf_slice(&content));
	}
	buf_release(&content);
}

static void discard(struct post *p)
{
	for (size_t i = 0; i < p->count; i++) {
		envelope_release(&p->envelopes[i]);
		store_release(&p->messages[i].content);
	}
}

static bool give_next(void *context, const struct session *s, struct envelope **e,
		      struct message *m)
{
	struct post *p = context;
	(void)s;
	if (p->begun == p->count)
		return false;
	*e = &p->envelopes[p->begun];
	*m = p->messages[p->begun];
	return true;
}

static int talk(struct session *s, struct post *p, struct status *st)
{
	const struct company company = { give_next, p };
	bool quit = false;
	int result = 0;
	while (result == 0 && !quit && p->begun < p->count) {
		struct envelope *e = &p->envelopes[p->begun];
		const struct message *m = &p->messages[p->begun++];
		s->stays = p->begun < p->count;
		s->company = s->stays ? &company : NULL;
		for (int i = 0; result == 0 && !quit && envelope_undecided(e) != 0; i++) {
			demand(i < MOST_TRANSACTIONS);
			result = transaction_run(s, e, m, &quit, st);
		}
		demand(result != 0 || quit || envelope_undecided(e) == 0);
	}
	return result;
}

static size_t times(struct slice text, const char *what)
{
	size_t count = 0;
	for (size_t i = 0; i + strlen(what) <= text.len; i++)
		count += memcmp(text.data + i, what, strlen(what)) == 0;
	return count;
}

static size_t yes_replies(struct slice input)
{
	struct slice line;
	size_t count = 0;
	while (slice_next(&input, '\n', &line))
		count += is_reply(line, "25");
	return count;
}

/* One message of several. True if somebody has it. */
static bool check_one(const struct post *p, size_t i, struct slice sent)
{
	const struct envelope *e = &p->envelopes[i];
	char mark[] = "mark0\r\n";
	bool has_it = false;
	mark[4] = (char)(mark[4] + i);
	for (size_t n = 0; n < e->count; n++) {
		has_it = has_it || (e->at[n].decided && e->at[n].kind == STATUS_OK);
		demand(i < p->begun || !e->at[n].decided);
	}
	size_t copies = times(sent, mark);
	demand(copies <= e->count && (copies != 0 || !has_it));
	return has_it;
}

static void check(const struct post *p, struct slice input, struct slice sent)
{
	size_t taken = 0;
	for (size_t i = 0; i < p->count; i++)
		taken += check_one(p, i, sent);
	/* EHLO's, and those to MAIL, to RCPT and to the end. */
	demand(taken == 0 || (says_yes(input) && yes_replies(input) >= 1 + 3 * taken));
	for (size_t lf = slice_find(sent, '\n'); lf < sent.len; lf = slice_find(sent, '\n')) {
		demand(lf != 0 && sent.data[lf - 1] == '\r');
		sent = slice_cut(sent, lf + 1, sent.len);
	}
}

static void run(struct slice input, uint8_t mode)
{
	struct script peer = { .hangs_up = true };
	struct post post = { 0 };
	struct tap tap = { hear, NULL };
	struct session s;
	struct status st;
	struct session_settings settings = { .peer = "mx:25",
					     .hello = "me",
					     .deadline = clock_in(60) };
	settings.lmtp = (mode & MODE_LMTP) != 0;
	settings.auth = (mode & MODE_LOGIN) != 0 ? "login" : NULL;
	settings.user = "tim";
	settings.password = password;
	write_script(input, &peer);
	prepare(&post, (mode & MODE_COMPANY) != 0 ? MESSAGES : 1);
	int result = session_open(&s, stream_mem_new(&peer), &settings, &tap, &st);
	if (result == 0)
		result = talk(&s, &post, &st);
	demand(result == 0 || (st.kind != STATUS_OK && st.kind != STATUS_SYSTEM));
	session_release(&s);
	check(&post, input, buf_slice(&peer.sent));
	discard(&post);
	script_release(&peer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size != 0)
		run(slice_n((const char *)data + 1, size - 1), data[0]);
	return 0;
}
