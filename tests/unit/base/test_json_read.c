/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define Q16    "[[[[[[[[[[[[[[[["
#define ENDS16 "]]]]]]]]]]]]]]]]"

/* Objects with a member x, and what its text or number is; NULL: it is neither. */
static const struct {
	const char *text;
	const char *x;
} good[] = {
	{ "{}", NULL },
	{ " \t\r\n{ } \n", NULL },
	{ "{\"x\":\"\"}", "" },
	{ "{\"x\":\"abc\"}", "abc" },
	{ "{ \"x\" : \"abc\" , \"y\" : 1 }", "abc" },
	{ "{\"X\":\"abc\"}", NULL },
	{ "{\"x\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", "\"\\/\b\f\n\r\t" },
	{ "{\"\\u0078\":\"\\u0041\\u00e9\\u20AC\"}", "A\xc3\xa9\xe2\x82\xac" },
	{ "{\"x\":\"\\ud83d\\uDCE7\"}", "\xf0\x9f\x93\xa7" },
	{ "{\"x\":\"\\uffff\\u07ff\\u0800\\u0080\\u007f\"}",
	  "\xef\xbf\xbf\xdf\xbf\xe0\xa0\x80\xc2\x80\x7f" },
	{ "{\"x\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xa7\xc2\x85\x7f\"}",
	  "\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xa7\xc2\x85\x7f" },
	{ "{\"x\":0}", "0" },
	{ "{\"x\":-0}", "-0" },
	{ "{\"x\":3599}", "3599" },
	{ "{\"x\":-1.50e+09}", "-1.50e+09" },
	{ "{\"x\":1E5}", "1E5" },
	{ "{\"x\":true}", NULL },
	{ "{\"x\":false,\"y\":null}", NULL },
	{ "{\"x\":[]}", NULL },
	{ "{\"x\":[1, \"a\" ,[ ],{} ]}", NULL },
	{ "{\"x\":{\"x\":{\"x\":\"y\"}}}", NULL },
	{ "{\"a\":{\"x\":\"inner\"},\"x\":\"outer\"}", "outer" },
	{ "{\"x\":"
	  "[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]"
	  "]}",
	  NULL },
};

static void good_ones(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct json_members m = { 0 };
		struct status st;
		const char *x = NULL;
		if (json_read(slice_of(good[i].text), &m, &st) != 0)
			fail_msg("%s: %s", good[i].text, st.text);
		for (size_t j = 0; j < m.count; j++) {
			if (strcmp(m.at[j].name, "x") == 0 && m.at[j].kind != JSON_OTHER)
				x = buf_str(&m.at[j].value);
		}
		if ((x == NULL) != (good[i].x == NULL) ||
		    (x != NULL && strcmp(x, good[i].x) != 0))
			fail_msg("%s: '%s'", good[i].text, x != NULL ? x : "none");
		json_members_release(&m);
	}
}

static const struct {
	const char *text;
	const char *why;
} bad[] = {
	{ "", "no object at octet 1" },
	{ "  ", "no object at octet 3" },
	{ "[]", "no object" },
	{ "\"x\"", "no object" },
	{ "null", "no object" },
	{ "\xef\xbb\xbf{}", "no object" },
	{ "{", "without a name" },
	{ "{\"x\"", "no colon" },
	{ "{\"x\":", "no value" },
	{ "{\"x\":1", "without an end" },
	{ "{\"x\":1,", "without a name" },
	{ "{\"x\":1,}", "without a name" },
	{ "{,\"x\":1}", "without a name" },
	{ "{\"x\":1 \"y\":2}", "without an end" },
	{ "{\"x\" 1}", "no colon" },
	{ "{x:1}", "without a name" },
	{ "{'x':1}", "without a name" },
	{ "{1:1}", "without a name" },
	{ "{\"x\":1}}", "behind the end at octet 8" },
	{ "{\"x\":1} {}", "behind the end" },
	{ "{}//", "behind the end" },
	{ "{\"x\":1/**/}", "without an end" },
	{ "{\"x\":1,\"x\":1}", "already" },
	{ "{\"x\":1,\"\\u0078\":1}", "already" },
	{ "{\"a\":[{\"x\":1,\"x\":2}]}", "already" },
	{ "{\"x\":01}", "without an end" },
	{ "{\"x\":+1}", "no value" },
	{ "{\"x\":-}", "odd number" },
	{ "{\"x\":.5}", "no value" },
	{ "{\"x\":1.}", "odd number" },
	{ "{\"x\":1e}", "odd number" },
	{ "{\"x\":1e+}", "odd number" },
	{ "{\"x\":0x10}", "without an end" },
	{ "{\"x\":NaN}", "no value" },
	{ "{\"x\":nul}", "unknown word" },
	{ "{\"x\":True}", "no value" },
	{ "{\"x\":truefalse}", "without an end" },
	{ "{\"x\":[1,]}", "no value" },
	{ "{\"x\":[1 2]}", "without an end" },
	{ "{\"x\":[1}", "without an end" },
	{ "{\"x\":\"a}", "without an end" },
	{ "{\"x\":\"a\nb\"}", "control character" },
	{ "{\"x\":\"\x1b\"}", "control character" },
	{ "{\"x\":\"\\x\"}", "unknown escape" },
	{ "{\"x\":\"\\", "unknown escape" },
	{ "{\"x\":\"\\u12\"}", "four hex digits" },
	{ "{\"x\":\"\\u12G4\"}", "four hex digits" },
	{ "{\"x\":\"\\u0000\"}", "NUL" },
	{ "{\"x\":\"\\ud83d\"}", "surrogate" },
	{ "{\"x\":\"\\ud83dx\"}", "surrogate" },
	{ "{\"x\":\"\\ud83d\\u0041\"}", "surrogate" },
	{ "{\"x\":\"\\udce7\"}", "surrogate" },
	{ "{\"x\":\"\xe9\"}", "no UTF-8" },
	{ "{\"x\":\"\xc0\xaf\"}", "no UTF-8" },
	{ "{\"x\":\"\xed\xa0\x80\"}", "no UTF-8" },
	{ "{\"x\":\"\xf4\x90\x80\x80\"}", "no UTF-8" },
	{ "{\"x\":\"\xe2\x82", "no UTF-8" },
	{ "{\"x\":" Q16 ENDS16 "}", "too many levels" },
	{ "{\"x\":" Q16 Q16, "too many levels" },
};

static void bad_ones(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct json_members m = { 0 };
		struct status st = { 0 };
		if (json_read(slice_of(bad[i].text), &m, &st) == 0)
			fail_msg("%s was taken", bad[i].text);
		assert_int_equal(st.kind, STATUS_BROKEN_PEER);
		if (strstr(st.text, bad[i].why) == NULL)
			fail_msg("%s: %s", bad[i].text, st.text);
		json_members_release(&m);
	}
}

/* A NUL is no end here. */
static void nuls(void **state)
{
	static const struct slice texts[] = {
		{ "{}\0", 3 },       { "\0{}", 3 },       { "{\0}", 3 },
		{ "{\"x\":\0}", 7 }, { "{\"\0\":1}", 8 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct json_members m = { 0 };
		struct status st;
		assert_int_equal(json_read(texts[i], &m, &st), -1);
		json_members_release(&m);
	}
}

static void as_many_as_are_taken(void **state)
{
	(void)state;
	for (unsigned count = JSON_MEMBERS_MAX; count <= JSON_MEMBERS_MAX + 1; count++) {
		struct buf text = { 0 };
		struct json_members m = { 0 };
		struct status st;
		for (unsigned i = 0; i < count; i++)
			buf_addf(&text, "%c\"k%u\":%u", i == 0 ? '{' : ',', i, i);
		buf_add_char(&text, '}');
		bool taken = json_read(buf_slice(&text), &m, &st) == 0;
		assert_int_equal(taken, count == JSON_MEMBERS_MAX);
		json_members_release(&m);
		buf_release(&text);
	}
}

static void members_by_name(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		bool numeric;
		int64_t number;
	} cases[] = {
		{ "a", "b", false, 0 },       { "digits", "3599", true, 3599 },
		{ "blank", " 1", false, 0 },  { "plus", "+1", false, 0 },
		{ "n", NULL, true, 3600 },    { "minus", NULL, true, -7 },
		{ "half", NULL, false, 0 },   { "large", NULL, true, INT64_MAX },
		{ "larger", NULL, false, 0 }, { "list", NULL, false, 0 },
		{ "none", NULL, false, 0 },   { "no", NULL, false, 0 },
	};
	struct json_members m = { 0 };
	struct status st;
	(void)state;
	assert_int_equal(json_read(slice_of("{\"a\":\"b\",\"digits\":\"3599\",\"blank\":\" 1\","
					    "\"plus\":\"+1\",\"n\":3600,\"minus\":-7,"
					    "\"half\":1.5,\"large\":9223372036854775807,"
					    "\"larger\":9223372036854775808,\"list\":[1],"
					    "\"none\":null}"),
				   &m, &st),
			 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t number = 0;
		const char *text = json_text_of(&m, cases[i].name);
		print_message("%s\n", cases[i].name);
		assert_int_equal(text != NULL, cases[i].text != NULL);
		if (text != NULL)
			assert_string_equal(text, cases[i].text);
		assert_int_equal(json_number_of(&m, cases[i].name, &number), cases[i].numeric);
		if (cases[i].numeric)
			assert_true(number == cases[i].number);
	}
	json_members_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ones),
		cmocka_unit_test(bad_ones),
		cmocka_unit_test(nuls),
		cmocka_unit_test(as_many_as_are_taken),
		cmocka_unit_test(members_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
