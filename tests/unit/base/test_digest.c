/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_hex(const struct digest *d, const char *expected)
{
	struct buf hex = { 0 };
	digest_hex(d, &hex);
	assert_string_equal(buf_str(&hex), expected);
	buf_release(&hex);
}

/* RFC 1321, A.5; FIPS 180 examples. */
static const struct {
	enum digest_kind kind;
	const char *data;
	const char *hex;
} hashes[] = {
	{ DIGEST_MD5, "", "d41d8cd98f00b204e9800998ecf8427e" },
	{ DIGEST_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72" },
	{ DIGEST_SHA1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
	{ DIGEST_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ DIGEST_SHA256, "",
	  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ DIGEST_SHA256, "abc",
	  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
};

static void hashes_are_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++) {
		struct digest d;
		struct status st;
		assert_int_equal(digest_hash(hashes[i].kind, slice_of(hashes[i].data), &d, &st),
				 0);
		assert_hex(&d, hashes[i].hex);
	}
}

#define KEY_OF_80                                                                              \
	"\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"                                             \
	"\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"                                             \
	"\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"                                             \
	"\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"                                             \
	"\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"                                             \
	"\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"                                             \
	"\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"                                             \
	"\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"

/* RFC 2202 and RFC 4231: a short key, one longer than a block, and no key at all. */
static const struct {
	enum digest_kind kind;
	const char *key;
	const char *data;
	const char *hex;
} macs[] = {
	{ DIGEST_MD5, "Jefe", "what do ya want for nothing?",
	  "750c783e6ab0b503eaa86e310a5db738" },
	{ DIGEST_SHA1, "Jefe", "what do ya want for nothing?",
	  "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
	{ DIGEST_SHA256, "Jefe", "what do ya want for nothing?",
	  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
	{ DIGEST_MD5, KEY_OF_80, "Test Using Larger Than Block-Size Key - Hash Key First",
	  "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd" },
	{ DIGEST_SHA1, KEY_OF_80, "Test Using Larger Than Block-Size Key - Hash Key First",
	  "aa4ae5e15272d00e95705637ce8a3b55ed402112" },
	{ DIGEST_SHA256, "", "",
	  "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad" },
};

static void keyed_hashes_are_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof macs / sizeof *macs; i++) {
		struct digest d;
		struct status st;
		assert_int_equal(digest_hmac(macs[i].kind, slice_of(macs[i].key),
					     slice_of(macs[i].data), &d, &st),
				 0);
		assert_hex(&d, macs[i].hex);
	}
}

/* RFC 6070 for SHA-1; RFC 7914, 11, for SHA-256 (there 64 bytes, of which these are the first
 * block). */
static const struct {
	struct digest_stretch how;
	const char *password;
	const char *hex;
} stretched[] = {
	{ { DIGEST_SHA1, { "salt", 4 }, 1 },
	  "password",
	  "0c60c80f961f0e71f3a9b524af6012062fe037a6" },
	{ { DIGEST_SHA1, { "salt", 4 }, 4096 },
	  "password",
	  "4b007901b765489abead49d926f721d065a429c1" },
	{ { DIGEST_SHA256, { "salt", 4 }, 1 },
	  "passwd",
	  "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc" },
	{ { DIGEST_SHA256, { "NaCl", 4 }, 80000 },
	  "Password",
	  "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56" },
};

static void stretched_passwords_are_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof stretched / sizeof *stretched; i++) {
		struct digest d;
		struct status st;
		assert_int_equal(digest_pbkdf2(&stretched[i].how,
					       slice_of(stretched[i].password), &d, &st),
				 0);
		assert_hex(&d, stretched[i].hex);
	}
}

static void same_means_every_byte(void **state)
{
	(void)state;
	assert_true(digest_same(slice_of(""), slice_of("")));
	assert_true(digest_same(slice_of("abc"), slice_of("abc")));
	assert_false(digest_same(slice_of("abc"), slice_of("abd")));
	assert_false(digest_same(slice_of("bbc"), slice_of("abc")));
	assert_false(digest_same(slice_of("abc"), slice_of("ab")));
	assert_false(digest_same(slice_of(""), slice_of("a")));
	assert_false(digest_same(slice_n("a\0b", 3), slice_n("a\0c", 3)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_are_right),
		cmocka_unit_test(keyed_hashes_are_right),
		cmocka_unit_test(stretched_passwords_are_right),
		cmocka_unit_test(same_means_every_byte),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
