/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define BYTES(text)                                                                            \
	{                                                                                      \
		text, sizeof text - 1                                                          \
	}

/* RFC 4648, 10, and what the alphabet's last two letters and a NUL need. */
static const struct {
	struct slice plain;
	const char *encoded;
} pairs[] = {
	{ BYTES(""), "" },
	{ BYTES("f"), "Zg==" },
	{ BYTES("fo"), "Zm8=" },
	{ BYTES("foo"), "Zm9v" },
	{ BYTES("foob"), "Zm9vYg==" },
	{ BYTES("fooba"), "Zm9vYmE=" },
	{ BYTES("foobar"), "Zm9vYmFy" },
	{ BYTES("\0"), "AA==" },
	{ BYTES("\0\0\0"), "AAAA" },
	{ BYTES("\xfb\xff\xfe"), "+//+" },
	{ BYTES("\xff\xff\xff\xff"), "/////w==" },
};

static void known_pairs_go_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct buf encoded = { 0 }, decoded = { 0 };
		base64_encode(&encoded, pairs[i].plain);
		assert_string_equal(buf_str(&encoded), pairs[i].encoded);
		assert_int_equal(base64_decode(&decoded, buf_slice(&encoded)), 0);
		assert_int_equal(decoded.len, pairs[i].plain.len);
		assert_memory_equal(buf_str(&decoded), pairs[i].plain.data, decoded.len);
		buf_release(&encoded);
		buf_release(&decoded);
	}
}

static const struct {
	const char *name;
	const char *text;
} refused[] = {
	{ "one letter", "Z" },
	{ "no padding", "Zg" },
	{ "half the padding", "Zg=" },
	{ "too much padding", "Zg===" },
	{ "a group of padding", "Zm9v====" },
	{ "padding for three", "Z===" },
	{ "padding alone", "====" },
	{ "padding inside", "Zg==Zg==" },
	{ "padding before a letter", "Zg=g" },
	{ "blank inside", "Zm 9v" },
	{ "blank that fills the group", "Zm9 " },
	{ "line end", "Zm9v\r\n" },
	{ "line end that fills a group", "Zm9v\r\n==" },
	{ "tab", "\tm9v" },
	{ "url alphabet", "-_-_" },
	{ "8-bit", "\xc3\xa9==" },
	{ "four bits over", "Zh==" },
	{ "two bits over", "Zm9=" },
};

static void anything_else_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct buf out = { 0 };
		buf_add_str(&out, "kept");
		if (base64_decode(&out, slice_of(refused[i].text)) != -1)
			fail_msg("accepted: %s", refused[i].name);
		assert_string_equal(buf_str(&out), "kept");
		assert_int_equal(out.len, 4);
		buf_release(&out);
	}
}

static void nul_is_no_letter(void **state)
{
	(void)state;
	struct buf out = { 0 };
	assert_int_equal(base64_decode(&out, slice_n("Zm9\0", 4)), -1);
	assert_int_equal(base64_decode(&out, slice_n("AAA\0", 4)), -1);
	buf_release(&out);
}

static void output_is_appended(void **state)
{
	(void)state;
	struct buf out = { 0 };
	base64_encode(&out, slice_of("foob"));
	base64_encode(&out, slice_of("foo"));
	assert_string_equal(buf_str(&out), "Zm9vYg==Zm9v");
	buf_reset(&out);
	assert_int_equal(base64_decode(&out, slice_of("Zm8=")), 0);
	assert_int_equal(base64_decode(&out, slice_of("Zm8=")), 0);
	assert_string_equal(buf_str(&out), "fofo");
	buf_release(&out);
}

static void refused_bytes_are_wiped(void **state)
{
	(void)state;
	struct buf out = { 0 };
	assert_int_equal(base64_decode(&out, slice_of("c2VjcmV0!===")), -1);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(out.data[i], 0);
	buf_release(&out);
}

static void every_byte_in_every_place(void **state)
{
	(void)state;
	for (int value = 0; value < 256; value++) {
		for (size_t len = 1; len <= 4; len++) {
			char plain[4] = { (char)value, (char)~value, (char)value,
					  (char)~value };
			struct buf encoded = { 0 }, decoded = { 0 };
			base64_encode(&encoded, slice_n(plain, len));
			assert_int_equal(base64_decode(&decoded, buf_slice(&encoded)), 0);
			assert_int_equal(decoded.len, len);
			assert_memory_equal(buf_str(&decoded), plain, len);
			buf_release(&encoded);
			buf_release(&decoded);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_pairs_go_both_ways),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(nul_is_no_letter),
		cmocka_unit_test(output_is_appended),
		cmocka_unit_test(refused_bytes_are_wiped),
		cmocka_unit_test(every_byte_in_every_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
