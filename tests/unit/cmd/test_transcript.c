/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/transcript.h"

#include "cmd/stderr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void show(bool is_shown, bool as_json, struct buf *out)
{
	struct transcript t;
	struct stderr_catch c;
	transcript_init(&t, is_shown, as_json);
	stderr_begin(&c);
	tap_note(&t.tap, "connecting to %s", "mx");
	tap_line(&t.tap, TAP_SENT, slice_of("EHLO me"));
	tap_line(&t.tap, TAP_RECEIVED, slice_n("250 \x1b[2J\0\"x\"", 12));
	stderr_end(&c, out);
}

/* Without the time, which begins every line. */
static void drop_times(struct buf *out)
{
	struct buf clean = { 0 };
	struct slice rest = buf_slice(out), line;
	while (slice_next(&rest, '\n', &line)) {
		size_t digits = strspn(line.data, "0123456789.");
		assert_true(line.len == 0 || digits >= 5);
		buf_add_slice(&clean, slice_cut(line, digits, line.len));
	}
	buf_release(out);
	*out = clean;
}

static void events_are_lines(void **state)
{
	(void)state;
	struct buf out = { 0 };
	show(true, false, &out);
	drop_times(&out);
	assert_string_equal(buf_str(&out), " * connecting to mx > EHLO me < 250 ?[2J?\"x\"");
	buf_release(&out);
}

static void events_are_objects(void **state)
{
	(void)state;
	struct buf out = { 0 };
	show(true, true, &out);
	assert_non_null(
		strstr(buf_str(&out),
		       "\"event\":\"note\",\"text\":\"connecting to mx\"}\n{\"time\":\""));
	assert_non_null(strstr(buf_str(&out), "\"event\":\"sent\",\"text\":\"EHLO me\"}\n"));
	assert_non_null(strstr(buf_str(&out),
			       "\"event\":\"received\",\"text\":\"250 ?[2J?\\\"x\\\"\"}\n"));
	buf_release(&out);
}

static void nobody_has_to_listen(void **state)
{
	(void)state;
	struct buf out = { 0 };
	show(false, false, &out);
	assert_int_equal(out.len, 0);
	tap_note(NULL, "%s", "x");
	tap_line(NULL, TAP_SENT, slice_of("x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_lines),
		cmocka_unit_test(events_are_objects),
		cmocka_unit_test(nobody_has_to_listen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
