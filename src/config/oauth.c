/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/oauth.h"

#include "config/options.h"

#include <string.h>

/* As of 2026. Google's answers to a scope beside a refresh token are not documented. */
static const struct oauth_client providers[] = {
	[OAUTH_GOOGLE] = {
		.token_endpoint = "https://oauth2.googleapis.com/token",
		.device_endpoint = "https://oauth2.googleapis.com/device/code",
		.scope = "https://mail.google.com/",
	},
	[OAUTH_MICROSOFT] = {
		.token_endpoint = "https://login.microsoftonline.com/common/oauth2/v2.0/token",
		.device_endpoint =
			"https://login.microsoftonline.com/common/oauth2/v2.0/devicecode",
		.scope = "https://outlook.office.com/SMTP.Send offline_access",
		.scope_again = true,
	},
	[OAUTH_CUSTOM] = { .token_endpoint = NULL },
};

static void set(const char **field, const char *own)
{
	if (own != NULL)
		*field = own;
}

void oauth_client(const struct account *a, struct oauth_client *c)
{
	*c = providers[a->oauth];
	c->scope_again = c->scope_again || a->oauth_scope != NULL;
	set(&c->token_endpoint, a->oauth_token_endpoint);
	set(&c->device_endpoint, a->oauth_device_endpoint);
	set(&c->id, a->oauth_client_id);
	set(&c->secret, a->oauth_client_secret);
	set(&c->scope, a->oauth_scope);
}

/* The first of the oauth keys that is set without `oauth`, and without anything else to log in
 * by; or NULL. */
static const char *idle_key(const struct account *a)
{
	const struct {
		const char *key, *value;
	} keys[] = {
		{ "oauth-refresh-token", a->oauth_refresh_token },
		{ "oauth-token-endpoint", a->oauth_token_endpoint },
		{ "oauth-device-endpoint", a->oauth_device_endpoint },
		{ "oauth-client-id", a->oauth_client_id },
	};
	const char *idle = NULL;
	for (size_t i = 0; idle == NULL && i < sizeof keys / sizeof *keys; i++)
		idle = keys[i].value != NULL ? keys[i].key : NULL;
	if (idle == NULL)
		return NULL;
	bool decided = a->password != NULL || a->password_command != NULL ||
		       a->password_file != NULL || a->token_command != NULL ||
		       option_is_set(a, option_find("oauth"));
	return decided ? NULL : idle;
}

static int lacks(const struct account *a, const char *key, const char *hint, struct status *st)
{
	status_set(st, STATUS_BAD_CONFIG, "account '%s' uses 'oauth' without '%s'", a->name,
		   key);
	return status_hint(st, "%s", hint);
}

int oauth_check(const struct account *a, struct status *st)
{
	struct oauth_client c;
	const char *idle = a->oauth == OAUTH_NONE ? idle_key(a) : NULL;
	if (idle != NULL) {
		status_set(st, STATUS_BAD_CONFIG,
			   "account '%s' has '%s', which does nothing without 'oauth'", a->name,
			   idle);
		return status_hint(st, "add oauth = google, microsoft or custom");
	}
	if (a->oauth == OAUTH_NONE)
		return 0;
	oauth_client(a, &c);
	if (a->token_command != NULL) {
		status_set(st, STATUS_BAD_CONFIG,
			   "account '%s' has both 'oauth' and 'token-command'", a->name);
		return status_hint(st, "either of them gives the token: remove the other");
	}
	if (c.id == NULL)
		return lacks(a, "oauth-client-id",
			     "register a client with the provider: see TOKENS in "
			     "postrider.ini(5)",
			     st);
	if (c.token_endpoint == NULL)
		return lacks(a, "oauth-token-endpoint",
			     "oauth = google and microsoft know theirs", st);
	if (a->user == NULL)
		return lacks(a, "user", "the server wants to know whose token it is", st);
	return 0;
}

static bool fits_a_name(char c)
{
	char low = ascii_lower(c);
	return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("@._-+", c) != NULL);
}

bool oauth_token_path(const struct account *a, struct buf *path)
{
	if (a->oauth_token_file != NULL) {
		buf_add_str(path, a->oauth_token_file);
		return true;
	}
	if (a->state == NULL)
		return false;
	buf_addf(path, "%s/oauth-", a->state);
	for (const char *c = a->name; *c != '\0'; c++) {
		if (fits_a_name(*c))
			buf_add_char(path, *c);
		else
			buf_addf(path, "%%%02X", (unsigned)(unsigned char)*c);
	}
	return true;
}
