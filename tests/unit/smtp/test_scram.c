/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/sasl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct exchange {
	const char *mechanism;
	struct sasl_credentials credentials;
	const char *client_first;
	const char *server_first;
	const char *client_final;
	const char *server_final;
};

/* What is bound to, bytes that no text has. */
static const char channel[] = "\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21\22\23\24\25\26\27"
			      "\30\31\32\33\34\35\36\37";

/* RFC 5802, 5, and RFC 7677, 3; then our own, computed with another implementation of HMAC and
 * PBKDF2. */
static const struct exchange exchanges[] = {
	{
		.mechanism = "SCRAM-SHA-1",
		.credentials = { .user = "user",
				 .password = "pencil",
				 .nonce = "fyko+d2lbbFgONRv9qkxdawL" },
		.client_first = "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
		.server_first = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
				"s=QSXCR+Q6sek8bf92,i=4096",
		.client_final = "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
				"p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
		.server_final = "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
	},
	{
		.mechanism = "SCRAM-SHA-256",
		.credentials = { .user = "user",
				 .password = "pencil",
				 .nonce = "rOprNGfwEbeRWgbNEkqO" },
		.client_first = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
		.server_first = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
				"s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
		.client_final = "c=biws,"
				"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
				"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
		.server_final = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
	},
	{
		/* A user name with both bytes that need an escape, a password with an accent.
		 */
		.mechanism = "SCRAM-SHA-256",
		.credentials = { .user = "a=b,c", .password = "I\xc3\xa9X", .nonce = "abc" },
		.client_first = "n,,n=a=3Db=2Cc,r=abc",
		.server_first = "r=abcdef,s=c2FsdA==,i=4096",
		.client_final = "c=biws,r=abcdef,"
				"p=0ZdTJCX26+bwHFIxPImVidJ8dDgsjLKhXI0fKpZM4rw=",
		.server_final = "v=TRrPb/6Cxj7WQS9JF6lP3D+DpV7Xe4d2zGGOV3J/iuE=",
	},
	{
		/* The same, with the accent typed as a character of its own. */
		.mechanism = "SCRAM-SHA-256",
		.credentials = { .user = "a=b,c", .password = "Ie\xcc\x81X", .nonce = "abc" },
		.client_first = "n,,n=a=3Db=2Cc,r=abc",
		.server_first = "r=abcdef,s=c2FsdA==,i=4096",
		.client_final = "c=biws,r=abcdef,"
				"p=0ZdTJCX26+bwHFIxPImVidJ8dDgsjLKhXI0fKpZM4rw=",
		.server_final = "v=TRrPb/6Cxj7WQS9JF6lP3D+DpV7Xe4d2zGGOV3J/iuE=",
	},
	{
		/* RFC 7677's again, bound to a channel. */
		.mechanism = "SCRAM-SHA-256-PLUS",
		.credentials = { .user = "user",
				 .password = "pencil",
				 .nonce = "rOprNGfwEbeRWgbNEkqO",
				 .binding_type = "tls-exporter",
				 .binding = { channel, 32 } },
		.client_first = "p=tls-exporter,,n=user,r=rOprNGfwEbeRWgbNEkqO",
		.server_first = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
				"s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
		.client_final =
			"c=cD10bHMtZXhwb3J0ZXIsLAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f,"
			"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
			"p=QC6CS20quADQRb3mT99YUH+n3VJxUvzuK0K0E1Vrs2M=",
		.server_final = "v=2GiAgapEppLVlUXbxUDksL3VgYHzuqiK5tR4mhJGgvs=",
	},
	{
		.mechanism = "SCRAM-SHA-1-PLUS",
		.credentials = { .user = "user",
				 .password = "pencil",
				 .nonce = "fyko+d2lbbFgONRv9qkxdawL",
				 .binding_type = "tls-server-end-point",
				 .binding = { channel, 32 } },
		.client_first = "p=tls-server-end-point,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
		.server_first = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
				"s=QSXCR+Q6sek8bf92,i=4096",
		.client_final = "c=cD10bHMtc2VydmVyLWVuZC1wb2ludCwsAAECAwQFBgcICQoLDA0ODxAREhMU"
				"FRYXGBkaGxwdHh8=,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
				"p=z8dLQJmun2sA+XpCkRPSWO61Enc=",
		.server_final = "v=if1R+hByy96r9wlpTEFxowaJvkg=",
	},
	{
		/* We could have bound it, but there was no offer. */
		.mechanism = "SCRAM-SHA-256",
		.credentials = { .user = "user",
				 .password = "pencil",
				 .nonce = "rOprNGfwEbeRWgbNEkqO",
				 .binding_type = "tls-exporter",
				 .binding = { channel, 32 } },
		.client_first = "y,,n=user,r=rOprNGfwEbeRWgbNEkqO",
		.server_first = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
				"s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
		.client_final = "c=eSws,"
				"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
				"p=FoqiHTtQEDE8lz1CdaEe3tK4mS+iMDTl77SPyDS53DY=",
		.server_final = "v=dI4KpiQJwBr1+V+K6U1dA6l6I4I9DUNXWND4pcpRU3U=",
	},
};

/* The exchange whose messages the tests of single steps change. */
static const struct exchange *const rfc = &exchanges[0];

static struct sasl *begin(const struct exchange *e)
{
	return sasl_new(sasl_find(e->mechanism), &e->credentials);
}

static void expect(struct sasl *s, const char *challenge, const char *response)
{
	struct buf out = { 0 };
	struct status st = { 0 };
	if (sasl_step(s, slice_of(challenge), &out, &st) != 0)
		fail_msg("%s", st.text);
	assert_string_equal(buf_str(&out), response);
	buf_release_secret(&out);
}

static void expect_failure(struct sasl *s, const char *challenge, enum status_kind kind,
			   const char *says)
{
	struct buf out = { 0 };
	struct status st = { 0 };
	if (sasl_step(s, slice_of(challenge), &out, &st) != -1)
		fail_msg("accepted: %s", challenge);
	assert_int_equal(out.len, 0);
	assert_int_equal(st.kind, kind);
	if (strstr(st.text, says) == NULL)
		fail_msg("'%s' for '%s'", st.text, challenge);
	assert_false(sasl_finished(s));
	buf_release_secret(&out);
}

static void exchanges_go_as_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof exchanges / sizeof *exchanges; i++) {
		const struct exchange *e = &exchanges[i];
		struct sasl *s = begin(e);
		expect(s, "", e->client_first);
		assert_false(sasl_finished(s));
		expect(s, e->server_first, e->client_final);
		assert_false(sasl_finished(s));
		expect(s, e->server_final, "");
		assert_true(sasl_finished(s));
		expect_failure(s, e->server_final, STATUS_BROKEN_PEER, "goes on asking");
		sasl_free(s);
	}
}

static void unknown_extensions_are_ignored(void **state)
{
	(void)state;
	struct sasl *s = begin(rfc);
	struct buf message = { 0 }, response = { 0 };
	struct status st;
	expect(s, "", rfc->client_first);
	buf_addf(&message, "%s,x=1,M=2", rfc->server_first);
	assert_int_equal(sasl_step(s, buf_slice(&message), &response, &st), 0);
	/* They are part of what is signed, so the proof is another one. */
	assert_string_not_equal(buf_str(&response), rfc->client_final);
	buf_release(&message);
	buf_release(&response);
	sasl_free(s);
}

#define NONCE "r=fyko+d2lbbFgONRv9qkxdawLxyz"

static const struct {
	const char *says;
	const char *message;
} bad_first[] = {
	{ "malformed", "" },
	{ "malformed", NONCE ",s=c2FsdA==" },
	{ "malformed", "s=c2FsdA==," NONCE ",i=4096" },
	{ "malformed", NONCE ",,s=c2FsdA==,i=4096" },
	{ "malformed", NONCE ",s,i=4096" },
	{ "malformed", "m=x," NONCE ",s=c2FsdA==,i=4096" },
	{ "malformed", NONCE ",s=c2FsdA==,i=4096,x=1,m=x" },
	{ "nonce", "r=Fyko+d2lbbFgONRv9qkxdawLxyz,s=c2FsdA==,i=4096" },
	{ "nonce", "r=fyko+d2lbbFgONRv9qkxdawL,s=c2FsdA==,i=4096" },
	{ "nonce", "r=xfyko+d2lbbFgONRv9qkxdawL,s=c2FsdA==,i=4096" },
	{ "nonce", "r=fyko,s=c2FsdA==,i=4096" },
	{ "nonce", "r=,s=c2FsdA==,i=4096" },
	{ "salt", NONCE ",s=c2FsdA,i=4096" },
	{ "salt", NONCE ",s=c2FsdB==,i=4096" },
	{ "salt", NONCE ",s=,i=4096" },
	{ "between 4096 and 2000000", NONCE ",s=c2FsdA==,i=" },
	{ "between 4096 and 2000000", NONCE ",s=c2FsdA==,i=4095" },
	{ "between 4096 and 2000000", NONCE ",s=c2FsdA==,i=2000001" },
	{ "between 4096 and 2000000", NONCE ",s=c2FsdA==,i=4294971392" },
	{ "between 4096 and 2000000", NONCE ",s=c2FsdA==,i=18446744073709555712" },
	{ "no number", NONCE ",s=c2FsdA==,i=0" },
	{ "no number", NONCE ",s=c2FsdA==,i=04096" },
	{ "no number", NONCE ",s=c2FsdA==,i=-4096" },
	{ "no number", NONCE ",s=c2FsdA==,i=4096 " },
};

static void bad_first_messages_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad_first / sizeof *bad_first; i++) {
		struct sasl *s = begin(rfc);
		expect(s, "", rfc->client_first);
		expect_failure(s, bad_first[i].message, STATUS_BROKEN_PEER, bad_first[i].says);
		/* An empty signature would match one that was never computed. */
		expect_failure(s, "v=", STATUS_BROKEN_PEER, "goes on asking");
		sasl_free(s);
	}
}

static const struct {
	const char *says;
	const char *message;
} bad_final[] = {
	{ "malformed", "" },
	{ "malformed", "rmF9pqV8S7suAoZWja4dJRkFsKQ=" },
	{ "malformed", "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=,m=x" },
	{ "does not prove", "v=" },
	{ "does not prove", "v=rmF9pqV8S7suAoZWja4dJRkFsKU=" },
	{ "does not prove", "v=smF9pqV8S7suAoZWja4dJRkFsKQ=" },
	{ "does not prove", "v=rmF9pqV8S7suAoZWja4dJRkF" },
	{ "does not prove", "v=rmF9pqV8S7suAoZWja4dJRkFsKQ" },
	{ "does not prove", "v=AAAAAAAAAAAAAAAAAAAAAAAAAAA=" },
	{ "does not prove", "v=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=" },
};

static void bad_last_messages_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad_final / sizeof *bad_final; i++) {
		struct sasl *s = begin(rfc);
		expect(s, "", rfc->client_first);
		expect(s, rfc->server_first, rfc->client_final);
		expect_failure(s, bad_final[i].message, STATUS_BROKEN_PEER, bad_final[i].says);
		/* One guess only. */
		expect_failure(s, rfc->server_final, STATUS_BROKEN_PEER, "goes on asking");
		sasl_free(s);
	}
}

/* The server's reason is shown, but what could steer a terminal is not. */
static void the_server_may_refuse(void **state)
{
	(void)state;
	struct sasl *s = begin(rfc);
	expect(s, "", rfc->client_first);
	expect_failure(s, "e=unknown-user", STATUS_NOT_ALLOWED, "says 'unknown-user'");
	sasl_free(s);
	s = begin(rfc);
	expect(s, "", rfc->client_first);
	expect(s, rfc->server_first, rfc->client_final);
	expect_failure(s, "e=bad\r\n\033[2Jword,x=1", STATUS_NOT_ALLOWED,
		       "says 'bad???[2Jword'");
	sasl_free(s);
}

static const struct {
	const char *user;
	const char *password;
	const char *says;
} forbidden[] = {
	{ "us\ner", "pencil", "user name" },          { "us\177er", "pencil", "user name" },
	{ "us\377er", "pencil", "user name" },        { "user", "pen\tcil", "password" },
	{ "user", "pencil\r", "password" },           { "user", "pencil\xe9", "password" },
	{ "user", "pencil\xe2\x80\x8b", "password" },
};

static void forbidden_characters_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) {
		struct sasl_credentials c = { .user = forbidden[i].user,
					      .password = forbidden[i].password,
					      .nonce = rfc->credentials.nonce };
		struct sasl *s = sasl_new(sasl_find("SCRAM-SHA-1"), &c);
		if (strcmp(forbidden[i].says, "password") == 0)
			expect(s, "", rfc->client_first);
		const char *challenge =
			strcmp(forbidden[i].says, "password") == 0 ? rfc->server_first : "";
		expect_failure(s, challenge, STATUS_NOT_ALLOWED, forbidden[i].says);
		sasl_free(s);
	}
}

static void nonces_are_random(void **state)
{
	(void)state;
	struct sasl_credentials c = { .user = "user", .password = "pencil" };
	struct buf seen[2] = { { 0 }, { 0 } };
	struct status st;
	for (size_t i = 0; i < 2; i++) {
		struct sasl *s = sasl_new(sasl_find("SCRAM-SHA-256"), &c);
		assert_int_equal(sasl_step(s, slice_of(""), &seen[i], &st), 0);
		assert_int_equal(seen[i].len, strlen("n,,n=user,r=") + 36);
		sasl_free(s);
	}
	assert_string_not_equal(buf_str(&seen[0]), buf_str(&seen[1]));
	buf_release(&seen[0]);
	buf_release(&seen[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exchanges_go_as_written),
		cmocka_unit_test(unknown_extensions_are_ignored),
		cmocka_unit_test(bad_first_messages_are_refused),
		cmocka_unit_test(bad_last_messages_are_refused),
		cmocka_unit_test(the_server_may_refuse),
		cmocka_unit_test(forbidden_characters_are_refused),
		cmocka_unit_test(nonces_are_random),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
