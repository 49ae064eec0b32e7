/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/status.h"

#include "base/utf8.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sysexits.h>

#include <cmocka.h>

static const struct {
	const char *raw, *shown;
} printables[] = {
	{ "", "" },
	{ "plain text", "plain text" },
	{ "tab\there", "tab here" },
	{ "a\r\nb\x1b[2J\x7f", "a??b?[2J?" },
	{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
	{ "\xe2\x82\xac\xf0\x9f\x98\x80", "\xe2\x82\xac\xf0\x9f\x98\x80" },
	{ "\xff\xfe\x80", "???" },
	{ "cut \xc3", "cut ?" },
	{ "c1 \xc2\x85 end", "c1 ?? end" },
	{ "overlong \xc0\xaf \xe0\x80\xaf", "overlong ?? ???" },
	{ "surrogate \xed\xa0\x80", "surrogate ???" },
};

static void everything_is_made_visible(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof printables / sizeof *printables; i++) {
		struct buf out = { 0 };
		text_printable(&out, slice_of(printables[i].raw), 1000);
		assert_string_equal(buf_str(&out), printables[i].shown);
		buf_release(&out);
	}
}

static bool ends_in_dots(struct slice s, size_t count)
{
	return slice_is(slice_cut(s, s.len - count, s.len), count == 3   ? "..."
							    : count == 2 ? ".."
							    : count      ? "."
									 : "");
}

/* Whole if it fits; else within the limit, whole characters, and three dots where there is room
 * for them. */
static void expect_limited(const char *raw, const char *whole, size_t limit)
{
	struct buf out = { 0 };
	buf_add_str(&out, "> ");
	text_printable(&out, slice_of(raw), limit);
	struct slice shown = slice_cut(buf_slice(&out), 2, out.len);
	assert_true(shown.len <= limit && utf8_valid(shown));
	if (strlen(whole) <= limit) {
		assert_true(slice_is(shown, whole));
	} else {
		size_t dots = limit < 3 ? limit : 3;
		assert_true(ends_in_dots(shown, dots));
		assert_memory_equal(shown.data, whole, shown.len - dots);
		assert_true(shown.len + 4 > limit);
	}
	buf_release(&out);
}

static void every_limit_holds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof printables / sizeof *printables; i++) {
		for (size_t limit = 0; limit < 40; limit++)
			expect_limited(printables[i].raw, printables[i].shown, limit);
	}
}

static void a_status_says_what_failed(void **state)
{
	(void)state;
	struct status st;
	memset(&st, 'x', sizeof st);
	assert_int_equal(status_set(&st, STATUS_REJECTED, "cannot %s\n'%s'", "do", "\x1b[1m"),
			 -1);
	assert_string_equal(st.text, "cannot do?'?[1m'");
	assert_int_equal(st.kind, STATUS_REJECTED);
	assert_true(st.stage == STAGE_NONE && st.code == 0 && st.sys == 0 &&
		    st.enhanced[0] == 0);
	assert_true(st.peer[0] == '\0' && st.hint[0] == '\0');
	assert_int_equal(status_hint(&st, "try %d", 2), -1);
	assert_string_equal(st.hint, "try 2");
	assert_string_equal(st.text, "cannot do?'?[1m'");
	assert_int_equal(status_sys(&st, STATUS_DISK, ENOENT, "cannot open '%s'", "x"), -1);
	assert_string_equal(st.text, "cannot open 'x': No such file or directory");
	assert_int_equal(st.sys, ENOENT);
	assert_string_equal(st.hint, "");
}

static void a_long_sentence_is_cut(void **state)
{
	(void)state;
	struct status st;
	struct buf text = { 0 };
	for (size_t len = 0; len < 600; len++) {
		status_set(&st, STATUS_SYSTEM, "%s", buf_str(&text));
		status_hint(&st, "%s", buf_str(&text));
		assert_int_equal(strlen(st.text), len < 511 ? len : 511);
		assert_int_equal(strlen(st.hint), len < 255 ? len : 255);
		assert_true(len < 512 || strcmp(st.text + 508, "...") == 0);
		status_sys(&st, STATUS_SYSTEM, EIO, "%s", buf_str(&text));
		assert_true(strlen(st.text) <= 511);
		buf_add_char(&text, 'x');
	}
	buf_release(&text);
}

static const struct {
	enum status_kind kind;
	const char *label;
	int exit;
	const char *enhanced;
	bool again;
} kinds[] = {
	{ STATUS_OK, "sent", EX_OK, "2.0.0", false },
	{ STATUS_QUEUED, "queued", EX_OK, "2.0.0", false },
	{ STATUS_TEMPORARY, "temporary", EX_TEMPFAIL, "4.4.0", true },
	{ STATUS_MAYBE_SENT, "maybe-sent", EX_TEMPFAIL, "4.4.2", true },
	{ STATUS_REJECTED, "rejected", EX_UNAVAILABLE, "5.0.0", false },
	{ STATUS_NO_USER, "no-user", EX_NOUSER, "5.1.1", false },
	{ STATUS_NO_HOST, "no-host", EX_NOHOST, "5.1.2", false },
	{ STATUS_BAD_MESSAGE, "bad-message", EX_DATAERR, "5.6.0", false },
	{ STATUS_BAD_USAGE, "bad-usage", EX_USAGE, "5.5.4", false },
	{ STATUS_BAD_CONFIG, "bad-config", EX_CONFIG, "4.3.5", true },
	{ STATUS_NOT_SECURE, "not-secure", EX_NOPERM, "4.7.5", true },
	{ STATUS_NOT_ALLOWED, "not-allowed", EX_NOPERM, "4.7.8", true },
	{ STATUS_BROKEN_PEER, "broken-peer", EX_PROTOCOL, "4.5.0", true },
	{ STATUS_SYSTEM, "system", EX_OSERR, "4.3.0", true },
	{ STATUS_DISK, "disk", EX_IOERR, "4.3.0", true },
};

static void each_kind_has_its_row(void **state)
{
	(void)state;
	assert_int_equal(sizeof kinds / sizeof *kinds, STATUS_KINDS);
	for (size_t i = 0; i < STATUS_KINDS; i++) {
		struct status st = { .kind = kinds[i].kind };
		struct buf enhanced = { 0 };
		assert_int_equal(kinds[i].kind, i);
		assert_string_equal(status_label(st.kind), kinds[i].label);
		assert_int_equal(status_exit(st.kind), kinds[i].exit);
		assert_int_equal(status_again(st.kind), kinds[i].again);
		status_enhanced(&st, &enhanced);
		assert_string_equal(buf_str(&enhanced), kinds[i].enhanced);
		/* Final is what begins with 5, and nothing else (RFC 3463, 2). */
		assert_true((kinds[i].enhanced[0] == '4') == kinds[i].again);
		buf_release(&enhanced);
	}
}

static void an_enhanced_code_of_its_own_counts(void **state)
{
	(void)state;
	struct status st = { .kind = STATUS_REJECTED, .enhanced = { 5, 7, 999 } };
	struct buf enhanced = { 0 };
	status_enhanced(&st, &enhanced);
	assert_string_equal(buf_str(&enhanced), "5.7.999");
	buf_release(&enhanced);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_made_visible),
		cmocka_unit_test(every_limit_holds),
		cmocka_unit_test(a_status_says_what_failed),
		cmocka_unit_test(a_long_sentence_is_cut),
		cmocka_unit_test(each_kind_has_its_row),
		cmocka_unit_test(an_enhanced_code_of_its_own_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
