/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/dns_servers.h"

#include "scratch.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define FOUR         "192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.4"

/* "192.0.2.1 53 trusted" and the like, one a line. */
static void describe(const struct dns_servers *servers, struct buf *out)
{
	char text[INET6_ADDRSTRLEN];
	for (size_t i = 0; i < servers->count; i++) {
		const struct sockaddr_ip *a = &servers->at[i].address;
		bool six = a->at.any.sa_family == AF_INET6;
		const void *bytes =
			six ? (const void *)&a->at.in6.sin6_addr : &a->at.in.sin_addr;
		inet_ntop(a->at.any.sa_family, bytes, text, sizeof text);
		buf_addf(out, "%s %u %s(%s)\n", text,
			 ntohs(six ? a->at.in6.sin6_port : a->at.in.sin_port),
			 servers->at[i].trusted ? "trusted " : "", servers->at[i].text);
	}
}

/* clang-format off */
static const struct {
	const char *resolver, *expected;
} good[] = {
	{ "127.0.0.1", "127.0.0.1 53 trusted (127.0.0.1)\n" },
	{ "127.0.0.1:5353", "127.0.0.1 5353 trusted (127.0.0.1:5353)\n" },
	{ "192.0.2.1:1", "192.0.2.1 1 trusted (192.0.2.1:1)\n" },
	{ "2001:db8::1", "2001:db8::1 53 trusted (2001:db8::1)\n" },
	{ "[2001:db8::1]:5353", "2001:db8::1 5353 trusted ([2001:db8::1]:5353)\n" },
	{ " 192.0.2.1 , [::1]:54",
	  "192.0.2.1 53 trusted (192.0.2.1)\n::1 54 trusted ([::1]:54)\n" },
	{ "fe80::1%lo", "fe80::1 53 trusted (fe80::1%lo)\n" },
};

static const char *const bad[] = { "", ",", "192.0.2.1,", "dns.example.com", "localhost:53",
"127.1", "192.0.2.1:0",
	"192.0.2.1:65536", "[::1", "unix:/run/dns", "srv:example.com", "192.0.2.1 192.0.2.2",
	"192.0.2.1;192.0.2.2",
	"fe80::1%nosuchif0", FOUR "," FOUR ",192.0.2.5" };

static const struct {
	const char *file, *expected;
} files[] = {
	{ "nameserver 192.0.2.53\n", "192.0.2.53 53 (192.0.2.53)\n" },
	{ "# comment\ndomain example.com\nsearch example.com\nnameserver\t 192.0.2.53 \n"
	  "options edns0 trust-ad\n"
	  "nameserver ::1\n", "192.0.2.53 53 (192.0.2.53)\n::1 53 trusted (::1)\n" },
	{ "nameserver 127.0.0.53", "127.0.0.53 53 trusted (127.0.0.53)\n" },
	{ "nameserver 192.0.2.53 # ours\r\nnameserver 192.0.2.54\t; theirs\r\n",
	  "192.0.2.53 53 (192.0.2.53)\n192.0.2.54 53 (192.0.2.54)\n" },
	{ "nameserver dns.example.com\nnameserver 192.0.2.1\n", "192.0.2.1 53 (192.0.2.1)\n" },
	{ "", "127.0.0.1 53 trusted (127.0.0.1)\n" },
	{ "#nameserver 192.0.2.1\n;nameserver 192.0.2.1\nnameservers 192.0.2.1\n"
	  "nameserver\nnameserver192.0.2.1\n",
	  "127.0.0.1 53 trusted (127.0.0.1)\n" },
	{ "nameserver 1.0.0.1\nnameserver 1.0.0.2\nnameserver 1.0.0.3\nnameserver 1.0.0.4\n"
	  "nameserver 1.0.0.5\nnameserver 1.0.0.6\nnameserver 1.0.0.7\nnameserver 1.0.0.8\n"
	  "nameserver 1.0.0.9\n",
	  "1.0.0.1 53 (1.0.0.1)\n1.0.0.2 53 (1.0.0.2)\n1.0.0.3 53 (1.0.0.3)\n"
	  "1.0.0.4 53 (1.0.0.4)\n1.0.0.5 53 (1.0.0.5)\n1.0.0.6 53 (1.0.0.6)\n"
	  "1.0.0.7 53 (1.0.0.7)\n1.0.0.8 53 (1.0.0.8)\n" },
};
/* clang-format on */

static void assert_servers(const struct dns_servers *servers, const char *expected)
{
	struct buf text = { 0 };
	describe(servers, &text);
	assert_string_equal(buf_str(&text), expected);
	buf_release(&text);
}

static void test_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct dns_servers servers;
		struct status st;
		if (dns_servers_parse(good[i].resolver, &servers, &st) != 0)
			fail_msg("'%s': %s", good[i].resolver, st.text);
		assert_servers(&servers, good[i].expected);
	}
}

static void test_bad_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct dns_servers servers;
		struct status st = { 0 };
		if (dns_servers_parse(bad[i], &servers, &st) == 0)
			fail_msg("'%s' is taken", bad[i]);
		assert_int_equal(st.kind, STATUS_BAD_CONFIG);
		assert_true(st.text[0] != '\0');
	}
}

static void test_files(void **state)
{
	(void)state;
	struct scratch scratch;
	scratch_open(&scratch);
	for (size_t i = 0; i < COUNT(files); i++) {
		struct dns_servers servers;
		dns_servers_load(scratch_write(&scratch, "resolv.conf", 0600, files[i].file),
				 &servers);
		assert_servers(&servers, files[i].expected);
	}
	scratch_close(&scratch);
}

static void test_no_file(void **state)
{
	(void)state;
	struct dns_servers servers;
	dns_servers_load("/proc/none/resolv.conf", &servers);
	assert_servers(&servers, "127.0.0.1 53 trusted (127.0.0.1)\n");
	dns_servers_load("/", &servers);
	assert_servers(&servers, "127.0.0.1 53 trusted (127.0.0.1)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_bad_values),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_no_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
