/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/config.h"

#include "base/mem.h"
#include "config/config_file.h"
#include "config/options.h"
#include "scratch.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	struct scratch scratch;
	struct config config;
	struct status status;
	const char *file;
};

static int set_up(void **state)
{
	struct fixture *f = mem_zero(1, sizeof *f);
	scratch_open(&f->scratch);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("UNSET");
	setenv("SET", "value", 1);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	scratch_close(&f->scratch);
	free(f);
	return 0;
}

/* Load TEXT as a -C file. */
static int load(struct fixture *f, const char *text)
{
	f->file = scratch_write(&f->scratch, "main.ini", 0600, text);
	f->status = (struct status){ 0 };
	return config_load(&f->config, f->file, "/home/u", NULL, 0, &f->status);
}

/* "NAME user domain port" of each account, as one line. */
static void describe(const struct config *c, struct buf *out)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct account *a = &c->accounts[i];
		buf_addf(out, "%s%s %s %s %d", i != 0 ? ", " : "", a->name,
			 a->user != NULL ? a->user : "-", a->domain != NULL ? a->domain : "-",
			 (int)a->port);
	}
}

static void assert_accounts(struct fixture *f, const char *expected)
{
	struct buf found = { 0 };
	describe(&f->config, &found);
	assert_string_equal(buf_str(&found), expected);
	buf_release(&found);
	config_release(&f->config);
}

static void files_become_accounts(void **state)
{
	static const struct {
		const char *name, *text, *expected;
	} cases[] = {
		{ "nothing", "", "" },
		{ "no host", "user = u\n", "" },
		{ "no section", "host = h\nuser = u\n", "default u - 0" },
		{ "one section", "[account a]\nhost = h\nuser = u\n", "a u - 0" },
		{ "defaults",
		  "domain = d\nuser = u\n[account a]\nhost = h\n[account b]\nhost = h\nuser = "
		  "v\n",
		  "a u d 0, b v d 0" },
		{ "a default host", "host = h\n[account a]\n[account b]\nport = 25\n",
		  "a - - 0, b - - 25" },
		{ "taken back", "host = h\nuser = u\n[account a]\nuser =\n", "a - - 0" },
		{ "names", "host = h\n[account My own; one]\n[account  x # y ]\n[account\tz]\n",
		  "My own; one - - 0, x # y - - 0, z - - 0" },
		{ "environment",
		  "host = h\nuser = ${SET}\ndomain = ${UNSET:-d}\nport = ${UNSET:-25}\n",
		  "default value d 25" },
		{ "quoted environment", "host = h\nuser = \"a ;${SET}\"\n",
		  "default a ;value - 0" },
		{ "choice", "account = b\nhost = h\n[account a]\n[account b]\n",
		  "a - - 0, b - - 0" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		print_message("%s\n", cases[i].name);
		assert_int_equal(load(*state, cases[i].text), 0);
		assert_accounts(*state, cases[i].expected);
	}
}

static const struct {
	const char *name, *text;
	unsigned line;
	const char *sentence, *hint; /* NULL: any */
} mistakes[] = {
	{ "unknown key", "host = h\npasword = hush\n", 2, "unknown key 'pasword'",
	  "did you mean 'password'?" },
	{ "no near key", "colour-of-the-sky = blue\n", 1, "unknown key 'colour-of-the-sky'",
	  "" },
	{ "unknown section", "\n[acount work]\n", 2, "unknown section '[acount work]'",
	  "did you mean '[account work]'?" },
	{ "bare section", "[work]\n", 1, "unknown section '[work]'",
	  "did you mean '[account work]'?" },
	{ "section's case", "[Account work]\n", 1, "unknown section '[Account work]'",
	  "did you mean '[account work]'?" },
	{ "nameless account", "[account]\n", 1, "the account has no name", "" },
	{ "nameless section", "[]\n", 1, "unknown section '[]'", NULL },
	{ "bad value", "tls = tsl\n", 1,
	  "'tls': takes starttls, implicit, opportunistic or none, not 'tsl'", "" },
	{ "repeated default", "user = a\nhost = h\nuser = b\n", 3,
	  "'user' is already set in line 1", "" },
	{ "repeated in a section", "user = a\n[account a]\nhost = h\nuser = b\nuser = c\n", 5,
	  "'user' is already set in line 4", "" },
	{ "repeated choice", "account = a\naccount = b\n", 2,
	  "'account' is already set in line 1", "" },
	{ "choice in a section", "[account a]\naccount = a\n", 2,
	  "'account' has to stand before the first section", "" },
	{ "include in a section", "[account a]\ninclude = x\n", 2,
	  "'include' has to stand before the first section", "" },
	{ "unset variable", "host = h\nuser = ${UNSET}\n", 2, "the environment has no 'UNSET'",
	  "set it, or write ${UNSET:-default}" },
	{ "unknown choice", "\naccount = wrok\nhost = h\n[account work]\n", 2,
	  "there is no account 'wrok'", "did you mean 'work'?" },
	{ "unknown fallback", "host = h\n[account a]\nfallback = work, wrok\n[account work]\n",
	  3, "there is no account 'wrok'", "did you mean 'work'?" },
	{ "unknown fallback of all", "fallback = b\nhost = h\n[account a]\n", 1,
	  "there is no account 'b'", "" },
	{ "a proxy of another kind", "host = h\nproxy = http://p\n", 2,
	  "'proxy': the proxy is not given as socks5://host:port", "write socks5://host:port" },
	{ "a login at the proxy", "proxy = socks5://u:hush@p\n", 1,
	  "'proxy': a login at the proxy is not possible", "write socks5://host:port" },
	{ "a resolver's name", "resolver = dns.test\n", 1,
	  "'resolver': 'dns.test' is no resolver: an IP address, or ADDRESS:PORT", "" },
	{ "no host", "[account a]\nhost = h\n[account b]\n", 3, "account 'b' has no 'host'",
	  "" },
	{ "no key", "host = h\nhush\n", 2, NULL, NULL },
	{ "cut password", "host = h\npassword = hush ;hush\n", 2,
	  "'password' is followed by what may be a comment", "put the value in double quotes" },
	{ "all cut password", "host = h\npassword = ;hush\n", 2,
	  "'password' is followed by what may be a comment", NULL },
	{ "control character", "host = h\npassword = \"hush\thush\"\n", 2,
	  "'password': the value holds a control character", "" },
};

static void mistakes_are_named(void **state)
{
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
		struct buf text = { 0 };
		print_message("%s\n", mistakes[i].name);
		assert_int_equal(load(f, mistakes[i].text), -1);
		config_release(&f->config);
		assert_int_equal(f->status.kind, STATUS_BAD_CONFIG);
		buf_addf(&text, "%s:%u: %s", f->file, mistakes[i].line,
			 mistakes[i].sentence != NULL ? mistakes[i].sentence : "");
		assert_memory_equal(f->status.text, buf_str(&text), text.len);
		assert_true(mistakes[i].sentence == NULL || strlen(f->status.text) == text.len);
		if (mistakes[i].hint != NULL)
			assert_string_equal(f->status.hint, mistakes[i].hint);
		assert_null(strstr(f->status.text, "hush"));
		buf_release(&text);
	}
}

static void two_accounts_of_a_name(void **state)
{
	struct fixture *f = *state;
	struct buf text = { 0 };
	assert_int_equal(load(f, "host = h\n[account a]\n[account b]\n[account a]\n"), -1);
	buf_addf(&text, "%s:4: account 'a' is already there: %s:2", f->file, f->file);
	assert_string_equal(f->status.text, buf_str(&text));
	config_release(&f->config);
	buf_release(&text);
}

static void includes(void **state)
{
	struct fixture *f = *state;
	scratch_write(&f->scratch, "defaults.ini", 0600, "domain = d\nuser = u\n");
	scratch_write(&f->scratch, "d/1.ini", 0600, "port = 25\n[account a]\nhost = h\n");
	scratch_write(&f->scratch, "d/2.ini", 0600,
		      "include = sub/x.ini\n[account b]\nhost = h\nuser = w\n");
	scratch_write(&f->scratch, "d/sub/x.ini", 0600, "[account c]\nhost = h\nport = 26\n");
	scratch_write(&f->scratch, "d/readme", 0600, "this is no config\n");
	assert_int_equal(load(f, "include = defaults.ini\n"
				 "include = d/*.ini\n"
				 "include = nothing/*.ini\n"
				 "include = d/*.none\n"
				 "user = v\n"
				 "[account e]\n"
				 "host = h\n"),
			 0);
	assert_int_equal(f->config.files.count, 5);
	/* A default behind the include counts for the accounts in it. */
	assert_accounts(f, "a v d 25, c v d 26, b w d 25, e v d 25");
}

static void includes_by_path(void **state)
{
	struct fixture *f = *state;
	struct buf text = { 0 };
	buf_addf(&text, "include = %s\ninclude = ~/two.ini\n",
		 scratch_write(&f->scratch, "sub/one.ini", 0600, "host = h\n"));
	scratch_write(&f->scratch, "sub/two.ini", 0600, "user = u\n");
	f->file = scratch_write(&f->scratch, "[x*]/main.ini", 0600, buf_str(&text));
	assert_int_equal(config_load(&f->config, f->file, scratch_path(&f->scratch, "sub"),
				     NULL, 0, &f->status),
			 0);
	assert_accounts(f, "default u - 0");
	/* The magic in the name of the including file's folder is none. */
	scratch_write(&f->scratch, "[x*]/a.inc", 0600, "host = h\nuser = globbed\n");
	f->file = scratch_write(&f->scratch, "[x*]/glob.ini", 0600, "include = ?.inc\n");
	assert_int_equal(config_load(&f->config, f->file, NULL, NULL, 0, &f->status), 0);
	assert_accounts(f, "default globbed - 0");
	buf_release(&text);
}

static void bad_includes(void **state)
{
	static const struct {
		const char *name, *text, *file;
		unsigned line;
		const char *sentence;
	} cases[] = {
		{ "missing", "\ninclude = missing.ini\n", "main.ini", 2, "cannot open '" },
		{ "a folder", "include = folder\n", "main.ini", 1, "cannot read '" },
		{ "itself", "include = main.ini\n", "main.ini", 1, "'" },
		{ "a circle", "include = back.ini\n", "back.ini", 2, "'" },
		{ "a mistake inside", "\n\ninclude = wrong.ini\n", "wrong.ini", 1,
		  "unknown key 'x'" },
		{ "an account twice", "include = a.ini\n[account a]\nhost = h\n", "main.ini", 2,
		  "account 'a' is already there: " },
		{ "too deep", "include = 1.ini\n", "10.ini", 1, "more than 10 files" },
	};
	struct fixture *f = *state;
	scratch_write(&f->scratch, "folder/x", 0600, "");
	scratch_write(&f->scratch, "back.ini", 0600, "\ninclude = folder/../main.ini\n");
	scratch_write(&f->scratch, "wrong.ini", 0600, "x = y\n");
	scratch_write(&f->scratch, "a.ini", 0600, "[account a]\nhost = h\n");
	for (int i = 1; i <= 10; i++) {
		char name[16], text[32];
		snprintf(name, sizeof name, "%d.ini", i);
		snprintf(text, sizeof text, "include = %d.ini\n", i + 1);
		scratch_write(&f->scratch, name, 0600, text);
	}
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf start = { 0 };
		print_message("%s\n", cases[i].name);
		assert_int_equal(load(f, cases[i].text), -1);
		config_release(&f->config);
		buf_addf(&start, "%s:%u: %s", scratch_path(&f->scratch, cases[i].file),
			 cases[i].line, cases[i].sentence);
		print_message("%s\n", f->status.text);
		assert_memory_equal(f->status.text, buf_str(&start), start.len);
		assert_int_equal(f->status.kind, STATUS_BAD_CONFIG);
		buf_release(&start);
	}
}

static void later_files_win(void **state)
{
	struct fixture *f = *state;
	scratch_write(&f->scratch, "inc.ini", 0600, "user = inner\ndomain = inner\n");
	assert_int_equal(load(f, "host = h\nuser = outer\ninclude = inc.ini\ndomain = outer\n"),
			 0);
	assert_accounts(f, "default inner outer 0");
}

static void overrides_stand_over_all(void **state)
{
	struct fixture *f = *state;
	const struct override overrides[] = {
		{ option_find("user"), (char[]){ "top" } },
		{ option_find("password-file"), (char[]){ "~/pw" } },
	};
	f->file = scratch_write(
		&f->scratch, "main.ini", 0600,
		"host = h\nuser = u\npassword = p\n[account a]\nuser = v\n[account b]\n");
	assert_int_equal(config_load(&f->config, f->file, "/home/u", overrides, 2, &f->status),
			 0);
	const struct account *b = config_find(&f->config, "b");
	assert_string_equal(b->password_file, "/home/u/pw");
	/* The password below must not win over the file on top. */
	assert_null(b->password);
	assert_string_equal(b->origins[option_find("user") - options].file, "");
	assert_string_equal(f->config.defaults.user, "top");
	assert_accounts(f, "a top - 0, b top - 0");
}

/* All that tells how to log in, wherever it was said; nothing else. */
static void secrets_are_forgotten(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(load(f, "host = h\nuser = u\npassword = p\n"
				 "[account a]\npassword-command = c\n"
				 "[account b]\npassword-file = /f\n"
				 "[account c]\ntoken-command = t\noauth-client-secret = s\n"
				 "oauth-refresh-token = r\n[account d]\n"),
			 0);
	config_forget_secrets(&f->config);
	assert_null(f->config.defaults.password);
	assert_int_equal(f->config.count, 4);
	for (size_t i = 0; i < f->config.count; i++) {
		const struct account *a = &f->config.accounts[i];
		assert_null(a->password);
		assert_null(a->password_command);
		assert_null(a->password_file);
		assert_null(a->token_command);
		assert_null(a->oauth_client_secret);
		assert_null(a->oauth_refresh_token);
		assert_string_equal(a->user, "u");
		assert_string_equal(a->host.at[0], "h");
	}
	config_release(&f->config);
}

static void a_host_on_the_command_line(void **state)
{
	struct fixture *f = *state;
	const struct override host = { option_find("host"), (char[]){ "h" } };
	const struct override bad = { option_find("port"), (char[]){ "x" } };
	f->file = scratch_write(&f->scratch, "main.ini", 0600, "user = u\n");
	assert_int_equal(config_load(&f->config, f->file, NULL, &host, 1, &f->status), 0);
	assert_accounts(f, "default u - 0");
	assert_int_equal(config_load(&f->config, f->file, NULL, &bad, 1, &f->status), -1);
	assert_int_equal(f->status.kind, STATUS_BAD_USAGE);
	config_release(&f->config);
}

static void credentials_go_together(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(load(f, "host = h\npassword = p\n"
				 "[account own]\npassword-command = c\n"
				 "[account plain]\n"
				 "[account token]\ntoken-command = t\n"
				 "[account none]\npassword =\n"),
			 0);
	const struct account *own = config_find(&f->config, "own");
	assert_null(own->password);
	assert_string_equal(own->password_command, "c");
	assert_string_equal(config_find(&f->config, "plain")->password, "p");
	assert_null(config_find(&f->config, "token")->password);
	assert_string_equal(config_find(&f->config, "token")->token_command, "t");
	assert_null(config_find(&f->config, "none")->password);
	config_release(&f->config);
}

static void paths_start_at_home(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(load(f, "host = h\ntls-ca = ~/ca.pem\nlog = ~/log\nuser = ~/u\n"), 0);
	assert_string_equal(f->config.accounts[0].tls_ca, "/home/u/ca.pem");
	assert_string_equal(f->config.accounts[0].log, "/home/u/log");
	assert_string_equal(f->config.accounts[0].user, "~/u");
	config_release(&f->config);
}

static void passwords_are_private(void **state)
{
	static const struct {
		const char *text;
		mode_t mode;
		unsigned line; /* of the refusal, 0: taken */
	} cases[] = {
		{ "host = h\npassword = p\n", 0600, 0 },
		{ "host = h\npassword = p\n", 0400, 0 },
		{ "host = h\npassword = p\n", 0640, 2 },
		{ "host = h\npassword = p\n", 0604, 2 },
		{ "host = h\npassword = p\n", 0644, 2 },
		{ "host = h\nuser = u\n", 0644, 0 },
		{ "host = h\npassword-command = c\n", 0644, 0 },
		{ "host = h\npassword = ${SET}\n", 0644, 0 },
		{ "host = h\npassword = ${UNSET:-}\n", 0644, 0 },
		{ "host = h\npassword = ${UNSET:-p}\n", 0644, 2 },
		{ "host = h\npassword = p${SET}\n", 0644, 2 },
		{ "host = h\npassword =\n", 0644, 0 },
		{ "host = h\n[account a]\npassword = p\n", 0644, 3 },
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf start = { 0 };
		f->status = (struct status){ 0 };
		f->file = scratch_write(&f->scratch, "main.ini", cases[i].mode, cases[i].text);
		int result = config_load(&f->config, f->file, NULL, NULL, 0, &f->status);
		config_release(&f->config);
		assert_int_equal(result, cases[i].line == 0 ? 0 : -1);
		if (result != 0) {
			buf_addf(&start, "%s:%u: ", f->file, cases[i].line);
			assert_memory_equal(f->status.text, buf_str(&start), start.len);
			buf_reset(&start);
			buf_addf(&start, "chmod 600 %s", f->file);
			assert_string_equal(f->status.hint, buf_str(&start));
			assert_int_equal(f->status.kind, STATUS_BAD_CONFIG);
		}
		buf_release(&start);
		unlink(f->file);
	}
}

static void included_passwords_are_private(void **state)
{
	struct fixture *f = *state;
	struct buf start = { 0 };
	buf_addf(&start,
		 "%s:1: ", scratch_write(&f->scratch, "inc.ini", 0644, "password = p\n"));
	assert_int_equal(load(f, "include = inc.ini\nhost = h\n"), -1);
	assert_memory_equal(f->status.text, buf_str(&start), start.len);
	config_release(&f->config);
	buf_release(&start);
}

static void pipes_have_no_mode(void **state)
{
	static const char text[] = "host = h\npassword = p\n";
	struct fixture *f = *state;
	struct buf path = { 0 };
	int fds[2];
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], text, sizeof text - 1), sizeof text - 1);
	close(fds[1]);
	buf_addf(&path, "/dev/fd/%d", fds[0]);
	assert_int_equal(config_load(&f->config, buf_str(&path), NULL, NULL, 0, &f->status), 0);
	assert_string_equal(f->config.accounts[0].password, "p");
	close(fds[0]);
	buf_release(&path);
	config_release(&f->config);
}

static void user_files(void **state)
{
	struct fixture *f = *state;
	const char *home = scratch_path(&f->scratch, "home");
	scratch_write(&f->scratch, "home/.config/postrider.ini", 0600,
		      "host = h\nuser = home\n");
	assert_int_equal(config_load(&f->config, NULL, home, NULL, 0, &f->status), 0);
	assert_accounts(f, "default home - 0");
	scratch_write(&f->scratch, "xdg/postrider.ini", 0600, "host = h\nuser = xdg\n");
	setenv("XDG_CONFIG_HOME", scratch_path(&f->scratch, "xdg"), 1);
	assert_int_equal(config_load(&f->config, NULL, home, NULL, 0, &f->status), 0);
	assert_accounts(f, "default xdg - 0");
	assert_int_equal(config_load(&f->config, NULL, NULL, NULL, 0, &f->status), 0);
	assert_accounts(f, "default xdg - 0");
	/* The XDG specification has relative folders ignored. */
	setenv("XDG_CONFIG_HOME", "xdg", 1);
	assert_int_equal(config_load(&f->config, NULL, home, NULL, 0, &f->status), 0);
	assert_accounts(f, "default home - 0");
}

/* Which folders go with the settings. */
static void whose_settings_they_are(void **state)
{
	const struct override host = { option_find("host"), (char[]){ "h" } };
	struct fixture *f = *state;
	const char *home = scratch_path(&f->scratch, "home");
	setenv("XDG_CACHE_HOME", "/x", 1);
	assert_int_equal(load(f, "host = h\n"), 0);
	assert_int_equal(f->config.source, CONFIG_USER);
	assert_string_equal(f->config.cache, "/x/postrider");
	config_release(&f->config);
	if (access(CONFIG_SYSTEM_FILE, F_OK) == 0)
		skip();
	assert_int_equal(config_load(&f->config, NULL, home, &host, 1, &f->status), 0);
	assert_int_equal(f->config.source, CONFIG_USER);
	assert_string_equal(f->config.cache, "/x/postrider");
	config_release(&f->config);
}

static void a_missing_file_of_C(void **state)
{
	struct fixture *f = *state;
	const char *path = scratch_path(&f->scratch, "missing.ini");
	assert_int_equal(config_load(&f->config, path, NULL, NULL, 0, &f->status), -1);
	assert_int_equal(f->status.kind, STATUS_BAD_CONFIG);
	assert_non_null(strstr(f->status.text, path));
	assert_int_equal(f->status.sys, ENOENT);
	config_release(&f->config);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(files_become_accounts),   CASE(mistakes_are_named),
		CASE(two_accounts_of_a_name),  CASE(includes),
		CASE(includes_by_path),        CASE(bad_includes),
		CASE(later_files_win),         CASE(overrides_stand_over_all),
		CASE(secrets_are_forgotten),   CASE(a_host_on_the_command_line),
		CASE(credentials_go_together), CASE(paths_start_at_home),
		CASE(passwords_are_private),   CASE(included_passwords_are_private),
		CASE(pipes_have_no_mode),      CASE(user_files),
		CASE(whose_settings_they_are), CASE(a_missing_file_of_C),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
