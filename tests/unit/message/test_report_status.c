/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/report.h"

#include "report_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define SMTP "RCPT TO:<b@y.test>: "

static const struct {
	enum report_kind report;
	enum status_kind kind;
	unsigned short enhanced[3];
	const char *status;
} codes[] = {
	{ REPORT_FAILED, STATUS_REJECTED, { 5, 7, 1 }, "5.7.1" },
	{ REPORT_FAILED, STATUS_REJECTED, { 0 }, "5.0.0" },
	{ REPORT_FAILED, STATUS_NO_USER, { 0 }, "5.1.1" },
	{ REPORT_FAILED, STATUS_REJECTED, { 4, 2, 2 }, "5.2.2" },
	{ REPORT_FAILED, STATUS_REJECTED, { 5, 123, 456 }, "5.123.456" },
	{ REPORT_FAILED, STATUS_TEMPORARY, { 4, 4, 1 }, "5.4.7" },
	{ REPORT_FAILED, STATUS_NOT_ALLOWED, { 5, 7, 8 }, "5.4.7" },
	{ REPORT_FAILED, STATUS_MAYBE_SENT, { 0 }, "5.4.7" },
	{ REPORT_DELAYED, STATUS_TEMPORARY, { 4, 4, 1 }, "4.4.1" },
	{ REPORT_DELAYED, STATUS_TEMPORARY, { 0 }, "4.4.0" },
	{ REPORT_DELAYED, STATUS_NOT_ALLOWED, { 5, 7, 8 }, "4.7.8" },
	{ REPORT_RELAYED, STATUS_OK, { 2, 1, 5 }, "2.1.5" },
	{ REPORT_RELAYED, STATUS_OK, { 0 }, "2.0.0" },
	{ REPORT_RELAYED, STATUS_QUEUED, { 5, 1, 1 }, "2.0.0" },
};

static void test_status_codes_agree_with_the_action(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		struct world w;
		struct status st = { .kind = codes[i].kind };
		memcpy(st.enhanced, codes[i].enhanced, sizeof st.enhanced);
		world_open(&w, HEAD, "");
		w.report.kind = codes[i].report;
		world_add(&w, "b@y.test", &st);
		world_write(&w);
		assert_string_equal(world_field(&w, &w.parts.recipients[0], "Status"),
				    codes[i].status);
		world_release(&w);
	}
}

static const struct {
	unsigned short code;
	const char *reply;
	const char *peer;
	const char *diagnostic;
	const char *remote;
} replies[] = {
	{ 550, SMTP "550 no", "mx.y.test:25", "smtp; 550 no", "dns; mx.y.test" },
	{ 550, SMTP "550", "mx.y.test", "smtp; 550", "dns; mx.y.test" },
	{ 550, "550 no: 550 never", "", "smtp; 550 no: 550 never", "" },
	{ 550, SMTP "5500 no: 550 never", "[::1]:25", "smtp; 550 never", "dns; [::1]" },
	{ 550, "no", "::1", "smtp; 550 no", "dns; ::1" },
	{ 0, "cannot connect: 550 no", "/run/lmtp", "x-postrider; cannot connect: 550 no", "" },
	{ 0, "", "y.test:smtp", "", "dns; y.test:smtp" },
	{ 450, SMTP "450 Gr\303\274\303\237e", "\303\274.test:25", "smtp; 450 Gr????e",
	  "dns; ??.test" },
	{ 550, SMTP "550 a\r\nAction: x\r\n\r\n.\r\n", "y\r\nStatus: 2.0.0:25",
	  "smtp; 550 a??Action: x????.??", "dns; y??Status: 2.0.0:25" },
	{ 550, SMTP "550 \tb  \t", ":25", "smtp; 550 b", "" },
};

static void test_words_of_servers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
		struct world w;
		struct status st = { .kind = STATUS_REJECTED, .code = replies[i].code };
		snprintf(st.text, sizeof st.text, "%s", replies[i].reply);
		snprintf(st.peer, sizeof st.peer, "%s", replies[i].peer);
		world_open(&w, HEAD, "");
		world_add(&w, "b@y.test", &st);
		world_write(&w);
		const struct header *h = &w.parts.recipients[0];
		assert_string_equal(world_field(&w, h, "Diagnostic-Code"),
				    replies[i].diagnostic);
		assert_string_equal(world_field(&w, h, "Remote-MTA"), replies[i].remote);
		world_release(&w);
	}
}

static const struct {
	const char *address;
	const char *final;
} addresses[] = {
	{ "b@y.test", "rfc822; b@y.test" },
	{ "\"a b\"@y.test", "rfc822; \"a b\"@y.test" },
	{ "a+b=c@y.test", "rfc822; a+b=c@y.test" },
	{ "j\303\274rgen@y.test", "utf-8; j\\x{FC}rgen@y.test" },
	{ "\"\303\274 +=\\\\\"@y.test",
	  "utf-8; \"\\x{FC}\\x{20}\\x{2B}\\x{3D}\\x{5C}\\x{5C}\"@y.test" },
	{ "\345\244\247@\360\237\220\264.test", "utf-8; \\x{5927}@\\x{1F434}.test" },
	{ "\377@y.test", "utf-8; ?@y.test" },
	{ "b\r\nAction: relayed@y.test", "rfc822; b??Action: relayed@y.test" },
};

static void test_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
		struct world w;
		world_open(&w, HEAD, "");
		world_add_unknown(&w, addresses[i].address);
		world_write(&w);
		assert_string_equal(world_field(&w, &w.parts.recipients[0], "Final-Recipient"),
				    addresses[i].final);
		world_release(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status_codes_agree_with_the_action),
		cmocka_unit_test(test_words_of_servers),
		cmocka_unit_test(test_addresses),
	};
	setenv("TZ", "UTC0", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
