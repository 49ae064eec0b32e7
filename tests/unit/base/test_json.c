/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void strings(void **state)
{
	static const struct {
		const char *name;
		struct slice value;
		const char *expected;
	} cases[] = {
		{ "empty", { "", 0 }, "\"\"" },
		{ "plain", { "abc", 3 }, "\"abc\"" },
		{ "quote and backslash", { "a\"b\\c", 5 }, "\"a\\\"b\\\\c\"" },
		{ "letters", { "\b\f\n\r\t", 5 }, "\"\\b\\f\\n\\r\\t\"" },
		{ "NUL", { "a\0b", 3 }, "\"a\\u0000b\"" },
		{ "escape and DEL", { "\x1b\x7f", 2 }, "\"\\u001b\\u007f\"" },
		{ "UTF-8", { "\xc3\xa9\xf0\x9f\x93\xa7", 6 }, "\"\xc3\xa9\xf0\x9f\x93\xa7\"" },
		{ "Latin-1", { "\xe9!", 2 }, "\"\xef\xbf\xbd!\"" },
		{ "cut short", { "x\xe2\x82", 3 }, "\"x\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "C1 control", { "\xc2\x9b", 2 }, "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out = { 0 };
		struct json j = { .out = &out };
		print_message("%s\n", cases[i].name);
		json_slice(&j, NULL, cases[i].value);
		assert_string_equal(buf_str(&out), cases[i].expected);
		buf_release(&out);
	}
}

static void structure(void **state)
{
	struct buf out = { 0 };
	struct json j = { .out = &out };
	(void)state;
	json_object(&j, NULL);
	json_number(&j, "n", INT64_MIN);
	json_bool(&j, "yes", true);
	json_bool(&j, "no", false);
	json_string(&j, "none", NULL);
	json_array(&j, "empty");
	json_array_end(&j);
	json_array(&j, "list");
	json_string(&j, NULL, "a");
	json_object(&j, NULL);
	json_object_end(&j);
	json_null(&j, NULL);
	json_array_end(&j);
	json_object(&j, "q\"");
	json_string(&j, "k", "v");
	json_object_end(&j);
	json_object_end(&j);
	assert_string_equal(buf_str(&out),
			    "{\"n\":-9223372036854775808,\"yes\":true,\"no\":false,"
			    "\"none\":null,\"empty\":[],\"list\":[\"a\",{},null],"
			    "\"q\\\"\":{\"k\":\"v\"}}");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings),
		cmocka_unit_test(structure),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
