/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/long_options.h"

#include "request_case.h"

#include <stdio.h>

/* clang-format off */

static const struct good long_ones[] = {
	{ "--account", { "postrider", "--account=work" }, "send account=<work>" },
	{ "--account, separate", { "postrider", "--account", "work", "root" },
	  "send account=<work> to=<root>" },
	{ "--config", { "postrider", "--config=/x", "--config", "/y" }, "send config=</y>" },
	{ "an empty value", { "postrider", "--account=" }, "send account=<>" },
	{ "a value with =", { "postrider", "--config=a=b" }, "send config=<a=b>" },
	{ "--check", { "postrider", "--check" }, "check" },
	{ "--check=ACCOUNT", { "postrider", "--check=work" }, "check account=<work>" },
	{ "--check and -a", { "postrider", "-a", "work", "--check" }, "check account=<work>" },
	{ "--oauth-login", { "postrider", "--oauth-login" }, "oauth-login" },
	{ "--oauth-login=ACCOUNT", { "postrider", "--oauth-login=work" },
	  "oauth-login account=<work>" },
	{ "--dry-run", { "postrider", "--dry-run", "root" }, "send dry to=<root>" },
	{ "--show-config", { "postrider", "--show-config", "--json" }, "show-config json" },
	{ "--list", { "postrider", "--list" }, "list" },
	{ "--flush", { "postrider", "--flush" }, "flush all" },
	{ "--flush=ID", { "postrider", "--flush=0ABC9Z" }, "flush all id=<0ABC9Z>" },
	{ "--flush with -q", { "postrider", "-qRbob", "--flush" }, "flush all recipient=<bob>" },
	{ "--flush and -q", { "postrider", "--flush", "-q" }, "flush all" },
	{ "--show", { "postrider", "--show=A1", "--json" }, "show json id=<A1>" },
	{ "--show, separate", { "postrider", "--show", "A1" }, "show id=<A1>" },
	{ "--hold", { "postrider", "--hold=A1" }, "hold id=<A1>" },
	{ "--release", { "postrider", "--release=A1" }, "release id=<A1>" },
	{ "--remove", { "postrider", "--remove=A1" }, "remove id=<A1>" },
	{ "a long id", { "postrider", "--remove=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
					"ABCDEFGHIJKLMNOPQR" },
	  "remove id=<0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKLMNOPQR>" },
	{ "--list of some", { "postrider", "--list", "-qSme" }, "list sender=<me>" },
	{ "--listen", { "postrider", "--listen=127.0.0.1:2525", "--listen", "[::1]:2525" },
	  "listen listen=<127.0.0.1:2525> listen=<[::1]:2525>" },
	{ "--listen and -q", { "postrider", "--listen=:2525", "-q15m" },
	  "listen every=900s listen=<:2525>" },
	{ "-q and --listen", { "postrider", "-q15m", "--listen=:2525" },
	  "listen every=900s listen=<:2525>" },
	{ "--listen and -bd", { "postrider", "--listen=:2525", "-bd" },
	  "daemon listen=<:2525>" },
	{ "-bD and --listen", { "postrider", "-bD", "--listen=:2525", "-q5" },
	  "service every=300s listen=<:2525>" },
	{ "--queue-dir", { "postrider", "--queue-dir=~/q", "--retry", "1m,2m" },
	  "send queue-dir=<~/q> retry=<1m,2m>" },
	{ "--delivery", { "postrider", "--delivery=queue", "-odi" },
	  "send foreground delivery=<queue>" },
	{ "--verbose", { "postrider", "--verbose", "root" }, "send v to=<root>" },
	{ "--help", { "postrider", "--help" }, "help" },
	{ "--version", { "postrider", "--version", "root" }, "version to=<root>" },
	{ "a key", { "postrider", "--tls=none", "-t" }, "send t tls=<none>" },
	{ "a key, separate", { "postrider", "--host", "a.test", "--port", "25", "root" },
	  "send host=<a.test> port=<25> to=<root>" },
	{ "a key twice", { "postrider", "--tls=none", "--tls=implicit" },
	  "send tls=<none> tls=<implicit>" },
	{ "yes", { "postrider", "--tls-verify", "root" }, "send tls-verify=<yes> to=<root>" },
	{ "no", { "postrider", "--tls-verify=no" }, "send tls-verify=<no>" },
	{ "a separate value like a flag", { "postrider", "--user", "--x" }, "send user=<--x>" },
	{ "an unknown name of the program", { "/opt/smtp", "--list" }, "list" },
};

static const struct bad wrong[] = {
	{ "an unknown long option", { "postrider", "--frobnicate-it-now" },
	  "'--frobnicate-it-now'" },
	{ "a mistyped option", { "postrider", "--verbos" }, "'--verbose'" },
	{ "a mistyped key", { "postrider", "--hots=x" }, "'--host'" },
	{ "a mistyped secret", { "postrider", "--passwrod=secret" }, "'--passwrod'" },
	{ "no id", { "postrider", "--show" }, "'--show' needs a value" },
	{ "an empty id", { "postrider", "--hold=" }, "''" },
	{ "an empty id to flush", { "postrider", "--flush=" }, "''" },
	{ "a path", { "postrider", "--remove=../../etc/passwd" }, "'../../etc/passwd'" },
	{ "small letters", { "postrider", "--release=abc" }, "'abc'" },
	{ "a blank in an id", { "postrider", "--show=A B" }, "'A B'" },
	{ "an id that is too long", { "postrider", "--show=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					"0123456789ABCDEFGHIJKLMNOPQRS" },
	  "ABCDEFGHIJKLMNOPQRS" },
	{ "two ids", { "postrider", "--remove", "A1", "B2" }, "'B2'" },
	{ "one option, two ids", { "postrider", "--hold=A1", "--hold=B2" }, "'B2'" },
	{ "two options with ids", { "postrider", "--hold=A1", "--release=B2" }, "'B2'" },
	{ "remove and list", { "postrider", "--remove=A1", "--list" }, "two things" },
	{ "remove and flush", { "postrider", "--remove=A1", "--flush=A1" }, "one too many" },
	{ "flush and hold", { "postrider", "--flush", "--hold=A1" }, "two things" },
	{ "flush and list", { "postrider", "--flush", "-bp" }, "two things" },
	{ "--listen to nothing", { "postrider", "--listen=" }, "--listen" },
	{ "--listen without a port", { "postrider", "--listen=127.0.0.1" }, "'127.0.0.1'" },
	{ "--listen to a name", { "postrider", "--listen=smtp.example:25" },
	  "'smtp.example:25'" },
	{ "--listen to list", { "postrider", "--listen=:25", "--list" }, "not in this mode" },
	{ "--list, then listen", { "postrider", "--list", "--listen=:25" },
	  "not in this mode" },
	{ "--listen and -bs", { "postrider", "-bs", "--listen=:25" }, "not in this mode" },
	{ "--listen and a recipient", { "postrider", "--listen=:25", "root" }, "'root'" },
	{ "a bad queue", { "postrider", "--queue-dir=q" }, "queue-dir" },
	{ "a bad list of times", { "postrider", "--retry=1m,x" }, "retry" },
	{ "no name", { "postrider", "--=secret" }, "'--'" },
	{ "a password", { "postrider", "--password=secret" }, "'--password'" },
	{ "a password, separate", { "postrider", "--password", "secret" }, "config file only" },
	{ "a command", { "postrider", "--password-command=echo secret" }, "config file only" },
	{ "a token", { "postrider", "--token-command=echo secret" }, "config file only" },
	{ "a refresh token", { "postrider", "--oauth-refresh-token=secret" },
	  "config file only" },
	{ "recipients of no message", { "postrider", "--oauth-login", "root" }, "'root'" },
	{ "a value for a flag", { "postrider", "--json=yes" }, "'--json' takes no value" },
	{ "no value", { "postrider", "--account" }, "'--account' needs a value" },
	{ "no value for a key", { "postrider", "--tls" }, "'--tls' needs a value" },
	{ "a bad value", { "postrider", "--tls=perhaps" }, "tls" },
	{ "a bad number", { "postrider", "--port=70000" }, "port" },
	{ "a bad yes", { "postrider", "--tls-verify=perhaps" }, "tls-verify" },
	{ "one good and one bad value", { "postrider", "--port=25", "--tls=perhaps" }, "tls" },
};

/* clang-format on */

static void long_options_are_understood(void **state)
{
	(void)state;
	check_good(long_ones, COUNT(long_ones));
}

static void wrong_ones_are_refused(void **state)
{
	(void)state;
	check_bad(wrong, COUNT(wrong));
}

/* No key that may not stand on a command line does, and none fails to be told from a mistake.
 */
static void keys_of_the_file_stay_there(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_count; i++) {
		struct fixture f;
		char arg[80];
		const char *const args[] = { "postrider", arg, NULL };
		bool own = strcmp(options[i].key, "account") == 0;
		if (long_option_allowed(&options[i]) || own)
			continue;
		snprintf(arg, sizeof arg, "--%s=hunter2", options[i].key);
		assert_int_equal(parse(&f, args), -1);
		assert_non_null(strstr(f.status.text, "config file only"));
		assert_non_null(strstr(f.status.text, options[i].key));
		assert_null(strstr(f.status.text, "hunter2"));
		request_release(&f.request);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_options_are_understood),
		cmocka_unit_test(wrong_ones_are_refused),
		cmocka_unit_test(keys_of_the_file_stay_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
