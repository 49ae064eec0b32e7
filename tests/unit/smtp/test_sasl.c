/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/sasl.h"

#include "config/option_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* What there is. */
enum { CLEAR, TLS = 1, TOKEN = 2, BINDING = 4 };

static const struct {
	const char *wanted;
	const char *offers;
	int has;
	const char *chosen;
} choices[] = {
	{ "auto", "PLAIN LOGIN SCRAM-SHA-1 SCRAM-SHA-256", TLS, "SCRAM-SHA-256" },
	{ "auto", "SCRAM-SHA-1 CRAM-MD5 LOGIN PLAIN", TLS, "SCRAM-SHA-1" },
	{ "auto", "CRAM-MD5 LOGIN PLAIN", TLS, "PLAIN" },
	{ "auto", "CRAM-MD5 LOGIN", TLS, "LOGIN" },
	{ "auto", "CRAM-MD5", TLS, "CRAM-MD5" },
	{ "AUTO", "plain", TLS, "PLAIN" },
	{ "auto", "EXTERNAL PLAIN", TLS, "PLAIN" },
	{ "auto", "SCRAM-SHA-256-PLUS PLAIN", TLS, "PLAIN" },
	{ "auto", "SCRAM-SHA-256 SCRAM-SHA-256-PLUS", TLS, "SCRAM-SHA-256" },
	{ "auto", "SCRAM-SHA-256 SCRAM-SHA-256-PLUS", TLS | BINDING, "SCRAM-SHA-256-PLUS" },
	{ "auto", "SCRAM-SHA-1-PLUS SCRAM-SHA-256", TLS | BINDING, "SCRAM-SHA-256" },
	{ "auto", "PLAIN SCRAM-SHA-1-PLUS SCRAM-SHA-1", TLS | BINDING, "SCRAM-SHA-1-PLUS" },
	{ "scram-sha-1-plus", "SCRAM-SHA-1-PLUS SCRAM-SHA-256-PLUS", TLS | BINDING,
	  "SCRAM-SHA-1-PLUS" },
	{ "scram-sha-256", "SCRAM-SHA-256-PLUS SCRAM-SHA-256", TLS | BINDING, "SCRAM-SHA-256" },
	{ "auto", "PLAIN XOAUTH2 OAUTHBEARER", TLS | TOKEN, "OAUTHBEARER" },
	{ "auto", "SCRAM-SHA-256 XOAUTH2", TLS | TOKEN, "XOAUTH2" },
	{ "auto", "OAUTHBEARER XOAUTH2 PLAIN", TLS, "PLAIN" },
	{ "xoauth2", "OAUTHBEARER XOAUTH2 PLAIN", TLS | TOKEN, "XOAUTH2" },
	{ "plain", "OAUTHBEARER XOAUTH2 PLAIN", TLS | TOKEN, "PLAIN" },
	{ "auto", "PLAIN SCRAM-SHA-256", CLEAR, "SCRAM-SHA-256" },
	{ "auto", "PLAIN SCRAM-SHA-1", CLEAR, "SCRAM-SHA-1" },
	{ "plain", "PLAIN LOGIN", CLEAR, "PLAIN" },
	{ "login", "PLAIN LOGIN SCRAM-SHA-256", CLEAR, "LOGIN" },
	{ "cram-md5", "CRAM-MD5", CLEAR, "CRAM-MD5" },
	{ "external", "PLAIN EXTERNAL", TLS, "EXTERNAL" },
	{ "scram-sha-1", "scram-sha-256 scram-sha-1", TLS, "SCRAM-SHA-1" },
};

static int choose(const char *wanted, const char *offers, int has,
		  const struct sasl_mechanism **m, struct status *st)
{
	struct sasl_wish wish = {
		.wanted = wanted,
		.offers = offers,
		.is_protected = (has & TLS) != 0,
		.has_token = (has & TOKEN) != 0,
		.has_binding = (has & BINDING) != 0,
	};
	return sasl_choose(&wish, m, st);
}

static void choice_follows_the_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
		const struct sasl_mechanism *m = NULL;
		struct status st = { 0 };
		if (choose(choices[i].wanted, choices[i].offers, choices[i].has, &m, &st) != 0)
			fail_msg("%s", st.text);
		assert_string_equal(m->name, choices[i].chosen);
	}
}

static const struct {
	const char *wanted;
	const char *offers;
	int has;
	const char *says;
} refusals[] = {
	{ "auto", "PLAIN", CLEAR, "without TLS" },
	{ "auto", "LOGIN", CLEAR, "without TLS" },
	{ "auto", "CRAM-MD5", CLEAR, "without TLS" },
	{ "auto", "EXTERNAL", TLS, "offers: EXTERNAL" },
	{ "auto", "GSSAPI NTLM", TLS, "offers: GSSAPI NTLM" },
	{ "auto", "GSSAPI NTLM", CLEAR, "offers: GSSAPI NTLM" },
	{ "auto", "", TLS, "no AUTH" },
	{ "auto", "", CLEAR, "no AUTH" },
	{ "auto", "PLAINER XPLAIN PLAIN-X", TLS, "offers: PLAINER" },
	{ "scram-sha-256", "PLAIN LOGIN", TLS, "only PLAIN LOGIN" },
	{ "plain", "", TLS, "no AUTH" },
	{ "auto", "XOAUTH2 OAUTHBEARER", TLS, "offers: XOAUTH2" },
	{ "auto", "PLAIN SCRAM-SHA-256", TLS | TOKEN, "offers: PLAIN" },
	{ "auto", "PLAIN XOAUTH2", CLEAR | TOKEN, "never sent" },
	{ "xoauth2", "PLAIN XOAUTH2", CLEAR | TOKEN, "never sent" },
	{ "oauthbearer", "PLAIN", CLEAR, "never sent" },
	{ "scram-sha-256-plus", "SCRAM-SHA-256-PLUS", CLEAR, "no channel binding" },
	{ "scram-sha-256-plus", "SCRAM-SHA-256", TLS | BINDING, "only SCRAM-SHA-256" },
	{ "auto", "SCRAM-SHA-256-PLUS", TLS, "offers: SCRAM" },
	{ "kerberos", "PLAIN KERBEROS", TLS, "'kerberos'" },
};

static void nothing_else_is_tried(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		const struct sasl_mechanism *m = NULL;
		struct status st = { 0 };
		assert_int_equal(choose(refusals[i].wanted, refusals[i].offers, refusals[i].has,
					&m, &st),
				 -1);
		assert_null(m);
		bool in_the_clear = strstr(refusals[i].says, "never sent") != NULL;
		assert_int_equal(st.kind,
				 in_the_clear ? STATUS_NOT_SECURE : STATUS_NOT_ALLOWED);
		if (strstr(st.text, refusals[i].says) == NULL)
			fail_msg("'%s' for %s", st.text, refusals[i].offers);
	}
}

static void mechanisms_are_found_by_name(void **state)
{
	(void)state;
	assert_string_equal(sasl_find("scram-sha-256")->name, "SCRAM-SHA-256");
	assert_null(sasl_find("auto"));
	assert_null(sasl_find("none"));
	assert_null(sasl_find(""));
	assert_true(sasl_find("PLAIN")->client_first);
	assert_false(sasl_find("LOGIN")->client_first);
	assert_false(sasl_find("CRAM-MD5")->client_first);
}

/* The two lists of them are in rooms that do not know each other. */
static void auth_takes_what_there_is(void **state)
{
	static const char *const names[] = {
		"scram-sha-256-plus",
		"scram-sha-256",
		"scram-sha-1-plus",
		"scram-sha-1",
		"oauthbearer",
		"xoauth2",
		"external",
		"plain",
		"login",
		"cram-md5",
		"digest-md5",
		"gssapi",
		"scram-sha-512",
		"plian",
		"anonymous",
		"ntlm",
	};
	struct status st;
	size_t known = 0;
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		bool there = sasl_find(names[i]) != NULL;
		assert_int_equal(check_auth(names[i], &st), there ? 0 : -1);
		known += there;
	}
	assert_int_equal(known, 10);
	assert_int_equal(check_auth("palin", &st), -1);
	assert_string_equal(st.hint, "did you mean 'plain'?");
}

#define TEXT(text)                                                                             \
	{                                                                                      \
		text, sizeof text - 1                                                          \
	}
#define DIGITS "01234567890123456789012345678901234567890123456789"

/* Whole exchanges: RFC 4616, 4; RFC 2195, 2; RFC 7628, 4; Google's of XOAUTH2; and the cases
 * around them. */
static const struct exchange {
	const char *mechanism;
	struct sasl_credentials credentials;
	size_t rounds;
	struct slice challenges[2];
	struct slice responses[2];
} exchanges[] = {
	{
		.mechanism = "PLAIN",
		.credentials = { .user = "tim", .password = "tanstaaftanstaaf" },
		.rounds = 1,
		.responses = { TEXT("\0tim\0tanstaaftanstaaf") },
	},
	{
		.mechanism = "PLAIN",
		.credentials = { .user = "\xce\xb1", .password = "a\tb\xff" },
		.rounds = 1,
		.responses = { TEXT("\0\xce\xb1\0a\tb\xff") },
	},
	{
		.mechanism = "PLAIN",
		.credentials = { .user = "tim", .password = "" },
		.rounds = 1,
		.responses = { TEXT("\0tim\0") },
	},
	{
		.mechanism = "LOGIN",
		.credentials = { .user = "tim", .password = "secret" },
		.rounds = 2,
		.challenges = { TEXT("Username:"), TEXT("Password:") },
		.responses = { TEXT("tim"), TEXT("secret") },
	},
	{
		.mechanism = "LOGIN",
		.credentials = { .user = "tim", .password = "secret" },
		.rounds = 2,
		.challenges = { TEXT("Password"), TEXT("") },
		.responses = { TEXT("tim"), TEXT("secret") },
	},
	{
		.mechanism = "CRAM-MD5",
		.credentials = { .user = "tim", .password = "tanstaaftanstaaf" },
		.rounds = 1,
		.challenges = { TEXT("<1896.697170952@postoffice.reston.mci.net>") },
		.responses = { TEXT("tim b913a602c7eda7a495b4e6e7334d3890") },
	},
	{
		.mechanism = "CRAM-MD5",
		.credentials = { .user = "tim", .password = DIGITS DIGITS },
		.rounds = 1,
		.challenges = { TEXT("<1.2@x>") },
		.responses = { TEXT("tim 47e84763e88318dcdfc85460180def8b") },
	},
	{
		.mechanism = "CRAM-MD5",
		.credentials = { .user = "tim", .password = "p\xc3\xa4ssw\xc3\xb6rd" },
		.rounds = 1,
		.challenges = { TEXT("<1.2@x>") },
		.responses = { TEXT("tim 3a1e09fda92ab998a52908ee96d33594") },
	},
	{
		.mechanism = "EXTERNAL",
		.credentials = { .user = "tim@example.org" },
		.rounds = 1,
		.responses = { TEXT("tim@example.org") },
	},
	{
		.mechanism = "EXTERNAL",
		.rounds = 1,
	},
	{
		.mechanism = "OAUTHBEARER",
		.credentials = { .user = "user@example.com",
				 .token = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==",
				 .host = "server.example.com",
				 .port = 587 },
		.rounds = 1,
		.responses = { TEXT(
			"n,a=user@example.com,\1host=server.example.com\1port=587\1"
			"auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\1\1") },
	},
	{
		.mechanism = "OAUTHBEARER",
		.credentials = { .user = "a=b,c", .token = "t" },
		.rounds = 1,
		.responses = { TEXT("n,a=a=3Db=2Cc,\1"
				    "auth=Bearer t\1\1") },
	},
	{
		.mechanism = "XOAUTH2",
		.credentials = { .user = "someuser@example.com",
				 .token = "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg" },
		.rounds = 1,
		.responses = { TEXT("user=someuser@example.com\1auth=Bearer "
				    "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg\1\1") },
	},
};

static void play(const struct exchange *e)
{
	struct sasl *s = sasl_new(sasl_find(e->mechanism), &e->credentials);
	struct status st;
	for (size_t i = 0; i < e->rounds; i++) {
		struct buf response = { 0 };
		assert_false(sasl_finished(s));
		assert_int_equal(sasl_step(s, e->challenges[i], &response, &st), 0);
		assert_int_equal(response.len, e->responses[i].len);
		if (response.len != 0)
			assert_memory_equal(response.data, e->responses[i].data, response.len);
		buf_release_secret(&response);
	}
	assert_true(sasl_finished(s));
	assert_false(sasl_refused(s));
	struct buf more = { 0 };
	if (sasl_find(e->mechanism)->acknowledge != NULL) {
		assert_int_equal(sasl_step(s, slice_of("{}"), &more, &st), 0);
		assert_string_equal(buf_str(&more),
				    strcmp(e->mechanism, "XOAUTH2") == 0 ? "" : "\1");
		assert_true(sasl_refused(s));
		assert_false(sasl_finished(s));
		buf_release(&more);
	}
	assert_int_equal(sasl_step(s, slice_of("and now?"), &more, &st), -1);
	assert_int_equal(st.kind, STATUS_BROKEN_PEER);
	assert_int_equal(more.len, 0);
	assert_false(sasl_finished(s));
	sasl_free(s);
}

static void exchanges_go_as_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof exchanges / sizeof *exchanges; i++)
		play(&exchanges[i]);
}

enum { BROKEN = STATUS_BROKEN_PEER, DENIED = STATUS_NOT_ALLOWED };

static const struct {
	const char *mechanism;
	const char *user;
	const char *challenge;
	int kind;
	const char *token;
} failures[] = {
	{ "PLAIN", "tim", "ok", BROKEN, NULL },
	{ "EXTERNAL", "tim", "who?", BROKEN, NULL },
	{ "SCRAM-SHA-1", "tim", "r=x", BROKEN, NULL },
	{ "CRAM-MD5", "tim", "", BROKEN, NULL },
	{ "PLAIN", "", "", DENIED, NULL },
	{ "PLAIN", NULL, "", DENIED, NULL },
	{ "LOGIN", "", "Username:", DENIED, NULL },
	{ "SCRAM-SHA-256", "", "", DENIED, NULL },
	{ "SCRAM-SHA-256-PLUS", "tim", "", DENIED, NULL },
	{ "XOAUTH2", "tim", "{}", BROKEN, "t" },
	{ "XOAUTH2", "tim", "", DENIED, NULL },
	{ "XOAUTH2", "", "", DENIED, "t" },
	{ "XOAUTH2", "tim", "", DENIED, "secret\1user=x" },
	{ "XOAUTH2", "tim\1user=x", "", DENIED, "t" },
	{ "OAUTHBEARER", "tim", "", DENIED, "" },
	{ "OAUTHBEARER", "tim", "", DENIED, "Bearer secret" },
	{ "OAUTHBEARER", "tim", "", DENIED, "secret\x7f" },
	{ "OAUTHBEARER", "tim", "", DENIED, "secret\xe9" },
	{ "OAUTHBEARER", "ti\nm", "", DENIED, "t" },
};

static void first_steps_that_fail(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
		struct sasl_credentials c = { .user = failures[i].user,
					      .password = "secret",
					      .token = failures[i].token };
		struct sasl *s = sasl_new(sasl_find(failures[i].mechanism), &c);
		struct buf response = { 0 };
		struct status st = { 0 };
		assert_int_equal(sasl_step(s, slice_of(failures[i].challenge), &response, &st),
				 -1);
		assert_int_equal(st.kind, failures[i].kind);
		assert_non_null(strstr(st.text, failures[i].mechanism));
		assert_null(strstr(st.text, "secret"));
		assert_int_equal(response.len, 0);
		assert_false(sasl_finished(s));
		/* A failed exchange stays failed. */
		assert_int_equal(sasl_step(s, slice_of(""), &response, &st), -1);
		assert_false(sasl_finished(s));
		buf_release(&response);
		sasl_free(s);
	}
}

static void freeing_nothing_is_fine(void **state)
{
	(void)state;
	sasl_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(choice_follows_the_order),
		cmocka_unit_test(nothing_else_is_tried),
		cmocka_unit_test(mechanisms_are_found_by_name),
		cmocka_unit_test(auth_takes_what_there_is),
		cmocka_unit_test(exchanges_go_as_written),
		cmocka_unit_test(first_steps_that_fail),
		cmocka_unit_test(freeing_nothing_is_fine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
