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
	{ "--dry-run", { "postrider", "--dry-run", "root" }, "send dry to=<root>" },
	{ "--show-config", { "postrider", "--show-config", "--json" }, "show-config json" },
	{ "--list", { "postrider", "--list" }, "list" },
	{ "--flush", { "postrider", "--flush" }, "flush" },
	{ "--flush=ID", { "postrider", "--flush=ABC" }, "flush" },
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
	{ "not there yet", { "postrider", "--show=ABC" }, "'--show'" },
	{ "not there yet either", { "postrider", "--remove=ABC" }, "'--remove'" },
	{ "no name", { "postrider", "--=secret" }, "'--'" },
	{ "a password", { "postrider", "--password=secret" }, "'--password'" },
	{ "a password, separate", { "postrider", "--password", "secret" }, "config file only" },
	{ "a command", { "postrider", "--password-command=echo secret" }, "config file only" },
	{ "a token", { "postrider", "--token-command=echo secret" }, "config file only" },
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
