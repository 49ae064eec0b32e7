/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A whole session, greeting to QUIT, with two recipients, against a server that says what it
 * likes. In the input a line of just C means that the server waits for one more line of ours, a
 * line of just a dot that it waits for the end of DATA; all else is said. The first byte
 * chooses SMTP, LMTP, or a login.
 *
 * It always comes to an end; nobody has the message unless the server said yes to each step up
 * to its end; who has it or not is decided if the session stood; no secret is shown.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "net/stream_mem.h"
#include "smtp/transaction.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MODE_LMTP = 1, MODE_LOGIN = 2, MOST_TRANSACTIONS = 4 };

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

static int talk(struct session *s, struct envelope *e, const struct message *m,
		struct status *st)
{
	bool quit = false;
	int result = 0;
	for (int i = 0; result == 0 && !quit && envelope_undecided(e) != 0; i++) {
		demand(i < MOST_TRANSACTIONS);
		result = transaction_run(s, e, m, &quit, st);
	}
	demand(result != 0 || quit || envelope_undecided(e) == 0);
	return result;
}

static void check(const struct envelope *e, struct slice input, const struct script *peer)
{
	bool yes = says_yes(input);
	for (size_t i = 0; i < e->count; i++) {
		demand(!e->at[i].decided || e->at[i].kind != STATUS_OK || yes);
	}
	struct slice sent = buf_slice(&peer->sent);
	for (size_t lf = slice_find(sent, '\n'); lf < sent.len; lf = slice_find(sent, '\n')) {
		demand(lf != 0 && sent.data[lf - 1] == '\r');
		sent = slice_cut(sent, lf + 1, sent.len);
	}
}

static void run(struct slice input, uint8_t mode)
{
	struct script peer = { .hangs_up = true };
	struct envelope e = { .sender = mem_copy("alice@example.com") };
	struct message m = { 0 };
	struct slice content = slice_of("Subject: x\r\n\r\n.x\r\n");
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
	envelope_add(&e, "bob@example.net");
	envelope_add(&e, "carol@example.net");
	store_init(&m.content);
	demand(store_add(&m.content, content, &st) == 0);
	facts_add(&m.facts, content);
	int result = session_open(&s, stream_mem_new(&peer), &settings, &tap, &st);
	if (result == 0)
		result = talk(&s, &e, &m, &st);
	demand(result == 0 || st.kind != STATUS_OK);
	session_release(&s);
	check(&e, input, &peer);
	script_release(&peer);
	envelope_release(&e);
	store_release(&m.content);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size != 0)
		run(slice_n((const char *)data + 1, size - 1), data[0]);
	return 0;
}
