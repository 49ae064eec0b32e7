/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/oauth.h"

#include "base/mem.h"
#include "config/options.h"
#include "net/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

struct setting {
	const char *key, *value;
};

static const struct {
	const char *name;
	struct setting set[6];
	const char *why; /* in the sentence; NULL: fine */
} checks[] = {
	{ "nothing", { { "user", "a" } }, NULL },
	{ "a preset",
	  { { "oauth", "google" }, { "user", "a" }, { "oauth-client-id", "x" } },
	  NULL },
	{ "own endpoint",
	  { { "oauth", "custom" },
	    { "user", "a" },
	    { "oauth-client-id", "x" },
	    { "oauth-token-endpoint", "https://a.test/" } },
	  NULL },
	{ "a password besides",
	  { { "oauth", "google" },
	    { "user", "a" },
	    { "oauth-client-id", "x" },
	    { "password", "p" } },
	  NULL },
	{ "switched off", { { "oauth", "no" }, { "oauth-client-id", "x" } }, NULL },
	{ "idle, but there is a password",
	  { { "password", "p" }, { "oauth-client-id", "x" } },
	  NULL },
	{ "no client", { { "oauth", "google" }, { "user", "a" } }, "oauth-client-id" },
	{ "no user", { { "oauth", "google" }, { "oauth-client-id", "x" } }, "'user'" },
	{ "no endpoint",
	  { { "oauth", "custom" }, { "user", "a" }, { "oauth-client-id", "x" } },
	  "oauth-token-endpoint" },
	{ "two ways",
	  { { "oauth", "google" },
	    { "user", "a" },
	    { "oauth-client-id", "x" },
	    { "token-command", "y" } },
	  "token-command" },
	{ "idle client", { { "oauth-client-id", "x" } }, "does nothing" },
	{ "idle token", { { "oauth-refresh-token", "x" } }, "'oauth-refresh-token'" },
	{ "idle endpoint",
	  { { "oauth-token-endpoint", "https://a.test/" } },
	  "'oauth-token-endpoint'" },
	{ "idle device endpoint",
	  { { "oauth-device-endpoint", "https://a.test/" } },
	  "'oauth-device-endpoint'" },
};

static void fill(struct account *a, const struct setting *set)
{
	struct status st;
	account_init(a, "work");
	for (; set->key != NULL; set++) {
		if (option_set(a, option_find(set->key), set->value, (struct origin){ "f", 1 },
			       &st) != 0)
			fail_msg("%s", st.text);
	}
}

static void keys_that_go_together(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(checks); i++) {
		struct account a;
		struct status st = { 0 };
		fill(&a, checks[i].set);
		bool good = oauth_check(&a, &st) == 0;
		if (good != (checks[i].why == NULL))
			fail_msg("%s: %s", checks[i].name, st.text);
		if (!good) {
			assert_int_equal(st.kind, STATUS_BAD_CONFIG);
			if (strstr(st.text, checks[i].why) == NULL)
				fail_msg("%s: %s", checks[i].name, st.text);
			assert_string_not_equal(st.hint, "");
		}
		account_release(&a);
	}
}

static const struct {
	const char *oauth;
	const char *host; /* of both endpoints */
	const char *scope;
	bool scope_again;
} presets[] = {
	{ "google", "oauth2.googleapis.com", "https://mail.google.com/", false },
	{ "microsoft", "login.microsoftonline.com",
	  "https://outlook.office.com/SMTP.Send offline_access", true },
};

static void what_is_known_of_providers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(presets); i++) {
		struct account a;
		struct oauth_client c;
		struct url token, device;
		struct status st;
		fill(&a, (struct setting[]){ { "oauth", presets[i].oauth },
					     { "oauth-client-id", "x" },
					     { NULL, NULL } });
		oauth_client(&a, &c);
		assert_int_equal(url_parse(c.token_endpoint, &token, &st), 0);
		assert_int_equal(url_parse(c.device_endpoint, &device, &st), 0);
		assert_string_equal(token.host, presets[i].host);
		assert_string_equal(device.host, presets[i].host);
		assert_string_equal(c.scope, presets[i].scope);
		assert_int_equal(c.scope_again, presets[i].scope_again);
		assert_string_equal(c.id, "x");
		assert_null(c.secret);
		account_release(&a);
	}
}

static void own_keys_beat_them(void **state)
{
	struct account a;
	struct oauth_client c;
	(void)state;
	fill(&a, (struct setting[]){ { "oauth", "google" },
				     { "oauth-client-id", "x" },
				     { "oauth-client-secret", "s" },
				     { "oauth-scope", "a b" },
				     { "oauth-token-endpoint", "https://t.test/" },
				     { "oauth-device-endpoint", "https://d.test/" },
				     { NULL, NULL } });
	oauth_client(&a, &c);
	assert_string_equal(c.token_endpoint, "https://t.test/");
	assert_string_equal(c.device_endpoint, "https://d.test/");
	assert_string_equal(c.secret, "s");
	assert_string_equal(c.scope, "a b");
	assert_true(c.scope_again);
	account_release(&a);
}

static const struct {
	const char *account, *state, *file;
	const char *path; /* NULL: none */
} paths[] = {
	{ "work", "/s", NULL, "/s/oauth-work" },
	{ "a@b.test", "/s", NULL, "/s/oauth-a@b.test" },
	{ "../../x", "/s", NULL, "/s/oauth-..%2F..%2Fx" },
	{ "a b%\xc3\xa9", "/s", NULL, "/s/oauth-a%20b%25%C3%A9" },
	{ "work", NULL, NULL, NULL },
	{ "work", NULL, "/t", "/t" },
	{ "work", "/s", "/t", "/t" },
};

static void where_the_token_is_kept(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++) {
		struct account a;
		struct buf path = { 0 };
		account_init(&a, paths[i].account);
		a.state = paths[i].state;
		a.oauth_token_file = mem_copy(paths[i].file);
		assert_int_equal(oauth_token_path(&a, &path), paths[i].path != NULL);
		assert_string_equal(buf_str(&path), paths[i].path != NULL ? paths[i].path : "");
		buf_release(&path);
		account_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_that_go_together),
		cmocka_unit_test(what_is_known_of_providers),
		cmocka_unit_test(own_keys_beat_them),
		cmocka_unit_test(where_the_token_is_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
