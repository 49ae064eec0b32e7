/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/rewrite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct header parse(const char *section)
{
	struct header h = { 0 };
	struct status st;
	assert_int_equal(header_parse(&h, slice_of(section), &st), 0);
	return h;
}

static void check_text(const struct header *h, const char *expected)
{
	struct buf out = { 0 };
	header_write(h, &out);
	assert_string_equal(buf_str(&out), expected);
	buf_release(&out);
}

static bool find_root(const void *context, const struct mailbox *m, struct buf *out)
{
	bool found = strcmp(m->local, "root") == 0;
	if (found)
		buf_add_str(out, context);
	return found;
}

static void other_addresses(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "From: root\r\n", "From: a@x.test\r\n" },
		{ "From: root (Cron Daemon)\r\n", "From: a@x.test (Cron Daemon)\r\n" },
		{ "From: \"The root\"\r\n <root@host.test>\r\n",
		  "From: \"The root\"\r\n <a@x.test>\r\n" },
		{ "From: bob, root, Root <root>\r\n",
		  "From: bob, a@x.test, Root <a@x.test>\r\n" },
		{ "From:root\r\n", "From:a@x.test\r\n" },
		{ "From:   bob  \r\n", "From:   bob  \r\n" },
		{ "From: root root root\r\n", "From: root root root\r\n" },
		{ "From:\r\n", "From:\r\n" },
	};
	const struct renaming r = { find_root, "a@x.test" };
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct header h = parse(cases[i].in);
		print_message("%s", cases[i].in);
		rewrite_renamed(&h.at[0], &r);
		check_text(&h, cases[i].out);
		header_release(&h);
	}
}

static void from_fields(void **state)
{
	static const struct {
		enum from_rule rule;
		bool keep;
		const char *in, *out; /* NULL: as it came in */
	} cases[] = {
		{ FROM_STAYS, true, "From: root\r\n", NULL },
		{ FROM_MISSING, false, "From: Cron <root>\r\n",
		  "From: Cron <me@own.test>\r\n" },
		{ FROM_MISSING, false, "From: a@box.lan.test\r\n", "From: me@own.test\r\n" },
		{ FROM_MISSING, false, "From: a@BOX (A)\r\n", "From: me@own.test (A)\r\n" },
		{ FROM_MISSING, false, "From: a@localhost\r\n", "From: me@own.test\r\n" },
		{ FROM_MISSING, false, "From: a@LocalHost.localdomain\r\n",
		  "From: me@own.test\r\n" },
		{ FROM_MISSING, false, "From: a@x.test\r\n", NULL },
		{ FROM_MISSING, false, "From: a@box.other.test\r\n", NULL },
		{ FROM_MISSING, false, "From: a, b\r\n", NULL },
		{ FROM_MISSING, false, "From: \r\n", "" },
		{ FROM_MISSING, false, "From: a b c\r\n", NULL },
		{ FROM_MISSING, true, "From: R <root>\r\nTo: x\r\n",
		  "From: R <me@own.test>\r\nReply-To: R <root>\r\nTo: x\r\n" },
		{ FROM_ALWAYS, false, "From: \"A, B\" <a@x.test> (c)\r\n",
		  "From: \"A, B\" <me@own.test> (c)\r\n" },
		{ FROM_ALWAYS, true, "From:\tA <a@x.test>\r\n",
		  "From:\tA <me@own.test>\r\nReply-To: A <a@x.test>\r\n" },
		{ FROM_ALWAYS, true, "From: a@x.test\r\nReply-To: b@x.test\r\n",
		  "From: me@own.test\r\nReply-To: b@x.test\r\n" },
		{ FROM_ALWAYS, true, "From: Me <me@OWN.test>\r\n", NULL },
		{ FROM_ALWAYS, true, "From: A <a@x.test>, b@x.test\r\n",
		  "From: A <me@own.test>\r\nReply-To: A <a@x.test>, b@x.test\r\n" },
		{ FROM_ALWAYS, false, "From: a@x.test, b@x.test\r\n", "From: me@own.test\r\n" },
		{ FROM_ALWAYS, true, "From: a b c\r\nTo: x\r\n", "To: x\r\n" },
		{ FROM_ALWAYS, true, "Resent-From: a@x.test\r\n",
		  "Resent-From: me@own.test\r\n" },
		{ FROM_ALWAYS, true, "Resent-From: a b c\r\n", NULL },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct from_rewrite r = { cases[i].rule, "me@own.test", "box.lan.test",
						cases[i].keep };
		struct header h = parse(cases[i].in);
		print_message("%s", cases[i].in);
		rewrite_from(&h, 0, &r);
		check_text(&h, cases[i].out != NULL ? cases[i].out : cases[i].in);
		header_release(&h);
	}
}

static void without_an_address_nothing_happens(void **state)
{
	struct header h = parse("From: root\r\n");
	(void)state;
	rewrite_from(&h, 0, &(struct from_rewrite){ FROM_ALWAYS, "", "box", true });
	rewrite_from(&h, 0, &(struct from_rewrite){ FROM_ALWAYS, NULL, "box", true });
	check_text(&h, "From: root\r\n");
	header_release(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_addresses),
		cmocka_unit_test(from_fields),
		cmocka_unit_test(without_an_address_nothing_happens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
