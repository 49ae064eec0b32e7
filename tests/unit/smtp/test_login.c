/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/login.h"

#include "base/base64.h"
#include "smtp/sasl.h"

#include "smtp/dialogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HELLO(mechanisms)                                                                      \
	"S: 220 ready\nC: EHLO me.example\nS: 250-there\nS: 250 AUTH " mechanisms "\n"
#define QUIT "C: QUIT\n"

/* The user is "tim", the password "tanstaaftanstaaf", as in RFC 2195. */
#define PLAIN_TIM   "AHRpbQB0YW5zdGFhZnRhbnN0YWFm"
#define TIM         "dGlt"
#define TANSTAAF    "dGFuc3RhYWZ0YW5zdGFhZg=="
#define CRAM_TEXT   "PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+"
#define CRAM_ANSWER "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw"

static const struct {
	const char *name, *auth, *text;
	enum status_kind kind; /* STATUS_OK: in */
	const char *mechanism; /* if so */
	const char *says;
} cases[] = {
	{ "PLAIN", "plain",
	  HELLO("PLAIN LOGIN") "C: AUTH PLAIN " PLAIN_TIM "\nS: 235 in\n" QUIT, STATUS_OK,
	  "PLAIN", NULL },
	{ "LOGIN", "login",
	  HELLO("PLAIN LOGIN") "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: " TIM
			       "\nS: 334 UGFzc3dvcmQ6\nC: " TANSTAAF "\nS: 235 in\n" QUIT,
	  STATUS_OK, "LOGIN", NULL },
	{ "CRAM-MD5", "cram-md5",
	  HELLO("CRAM-MD5") "C: AUTH CRAM-MD5\nS: 334 " CRAM_TEXT "\nC: " CRAM_ANSWER
			    "\nS: 235 in\n" QUIT,
	  STATUS_OK, "CRAM-MD5", NULL },
	{ "not offered", "plain", HELLO("LOGIN"), STATUS_NOT_ALLOWED, NULL, NULL },
	{ "nothing offered", "plain", "S: 220 ready\nC: EHLO me.example\nS: 250 there\n",
	  STATUS_NOT_ALLOWED, NULL, NULL },
	{ "auto shows no password without TLS", "auto", HELLO("PLAIN LOGIN CRAM-MD5"),
	  STATUS_NOT_ALLOWED, NULL, NULL },
	{ "refused", "plain", HELLO("PLAIN") "C: AUTH PLAIN " PLAIN_TIM "\nS: 535 5.7.8 no\n",
	  STATUS_NOT_ALLOWED, NULL, "AUTH PLAIN ********: 535 5.7.8 no" },
	{ "put off", "plain", HELLO("PLAIN") "C: AUTH PLAIN " PLAIN_TIM "\nS: 454 later\n",
	  STATUS_TEMPORARY, NULL, "454 later" },
	{ "bye", "plain", HELLO("PLAIN") "C: AUTH PLAIN " PLAIN_TIM "\nS: 421 bye\n",
	  STATUS_TEMPORARY, NULL, "421 bye" },
	{ "another yes", "plain", HELLO("PLAIN") "C: AUTH PLAIN " PLAIN_TIM "\nS: 250 in\n",
	  STATUS_BROKEN_PEER, NULL, "250 in" },
	{ "closed", "plain", HELLO("PLAIN") "C: AUTH PLAIN " PLAIN_TIM "\n", STATUS_TEMPORARY,
	  NULL, "answer to AUTH" },
	{ "yes before we spoke", "plain", HELLO("PLAIN") "S: 235 in\n", STATUS_BROKEN_PEER,
	  NULL, "out of turn" },
	{ "yes before the password", "login", HELLO("LOGIN") "C: AUTH LOGIN\nS: 235 in\n",
	  STATUS_BROKEN_PEER, NULL, "did not prove" },
	{ "yes after the name", "login", HELLO("LOGIN") "C: AUTH LOGIN\nS: 334 x\nS: 235 in\n",
	  STATUS_BROKEN_PEER, NULL, NULL },
	{ "one challenge too many", "login",
	  HELLO("LOGIN") "C: AUTH LOGIN\nS: 334 eA==\nC: " TIM "\nS: 334 eA==\nC: " TANSTAAF
			 "\nS: 334 eA==\nC: *\nS: 501 ended\n",
	  STATUS_BROKEN_PEER, NULL, NULL },
	{ "a challenge that is no base64", "cram-md5",
	  HELLO("CRAM-MD5") "C: AUTH CRAM-MD5\nS: 334 ???\nC: *\nS: 501 ended\n",
	  STATUS_BROKEN_PEER, NULL, "no base64" },
	{ "a challenge in two lines", "cram-md5",
	  HELLO("CRAM-MD5") "C: AUTH CRAM-MD5\nS: 334-eA==\nS: 334 eA==\nC: *\nS: 501 ended\n",
	  STATUS_BROKEN_PEER, NULL, "no base64" },
	{ "cancelled, and closed", "cram-md5",
	  HELLO("CRAM-MD5") "C: AUTH CRAM-MD5\nS: 334 ???\nC: *\n", STATUS_BROKEN_PEER, NULL,
	  "no base64" },
	{ "a secret in the answer", "plain",
	  HELLO("PLAIN") "C: AUTH PLAIN " PLAIN_TIM
			 "\nS: 535-not tanstaaftanstaaf\nS: 535 nor " PLAIN_TIM " or " TANSTAAF
			 "\n",
	  STATUS_NOT_ALLOWED, NULL, "535 not ******** nor ******** or ********" },
	{ "SCRAM, with yes at once", "scram-sha-256",
	  HELLO("SCRAM-SHA-256") "C~ AUTH SCRAM-SHA-256 biws\nS: 235 in\n", STATUS_BROKEN_PEER,
	  NULL, "did not prove" },
	{ "SCRAM, with a nonce of another", "scram-sha-256",
	  HELLO("SCRAM-SHA-256") "C~ AUTH SCRAM-SHA-256 biws\nS: 334 "
				 "cj1hYmMscz1hYmM9LGk9NDA5Ng==\nC: *\nS: 501 ended\n",
	  STATUS_BROKEN_PEER, NULL, NULL },
};

static void expect_no_secret(const char *text)
{
	static const char *const secrets[] = { "tanstaaf", PLAIN_TIM, TANSTAAF, CRAM_ANSWER };
	for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
		assert_null(strstr(text, secrets[i]));
}

static struct dialogue login(const char *text, const char *auth)
{
	return (struct dialogue){
		.text = text,
		.recipients = "",
		.settings = { .auth = auth, .user = "tim", .password = "tanstaaftanstaaf" },
	};
}

static void logins_succeed_or_say_why(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct dialogue d = login(cases[i].text, cases[i].auth);
		print_message("          %s\n", cases[i].name);
		dialogue_run(&d);
		dialogue_expect_sound(&d);
		if (strchr(cases[i].text, '~') == NULL)
			dialogue_expect_sent(&d);
		expect_no_secret(buf_str(&d.shown));
		assert_int_equal(d.result, cases[i].kind == STATUS_OK ? 0 : -1);
		if (d.result == 0) {
			assert_string_equal(d.mechanism, cases[i].mechanism);
		} else {
			assert_null(d.mechanism);
			assert_string_equal(status_label(d.st.kind),
					    status_label(cases[i].kind));
			assert_int_equal(d.st.stage, STAGE_AUTH);
			assert_true(cases[i].says == NULL ||
				    strstr(d.st.text, cases[i].says) != NULL);
			expect_no_secret(d.st.text);
		}
		dialogue_release(&d);
	}
}

static void a_login_may_be_cut_anywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct dialogue d = login(cases[i].text, cases[i].auth);
		dialogue_run(&d);
		size_t len = d.server_len;
		dialogue_release(&d);
		for (d.is_cut = true, d.server_cut = 0; d.server_cut < len; d.server_cut++) {
			dialogue_run(&d);
			assert_int_equal(d.result, -1);
			dialogue_expect_sound(&d);
			expect_no_secret(buf_str(&d.shown));
			dialogue_release(&d);
		}
	}
}

/* Replies in the place of the last one; only 235 lets us in. */
static void only_235_is_a_login(void **state)
{
	(void)state;
	static const char *const replies[] = {
		"220 x", "221 x", "250 x", "251 x", "252 x", "334 eA==", "334",
		"354 x", "421 x", "450 x", "454 x", "500 x", "504 x",    "530 x",
		"534 x", "535 x", "538 x", "550 x", "x",     "23",       "2350 x",
	};
	for (size_t i = 0; i < 3; i++) {
		size_t last = i == 0 ? 3 : i == 1 ? 5 : 4;
		for (size_t r = 0; r < sizeof replies / sizeof *replies; r++) {
			struct dialogue d = login(cases[i].text, cases[i].auth);
			d.replaced = last;
			d.replacement = replies[r];
			dialogue_run(&d);
			assert_int_equal(d.result, -1);
			assert_int_equal(d.st.stage, STAGE_AUTH);
			assert_true(status_again(d.st.kind));
			dialogue_expect_sound(&d);
			dialogue_release(&d);
		}
	}
}

/* What a user can do about it. */
static void refusals_come_with_advice(void **state)
{
	(void)state;
	static const char *const replies[] = { "504 x", "530 x", "534 x", "535 x", "538 x" };
	for (size_t r = 0; r < sizeof replies / sizeof *replies; r++) {
		struct dialogue d = login(cases[0].text, "plain");
		d.replaced = 3;
		d.replacement = replies[r];
		dialogue_run(&d);
		assert_true(d.st.hint[0] != '\0');
		dialogue_release(&d);
	}
}

static void no_end_of_challenges_is_an_end(void **state)
{
	(void)state;
	struct buf text = { 0 };
	buf_add_str(&text, HELLO("LOGIN") "C: AUTH LOGIN\n");
	for (int i = 0; i < 50; i++)
		buf_add_str(&text, "S: 334 eA==\nC~ \n");
	struct dialogue d = login(buf_str(&text), "login");
	dialogue_run(&d);
	assert_int_equal(d.result, -1);
	assert_int_equal(d.st.kind, STATUS_BROKEN_PEER);
	dialogue_release(&d);
	buf_release(&text);
}

/* An initial response that makes the line too long waits for the server to ask (RFC 4954, 4).
 */
static void a_long_password_goes_on_a_line_of_its_own(void **state)
{
	(void)state;
	for (size_t len = 360; len < 375; len++) {
		struct buf password = { 0 }, secret = { 0 }, encoded = { 0 }, text = { 0 };
		for (size_t i = 0; i < len; i++)
			buf_add_char(&password, 'p');
		buf_add(&secret, "\0tim", 5);
		buf_add_str(&secret, buf_str(&password));
		base64_encode(&encoded, buf_slice(&secret));
		bool fits = encoded.len + strlen("AUTH PLAIN ") + 2 <= 512;
		buf_addf(&text, HELLO("PLAIN") "C: AUTH PLAIN%s%s\nS: 235 in\n" QUIT,
			 fits ? " " : "\nS: 334\nC: ", buf_str(&encoded));
		struct dialogue d = login(buf_str(&text), "plain");
		d.settings.password = buf_str(&password);
		dialogue_run(&d);
		dialogue_expect_sent(&d);
		assert_int_equal(d.result, 0);
		assert_null(strstr(buf_str(&d.shown), buf_str(&encoded)));
		dialogue_release(&d);
		buf_release(&password);
		buf_release(&secret);
		buf_release(&encoded);
		buf_release(&text);
	}
}

/* The identity of EXTERNAL may be empty, which AUTH says with "=" (RFC 4954, 4). */
static void nothing_is_sent_as_an_equals_sign(void **state)
{
	(void)state;
	struct dialogue d =
		login(HELLO("EXTERNAL") "C: AUTH EXTERNAL =\nS: 235 in\n" QUIT, "external");
	d.settings.user = "";
	d.settings.password = NULL;
	dialogue_run(&d);
	dialogue_expect_sent(&d);
	assert_int_equal(d.result, 0);
	dialogue_release(&d);
}

static void a_password_that_cannot_be_sent_is_not(void **state)
{
	(void)state;
	struct dialogue d = login(HELLO("SCRAM-SHA-256"), "scram-sha-256");
	d.settings.password = "bell\a";
	dialogue_run(&d);
	dialogue_expect_sound(&d);
	assert_int_equal(d.result, -1);
	assert_int_equal(d.st.stage, STAGE_AUTH);
	dialogue_release(&d);
}

static void without_tls_opportunism_has_no_login(void **state)
{
	(void)state;
	struct dialogue d = login(HELLO("PLAIN"), "plain");
	d.settings.tls = SESSION_OPPORTUNISTIC;
	dialogue_run(&d);
	dialogue_expect_sent(&d);
	assert_int_equal(d.result, -1);
	assert_int_equal(d.st.kind, STATUS_NOT_SECURE);
	dialogue_release(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logins_succeed_or_say_why),
		cmocka_unit_test(a_login_may_be_cut_anywhere),
		cmocka_unit_test(only_235_is_a_login),
		cmocka_unit_test(refusals_come_with_advice),
		cmocka_unit_test(no_end_of_challenges_is_an_end),
		cmocka_unit_test(a_long_password_goes_on_a_line_of_its_own),
		cmocka_unit_test(nothing_is_sent_as_an_equals_sign),
		cmocka_unit_test(a_password_that_cannot_be_sent_is_not),
		cmocka_unit_test(without_tls_opportunism_has_no_login),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
