/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/dns_packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define L10          "0123456789"
#define L63          L10 L10 L10 L10 L10 L10 "abc"
#define NAME_253     L63 "." L63 "." L63 "." L10 L10 L10 L10 L10 L10 "z"

/* Answers of Unbound 1.17 and Knot 3.2. */
#define MX_ANSWER                                                                              \
	"123481a00001000200000001067369676e6564047465737400000f0001"                           \
	"c00c000f00010000000000"                                                               \
	"08000a036d7831c00cc00c000f00010000000000080014036d7832c00c"                           \
	"00002904d0000000000000"
#define SRV_ANSWER                                                                             \
	"1234818000010002000000010b5f7375626d697373696f6e045f74637005706c61696e047465737400"   \
	"00210001c00c00210001000000000016000000000a1b036d783205706c61696e047465737400"         \
	"c00c00210001000000000016000a0000024b036d783105706c61696e0474657374"                   \
	"0000002904d0000000000000"
#define CHAIN_ANSWER                                                                           \
	"123481a0000100030000000106616c69617332067369676e656404746573740000010001"             \
	"c00c00050001000000000008"                                                             \
	"05616c696173c013c0300005000100000000000b08696d706c69636974c013"                       \
	"c044000100010000000000047f00000100002904d0000000000000"
#define TLSA_ANSWER                                                                            \
	"123481a00001000100000001035f3235045f746370036d7831067369676e6564047465737400"         \
	"00340001c00c00340001000000000023030101"                                               \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"                     \
	"00002904d0000000000000"
#define TXT_ANSWER                                                                             \
	"123481a00001000100000001067369676e656404746573740000100001"                           \
	"c00c0010000100000000000c0b763d73706631202d616c6c00002904d0000000000000"
#define NXDOMAIN_ANSWER                                                                        \
	"123481a30001000000010001076e6f7768657265067369676e656404746573740000010001"           \
	"c01400060001000000000026026e73c0140a686f73746d6173746572c014"                         \
	"0000000300000e1000000258000151800000003c00002904d0000000000000"
#define NODATA_ANSWER                                                                          \
	"123481800001000000010001026e7305706c61696e0474657374"                                 \
	"00001c0001c00f00060001000000000023c00c0a686f73746d6173746572c00f"                     \
	"0000000200000e1000000258000151800000003c00002904d0000000000000"
#define NULL_MX_ANSWER                                                                         \
	"123481800001000100000001046e756c6c05706c61696e0474657374"                             \
	"00000f0001c00c000f000100000000000300000000002904d0000000000000"
#define AUTHORITY_ANSWER                                                                       \
	"12348500000100020000000305706c61696e047465737400000f0001"                             \
	"c00c000f00010000012c0008000a036d7831c00cc00c000f00010000012c00080014036d7832c00c"     \
	"c02a000100010000012c00047f000001c02a001c00010000012c0010"                             \
	"0000000000000000000000000000000100002904d0000000000000"

/* The question "a. IN A", and a response's header with COUNTS before it. */
#define HEAD(flags, counts)                                                                    \
	"1234" flags "0001" counts "0161000001"                                                \
	"0001"
#define A_RECORD                                                                               \
	"c00c0001000100000005"                                                                 \
	"0004"                                                                                 \
	"c0000201"

static int digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* In memory of just its size, so that a sanitizer sees a read past its end. */
static struct slice unhex(const char *hex)
{
	size_t len = strlen(hex) / 2;
	char *bytes = malloc(len + (len == 0));
	assert_int_equal(strlen(hex) % 2, 0);
	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
	return slice_n(bytes, len);
}

/* "MX 10 mx1.test" and the like, separated by "; ". */
static void describe(const struct dns_answer *a, struct buf *out)
{
	buf_addf(out, "%s", a->name);
	for (size_t i = 0; i < a->count; i++) {
		const struct dns_record *r = &a->at[i];
		buf_addf(out, "; %u %u %u %s ", r->priority, r->weight, r->port, r->name);
		for (size_t j = 0; j < r->data.len; j++)
			buf_addf(out, "%02x", (unsigned char)r->data.data[j]);
	}
}

/* clang-format off */
static const struct {
	const char *name, *hex;
	unsigned rcode, ttl;
	bool truncated, authentic;
	const char *content;
} good[] = {
	{ "MX, signed", MX_ANSWER, 0, 0, false, true,
	  "signed.test; 10 0 0 mx1.signed.test ; 20 0 0 mx2.signed.test " },
	{ "SRV", SRV_ANSWER, 0, 0, false, false,
	  "_submission._tcp.plain.test; 0 0 2587 mx2.plain.test ; 10 0 587 mx1.plain.test " },
	{ "two CNAMEs", CHAIN_ANSWER, 0, 0, false, true,
	  "implicit.signed.test; 0 0 0  7f000001" },
	{ "TLSA", TLSA_ANSWER, 0, 0, false, true, "_25._tcp.mx1.signed.test; 0 0 0  030101"
	  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" },
	{ "TXT", TXT_ANSWER, 0, 0, false, true, "signed.test; 0 0 0  763d73706631202d616c6c" },
	{ "no such name", NXDOMAIN_ANSWER, 3, 0, false, true, "" },
	{ "no data", NODATA_ANSWER, 0, 0, false, false, "ns.plain.test" },
	{ "null MX", NULL_MX_ANSWER, 0, 0, false, false, "null.plain.test; 0 0 0  " },
	{ "from the authority, with addresses behind", AUTHORITY_ANSWER, 0, 300, false, false,
	  "plain.test; 10 0 0 mx1.plain.test ; 20 0 0 mx2.plain.test " },
	{ "an address", HEAD("8180", "000100000000") A_RECORD, 0, 5, false, false,
	  "a; 0 0 0  c0000201" },
	{ "bytes behind the last record", HEAD("8180", "000100000000") A_RECORD "ffff", 0, 5,
	  false,
	  false, "a; 0 0 0  c0000201" },
	{ "a TTL with the upper bit set",
	  HEAD("8180", "000100000000") "c00c00010001800000010004c0000201", 0, 0, false, false,
	  "a; 0 0 0  c0000201" },
	{ "cut short in the middle of a record", HEAD("8380", "000100000000") "c00c0001", 0,
	  0, true,
	  false, "" },
	{ "cut short behind the header", "1234838000010001" "00000000", 0, 0, true, false, "" },
	{ "SERVFAIL", HEAD("8182", "000000000000"), 2, 0, false, false, "" },
	{ "an error keeps its records to itself", HEAD("8185", "000100000000") A_RECORD, 5, 0,
	  false,
	  false, "" },
	{ "FORMERR, a header only", "12348181" "0000" "000000000000", 1, 0, false, false, "" },
	{ "BADVERS: upper bits of the code", HEAD("8180",
	  "000000000001") "00002904d0010000000000",
	  16, 0, false, false, "" },
	{ "all upper bits of the code", HEAD("8180", "000000000001") "00002904d0ff0000000000",
	  0xff0, 0, false, false, "" },
	{ "an OPT record in the answer is no OPT record",
	  HEAD("8180", "000100000000") "00002904d0010000000000", 0, 0, false, false, "a" },
	{ "a record of another name", HEAD("8180", "000100000000") "0162000001000100000005"
	  "0004"
	  "c0000201", 0, 0, false, false, "a" },
	{ "a record of another class", HEAD("8180", "000100000000") "c00c0001000300000005"
	  "0004"
	  "c0000201", 0, 0, false, false, "a" },
	{ "a record of another type", HEAD("8180", "000100000000") "c00c0002000100000005" "0001"
	  "00", 0, 0, false, false, "a" },
	{ "names differ in case", HEAD("8180", "000100000000") "0141000001000100000005" "0004"
	  "c0000201", 0, 5, false, false, "a; 0 0 0  c0000201" },
	{ "a target in capitals, with odd octets",
	  "12348180000100010000000001610000" "0f0001" "c00c000f000100000005" "000b"
	  "0001" "044d2e5cff" "02582d00", 0, 5, false, false, "a; 1 0 0 m???.x- " },
	{ "a target that is an address",
	  "12348180000100010000000001610000" "0f0001" "c00c000f000100000005" "000d"
	  "0001" "03313932" "0130" "0132" "0131" "00", 0, 5, false, false,
	  "a; 1 0 0 192.0.2.1 " },
	{ "TXT in three strings, one empty", "12348180000100010000000001610000" "100001"
	  "c00c0010000100000005" "0006" "026869000121", 0, 5, false, false,
	  "a; 0 0 0  686921" },
	{ "CNAME asked for", "12348180000100010000000001610000" "050001"
	  "c00c0005000100000005" "0003" "016200", 0, 5, false, false, "a; 0 0 0 b " },
	{ "the least TTL of a chain", HEAD("8180", "000200000000")
	  "c00c000500010000000300030162" "00" "01620000010001000000090004c0000201", 0, 3,
	  false, false,
	  "b; 0 0 0  c0000201" },
	{ "the chain in reverse order", HEAD("8180", "000200000000")
	  "01620000010001000000090004c0000201" "c00c000500010000000300030162" "00", 0, 3,
	  false, false,
	  "b; 0 0 0  c0000201" },
	{ "a chain that ends without data", HEAD("8180", "000100000000")
	  "c00c000500010000000300030162" "00", 0, 3, false, false, "b" },
};

static const struct {
	const char *name, *hex;
} bad[] = {
	{ "nothing", "" },
	{ "half a header", "123481800001" },
	{ "no question", "1234818000000000" "00000000" },
	{ "two questions", "1234818000020000" "00000000" "0161000001000101620000010001" },
	{ "the question is cut", "1234818000010000" "00000000" "0161000001" },
	{ "a question of another class", "1234818000010000" "00000000" "01610000010003" },
	{ "fewer records than it says", HEAD("8180", "000200000000") A_RECORD },
	{ "65535 records", HEAD("8180", "ffffffffffff") A_RECORD },
	{ "a record ends in its type", HEAD("8180", "000100000000") "c00c00" },
	{ "a record ends in its data", HEAD("8180", "000100000000") "c00c0001000100000005"
	  "0004c00002" },
	{ "broken behind the answer", HEAD("8180", "000100000001") A_RECORD "c00c" },
	{ "an address of 3 bytes", HEAD("8180", "000100000000") "c00c0001000100000005"
	  "0003c00002" },
	{ "an address of 5 bytes", HEAD("8180", "000100000000") "c00c0001000100000005"
	  "0005c000020101" },
	{ "an address of none", HEAD("8180", "000100000000") "c00c0001000100000005" "0000" },
	{ "a label of 64", HEAD("8180", "000100000000") "40610000" },
	{ "a label of the type 10", HEAD("8180", "000100000000") "8061"
	  "0000010001000000050004c0000201" },
	{ "a pointer to itself", HEAD("8180", "000100000000") "c0130001000100000005"
	  "0004c0000201" },
	{ "a pointer forward", HEAD("8180", "000100000000") "c0150001000100000005"
	  "0004c0000201" },
	{ "a pointer into the header", HEAD("8180", "000100000000") "c0000001000100000005"
	  "0004c0000201" },
	{ "a pointer to the end", HEAD("8180", "000100000000") "c0ff0001000100000005"
	  "0004c0000201" },
	{ "half a pointer", HEAD("8180", "000100000000") "c0" },
	{ "a name that meets itself", HEAD("8180", "000100000000") "0161c0130001000100000005"
	  "0004c0000201" },
	{ "an MX of two bytes", "12348180000100010000000001610000" "0f0001"
	  "c00c000f000100000005" "0002" "0001" },
	{ "an MX whose name goes on behind its data", "12348180000100020000000001610000"
	  "0f0001"
	  "c00c000f000100000005" "0004" "00010162" "00000f0001000000050003" "000100" },
	{ "an MX with a byte too many", "12348180000100010000000001610000" "0f0001"
	  "c00c000f000100000005" "0006" "000101620000" },
	{ "an SRV without a target", "12348180000100010000000001610000" "210001"
	  "c00c0021000100000005" "0006" "000100020003" },
	{ "a TLSA without data", "12348180000100010000000001610000" "340001"
	  "c00c0034000100000005" "0003" "030101" },
	{ "a TXT that is longer than its record", "12348180000100010000000001610000" "100001"
	  "c00c0010000100000005" "0002" "0261" },
	{ "a TXT without a string", "12348180000100010000000001610000" "100001"
	  "c00c0010000100000005" "0000" },
	{ "a type that is not known", "12348180000100010000000001610000" "020001"
	  "c00c0002000100000005" "0001" "00" },
	{ "CNAMEs in a circle", HEAD("8180", "000200000000") "c00c00050001000000030003016200"
	  "01620000050001000000030002c00c" },
	{ "a CNAME to itself", HEAD("8180", "000100000000") "c00c00050001000000030002c00c" },
};

static const struct {
	const char *name, *hex;
} queries[] = {
	{ "a", "12340120000100000000" "0001" "0161000001" "0001" "00002904d0000000000000" },
	{ "A.", "12340120000100000000" "0001" "0161000001" "0001" "00002904d0000000000000" },
	{ "_25._tcp.Mx-1.test",
	  "12340120000100000000" "0001" "035f3235045f746370046d782d310474657374000001" "0001"
	  "00002904d0000000000000" },
};

static const char *const bad_names[] = { "", ".", "a..b", ".a", "a b", "a\\.b", "b\xc3\xbc"
"cher",
	"a/b", "a@b", L63 "d", L63 "d.test", NAME_253 "z", "a\nb" };
/* clang-format on */

static void test_queries(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(queries); i++) {
		struct buf out = { 0 };
		struct status st;
		struct dns_query q = { .id = 0x1234, .name = queries[i].name, .type = DNS_A };
		struct slice expected = unhex(queries[i].hex);
		assert_int_equal(dns_build(&q, &out, &st), 0);
		assert_int_equal(out.len, expected.len);
		assert_memory_equal(out.data, expected.data, out.len);
		q.plain = true;
		buf_reset(&out);
		assert_int_equal(dns_build(&q, &out, &st), 0);
		assert_int_equal(out.len, expected.len - 11);
		assert_int_equal(out.data[11], 0);
		buf_release(&out);
		free((char *)expected.data);
	}
}

static void test_names_that_are_none(void **state)
{
	(void)state;
	struct buf out = { 0 };
	struct status st;
	buf_add_str(&out, "before");
	for (size_t i = 0; i < COUNT(bad_names); i++) {
		struct dns_query q = { .name = bad_names[i], .type = DNS_A };
		if (dns_build(&q, &out, &st) == 0)
			fail_msg("'%s' is taken", bad_names[i]);
		assert_int_equal(st.kind, STATUS_NO_HOST);
		assert_int_equal(out.len, 6);
	}
	struct dns_query longest = { .name = NAME_253 ".", .type = DNS_A };
	assert_int_equal(dns_build(&longest, &out, &st), 0);
	buf_release(&out);
}

static void test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct dns_answer a;
		struct buf content = { 0 };
		struct status st = { 0 };
		struct slice packet = unhex(good[i].hex);
		if (dns_decode(packet, &a, &st) != 0)
			fail_msg("%s: %s", good[i].name, st.text);
		describe(&a, &content);
		if (a.rcode != good[i].rcode || a.truncated != good[i].truncated ||
		    a.ttl != good[i].ttl || a.authentic != good[i].authentic ||
		    strcmp(buf_str(&content), good[i].content) != 0)
			fail_msg("%s: %u %d %d %u '%s'", good[i].name, a.rcode, a.truncated,
				 a.authentic, a.ttl, buf_str(&content));
		dns_answer_release(&a);
		assert_null(a.at);
		buf_release(&content);
		free((char *)packet.data);
	}
}

static void test_malformed_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct dns_answer a;
		struct status st = { 0 };
		struct slice packet = unhex(bad[i].hex);
		if (dns_decode(packet, &a, &st) == 0)
			fail_msg("%s: taken", bad[i].name);
		assert_int_equal(st.kind, STATUS_TEMPORARY);
		assert_int_equal(a.count, 0);
		assert_null(a.at);
		free((char *)packet.data);
	}
}

/* Cut anywhere, a packet is refused; no cut reads past the end (the sanitizer's part). */
static void test_every_cut(void **state)
{
	(void)state;
	static const char *const whole[] = { MX_ANSWER, SRV_ANSWER, CHAIN_ANSWER, TLSA_ANSWER,
					     TXT_ANSWER };
	for (size_t i = 0; i < COUNT(whole); i++) {
		struct slice packet = unhex(whole[i]);
		for (size_t len = 0; len < packet.len; len++) {
			struct dns_answer a;
			struct status st;
			char *copy = malloc(len + 1);
			memcpy(copy + 1, packet.data, len);
			assert_int_equal(dns_decode(slice_n(copy + 1, len), &a, &st), -1);
			free(copy);
		}
		free((char *)packet.data);
	}
}

/* A chain of COUNT CNAMEs a -> b -> c ..., and the address of the last one. */
static void put_chain(struct buf *packet, unsigned count)
{
	buf_add(packet, "\x12\x34\x81\x80\0\1\0\0\0\0\0\0\1a\0\0\1\0\1", 19);
	packet->data[7] = (char)(count + 1);
	for (unsigned i = 0; i < count; i++) {
		char from[] = { 1, (char)('a' + i), 0 }, to[] = { 1, (char)('b' + i), 0 };
		buf_add(packet, from, 3);
		buf_add(packet, "\0\5\0\1\0\0\0\5\0\3", 10);
		buf_add(packet, to, 3);
	}
	char last[] = { 1, (char)('a' + count), 0 };
	buf_add(packet, last, 3);
	buf_add(packet, "\0\1\0\1\0\0\0\5\0\4\x7f\0\0\1", 14);
}

static void test_length_of_chains(void **state)
{
	(void)state;
	for (unsigned count = 0; count < 12; count++) {
		struct buf packet = { 0 };
		struct dns_answer a;
		struct status st;
		put_chain(&packet, count);
		int result = dns_decode(buf_slice(&packet), &a, &st);
		assert_int_equal(result, count <= DNS_CHAIN_MAX ? 0 : -1);
		assert_int_equal(a.count, count <= DNS_CHAIN_MAX);
		dns_answer_release(&a);
		buf_release(&packet);
	}
}

/*
 * As many names as fit, each a pointer to the one before: all of them are followed to the
 * front, in time.
 */
static void test_a_long_way_back(void **state)
{
	(void)state;
	struct buf packet = { 0 };
	struct dns_answer a;
	struct status st;
	buf_add(&packet, "\x12\x34\x81\x80\0\1\0\0\0\0\0\0\1a\0\0\1\0\1", 19);
	size_t before = DNS_HEADER_SIZE;
	unsigned records = 0;
	while (packet.len + 16 < 0x4000) {
		size_t here = packet.len;
		dns_put_16(&packet, (unsigned)(0xc000 | before));
		buf_add(&packet, "\0\1\0\1\0\0\0\5\0\4\x7f\0\0\1", 14);
		before = here;
		records++;
	}
	packet.data[6] = (char)(records >> 8);
	packet.data[7] = (char)records;
	assert_int_equal(dns_decode(buf_slice(&packet), &a, &st), 0);
	assert_int_equal(a.count, records);
	dns_answer_release(&a);
	buf_release(&packet);
}

/*
 * 255 octets on the wire are the most. A question of 193 of them, and a record whose name has
 * LABEL octets before a pointer to that.
 */
static int decode_long(char label)
{
	struct buf packet = { 0 };
	struct dns_answer a;
	struct status st;
	buf_add(&packet, "\x12\x34\x81\x80\0\1\0\1\0\0\0\0", 12);
	for (unsigned i = 0; i < 3; i++)
		buf_add(&packet, "\x3f" L63, 64);
	buf_add(&packet, "\0\0\1\0\1", 5);
	buf_add_char(&packet, label);
	buf_add(&packet, L63, (size_t)label);
	buf_add(&packet, "\xc0\x0c\0\1\0\1\0\0\0\5\0\4\x7f\0\0\1", 16);
	int result = dns_decode(buf_slice(&packet), &a, &st);
	dns_answer_release(&a);
	buf_release(&packet);
	return result;
}

static void test_longest_name(void **state)
{
	(void)state;
	assert_int_equal(decode_long(61), 0);
	assert_int_equal(decode_long(62), -1);
}

static void test_whose_answer(void **state)
{
	(void)state;
	/* clang-format off */
	static const struct {
		const char *name, *hex;
		bool ours;
	} cases[] = {
		{ "ours", HEAD("8180", "000100000000") A_RECORD, true },
		{ "ours, cut short", HEAD("8380", "000000000000"), true },
		{ "ours, and an error", HEAD("8182", "000000000000"), true },
		{ "ours, malformed behind the question", HEAD("8180", "000100000000") "c0",
		  true },
		{ "another id", "1235" "81800001000000000000" "0161000001" "0001", false },
		{ "a query", HEAD("0100", "000000000000"), false },
		{ "another operation", HEAD("a180", "000000000000"), false },
		{ "another name", "1234" "81800001000000000000" "0162000001" "0001", false },
		{ "another case, which nobody sent", "1234" "81800001000000000000"
		  "0141000001" "0001", false },
		{ "another type", "1234" "81800001000000000000" "0161000002" "0001", false },
		{ "another class", "1234" "81800001000000000000" "0161000001" "0003", false },
		{ "the question is cut", "1234" "81800001000000000000" "01610000010" "0",
		  false },
		{ "FORMERR, a header only", "1234818100000000" "00000000", true },
		{ "NOTIMP, a header only", "1234818400000000" "00000000", true },
		{ "SERVFAIL, a header only", "1234818200000000" "00000000", false },
		{ "no error, a header only", "1234818000000000" "00000000", false },
		{ "half a header", "12348181000000", false },
		{ "nothing", "", false },
	};
	/* clang-format on */
	struct slice query = unhex(queries[0].hex);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice packet = unhex(cases[i].hex);
		if (dns_is_answer(query, packet) != cases[i].ours)
			fail_msg("%s", cases[i].name);
		free((char *)packet.data);
	}
	free((char *)query.data);
}

static void test_type_names(void **state)
{
	(void)state;
	assert_string_equal(dns_type_name(DNS_MX), "MX");
	assert_string_equal(dns_type_name(DNS_OPT), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_queries),
		cmocka_unit_test(test_names_that_are_none),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_malformed_answers),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_length_of_chains),
		cmocka_unit_test(test_a_long_way_back),
		cmocka_unit_test(test_longest_name),
		cmocka_unit_test(test_whose_answer),
		cmocka_unit_test(test_type_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
