/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/credential.h"

#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct account account_of(const char *auth, const char *token_command)
{
	static char user[] = "alice", password[] = "wonderland";
	return (struct account){
		.auth = (char *)auth,
		.user = user,
		.password = password,
		.token_command = (char *)token_command,
		.connect_timeout = 30,
	};
}

static const struct {
	const char *auth;
	const char *token_command;
	enum sasl_proof proof;
	const char *secret;
} sources[] = {
	{ "auto", NULL, SASL_PASSWORD, "wonderland" },
	{ "auto", "echo token", SASL_TOKEN, "token" },
	{ "plain", "echo token", SASL_PASSWORD, "wonderland" },
	{ "scram-sha-256-plus", "echo token", SASL_PASSWORD, "wonderland" },
	{ "xoauth2", "echo token", SASL_TOKEN, "token" },
	{ "OAUTHBEARER", "echo token", SASL_TOKEN, "token" },
	{ "external", "echo token", SASL_CERTIFICATE, "" },
};

static void the_mechanism_says_what_is_needed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
		struct account a = account_of(sources[i].auth, sources[i].token_command);
		struct credential c = { 0 };
		struct status st = { 0 };
		assert_int_equal(credential_fetch(&c, &a, "mail.test", NULL, NULL, &st), 0);
		assert_int_equal(c.proof, sources[i].proof);
		assert_string_equal(buf_str(&c.secret), sources[i].secret);
		credential_release(&c);
	}
}

static void what_is_missing_is_named(void **state)
{
	(void)state;
	static const char *const commands[] = { NULL, "exit 1", "true" };
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		struct account a = account_of("xoauth2", commands[i]);
		struct credential c = { 0 };
		struct status st = { 0 };
		assert_int_equal(credential_fetch(&c, &a, "mail.test", NULL, NULL, &st), -1);
		assert_int_equal(st.kind, STATUS_NOT_ALLOWED);
		assert_int_equal(st.stage, STAGE_AUTH);
		assert_non_null(strstr(st.text, "token"));
		credential_release(&c);
	}
}

#define REFUSED                                                                                \
	{                                                                                      \
		.kind = STATUS_NOT_ALLOWED, .stage = STAGE_AUTH, .code = 535,                  \
	}

static const struct {
	const char *name;
	const char *token_command; /* in the scratch folder; NULL: log in with a password */
	struct status failure;
	bool renewed;
	const char *fetched; /* a byte for each time that the command ran */
} renewals[] = {
	{ "another token", "echo >>n; wc -l <n", REFUSED, true, "\n\n" },
	{ "the same token", "echo >>n; echo t", REFUSED, false, "\n\n" },
	{ "no token", "echo >>n; test $(wc -l <n) = 1 && echo t", REFUSED, false, "\n\n" },
	{ "a password", NULL, REFUSED, false, NULL },
	{ "nothing offered",
	  "echo >>n; wc -l <n",
	  { .kind = STATUS_NOT_ALLOWED, .stage = STAGE_AUTH },
	  false,
	  "\n" },
	{ "later",
	  "echo >>n; wc -l <n",
	  { .kind = STATUS_TEMPORARY, .stage = STAGE_AUTH, .code = 454 },
	  false,
	  "\n" },
	{ "another stage",
	  "echo >>n; wc -l <n",
	  { .kind = STATUS_NOT_ALLOWED, .stage = STAGE_MAIL, .code = 530 },
	  false,
	  "\n" },
};

static void expect_runs(const struct scratch *dir, const char *runs)
{
	struct buf path = { 0 };
	char seen[8];
	buf_addf(&path, "%s/n", dir->folder);
	FILE *file = fopen(buf_str(&path), "r");
	assert_true((file != NULL) == (runs != NULL));
	if (file != NULL) {
		size_t len = fread(seen, 1, sizeof seen - 1, file);
		fclose(file);
		assert_int_equal(len, strlen(runs));
		assert_memory_equal(seen, runs, len);
	}
	buf_release(&path);
}

static void a_refused_token_is_fetched_once_more(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof renewals / sizeof *renewals; i++) {
		struct scratch dir;
		struct buf command = { 0 };
		struct status st = { 0 };
		struct credential c = { 0 };
		print_message("          %s\n", renewals[i].name);
		scratch_open(&dir);
		buf_addf(&command, "cd '%s' && { %s; }", dir.folder,
			 renewals[i].token_command != NULL ? renewals[i].token_command : "");
		struct account a =
			account_of("auto", renewals[i].token_command != NULL ? buf_str(&command)
									     : NULL);
		assert_int_equal(credential_fetch(&c, &a, "mail.test", NULL, NULL, &st), 0);
		assert_int_equal(credential_renew(&c, &a, NULL, &renewals[i].failure),
				 renewals[i].renewed);
		if (renewals[i].renewed)
			assert_string_equal(buf_str(&c.secret), "2");
		expect_runs(&dir, renewals[i].fetched);
		/* Never a third time, in either case. */
		if (c.was_renewed) {
			assert_false(credential_renew(&c, &a, NULL, &renewals[i].failure));
			expect_runs(&dir, renewals[i].fetched);
		}
		credential_release(&c);
		buf_release(&command);
		scratch_close(&dir);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_mechanism_says_what_is_needed),
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(a_refused_token_is_fetched_once_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
