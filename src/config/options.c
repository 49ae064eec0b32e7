/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/options.h"

#include "base/suggest.h"
#include "config/option_check.h"
#include "message/rewrite.h"

#include <stddef.h>
#include <string.h>

#define FIELD(name) .offset = offsetof(struct account, name)

enum {
	DAY = 24 * 60 * 60,
	LARGEST_PORT = 65535,
	LARGEST_RATE = 1000000,
	LARGEST_CONNECTIONS = 50,
};

static const struct option_word protocols[] = {
	{ "smtp", PROTOCOL_SMTP },
	{ "lmtp", PROTOCOL_LMTP },
	{ NULL, 0 },
};

static const struct option_word ip_versions[] = {
	{ "any", IP_ANY },
	{ "4", IP_4 },
	{ "6", IP_6 },
	{ NULL, 0 },
};

static const struct option_word tls_modes[] = {
	{ "starttls", TLS_STARTTLS },
	{ "implicit", TLS_IMPLICIT },
	{ "opportunistic", TLS_OPPORTUNISTIC },
	{ "none", TLS_NONE },
	{ NULL, 0 },
};

static const struct option_word tls_versions[] = {
	{ "1.0", 10 }, { "1.1", 11 }, { "1.2", 12 }, { "1.3", 13 }, { NULL, 0 },
};

static const struct option_word oauth_providers[] = {
	{ "no", OAUTH_NONE },
	{ "google", OAUTH_GOOGLE },
	{ "microsoft", OAUTH_MICROSOFT },
	{ "custom", OAUTH_CUSTOM },
	{ NULL, 0 },
};

static const struct option_word from_rules[] = {
	{ "no", FROM_STAYS },
	{ "missing", FROM_MISSING },
	{ "always", FROM_ALWAYS },
	{ NULL, 0 },
};

static const struct option_word delivery_modes[] = {
	{ "foreground", DELIVERY_FOREGROUND },
	{ "background", DELIVERY_BACKGROUND },
	{ "queue", DELIVERY_QUEUE },
	{ NULL, 0 },
};

static const struct option_word queue_uses[] = {
	{ "on-failure", QUEUE_ON_FAILURE },
	{ "never", QUEUE_NEVER },
	{ NULL, 0 },
};

static const struct option_word log_formats[] = {
	{ "text", LOG_TEXT },
	{ "json", LOG_JSON },
	{ NULL, 0 },
};

/* clang-format off */
const struct option options[] = {
	{ .key = "account", .group = "choice", .type = OPTION_TEXT,
	  .where = OPTION_TOP_ONLY | OPTION_FILE_ONLY, .arg = "NAME",
	  .brief = "the account used where no 'from' pattern decides" },
	{ .key = "include", .group = "choice", .type = OPTION_PATH,
	  .where = OPTION_TOP_ONLY | OPTION_FILE_ONLY, .arg = "FILE",
	  .brief = "another file, or all that match a pattern" },
	{ .key = "fallback", .group = "choice", .type = OPTION_LIST, FIELD(fallback),
	  .arg = "ACCOUNT,...", .brief = "accounts to try when this one fails for now" },
	{ .key = "from", .group = "choice", .type = OPTION_LIST, FIELD(from),
	  .check = check_pattern, .arg = "PATTERN,...",
	  .brief = "senders this account is for; the first address is the default" },
	{ .key = "to", .group = "choice", .type = OPTION_LIST, FIELD(to),
	  .check = check_recipients, .arg = "PATTERN,...",
	  .brief = "recipients or domains this account is for" },
	{ .key = "users", .group = "choice", .type = OPTION_LIST, FIELD(users),
	  .check = check_login, .arg = "NAME,...",
	  .brief = "login names this account is for" },
	{ .key = "from-name", .group = "choice", .type = OPTION_TEXT, FIELD(from_name),
	  .arg = "NAME", .brief = "full name in a From field that is added" },
	{ .key = "domain", .group = "choice", .type = OPTION_TEXT, FIELD(domain),
	  .check = check_domain, .arg = "DOMAIN",
	  .brief = "qualifies bare addresses and names Message-IDs" },
	{ .key = "hello", .group = "choice", .type = OPTION_TEXT, FIELD(hello),
	  .check = check_hello, .arg = "NAME", .brief = "our name in EHLO" },

	{ .key = "host", .group = "route", .type = OPTION_LIST, FIELD(host),
	  .check = check_host, .arg = "HOST,...", .brief = "servers, tried in this order" },
	{ .key = "port", .group = "route", .type = OPTION_NUMBER, FIELD(port),
	  .min = 1, .max = LARGEST_PORT, .arg = "PORT", .brief = "the servers' port" },
	{ .key = "protocol", .group = "route", .type = OPTION_WORD, FIELD(protocol),
	  .fallback = "smtp", .words = protocols, .arg = "WORD", .brief = "smtp or lmtp" },
	{ .key = "ip", .group = "route", .type = OPTION_WORD, FIELD(ip),
	  .fallback = "any", .words = ip_versions, .arg = "VERSION", .brief = "any, 4 or 6" },
	{ .key = "source-address", .group = "route", .type = OPTION_TEXT, FIELD(source_address),
	  .check = check_address, .arg = "ADDRESS", .brief = "own address to connect from" },
	{ .key = "proxy", .group = "route", .type = OPTION_TEXT, FIELD(proxy),
	  .check = check_proxy, .arg = "URL", .brief = "go through socks5://host:port" },
	{ .key = "resolver", .group = "route", .type = OPTION_TEXT, FIELD(resolver),
	  .check = check_resolver, .arg = "ADDRESS,...",
	  .brief = "DNS servers to ask, in place of the system's" },
	{ .key = "connect-timeout", .group = "route", .type = OPTION_DURATION,
	  FIELD(connect_timeout), .fallback = "30s", .min = 1, .max = DAY,
	  .arg = "TIME", .brief = "bounds each try to connect" },
	{ .key = "timeout", .group = "route", .type = OPTION_DURATION, FIELD(timeout),
	  .min = 0, .max = DAY, .arg = "TIME",
	  .brief = "bounds each wait for the server, in place of RFC 5321's times" },

	{ .key = "tls", .group = "TLS", .type = OPTION_WORD, FIELD(tls),
	  .fallback = "starttls", .words = tls_modes, .arg = "MODE",
	  .brief = "starttls, implicit, opportunistic or none" },
	{ .key = "tls-ca", .group = "TLS", .type = OPTION_PATH, FIELD(tls_ca),
	  .fallback = "system", .arg = "FILE",
	  .brief = "trusted issuers: system, a PEM file or a hashed directory" },
	{ .key = "tls-verify", .group = "TLS", .type = OPTION_YES_NO, FIELD(tls_verify),
	  .fallback = "yes", .arg = "YESNO", .brief = "check the server's certificate" },
	{ .key = "tls-fingerprint", .group = "TLS", .type = OPTION_LIST, FIELD(tls_fingerprint),
	  .check = check_fingerprint, .arg = "KIND:HEX,...",
	  .brief = "sha256: of the certificate, or spki: of its key" },
	{ .key = "tls-name", .group = "TLS", .type = OPTION_TEXT, FIELD(tls_name),
	  .check = check_name, .arg = "NAME",
	  .brief = "the name the certificate is for, if not the host's" },
	{ .key = "tls-certificate", .group = "TLS", .type = OPTION_PATH, FIELD(tls_certificate),
	  .check = check_own_certificate, .arg = "FILE",
	  .brief = "own certificate: PEM, or a PKCS#11 URI" },
	{ .key = "tls-key", .group = "TLS", .type = OPTION_PATH, FIELD(tls_key),
	  .check = check_own_certificate, .arg = "FILE",
	  .brief = "its key: PEM, or a PKCS#11 URI" },
	{ .key = "tls-crl", .group = "TLS", .type = OPTION_PATH, FIELD(tls_crl),
	  .arg = "FILE", .brief = "revocation lists (PEM)" },
	{ .key = "tls-min", .group = "TLS", .type = OPTION_WORD, FIELD(tls_min),
	  .fallback = "1.2", .words = tls_versions, .arg = "VERSION",
	  .brief = "oldest version of TLS: 1.0, 1.1, 1.2 or 1.3" },
	{ .key = "tls-priority", .group = "TLS", .type = OPTION_TEXT, FIELD(tls_priority),
	  .arg = "STRING", .brief = "GnuTLS priority string" },

	{ .key = "auth", .group = "AUTH", .type = OPTION_TEXT, FIELD(auth),
	  .fallback = "auto", .check = check_auth, .arg = "MECHANISM",
	  .brief = "auto, none, or a mechanism" },
	{ .key = "user", .group = "AUTH", .type = OPTION_TEXT, FIELD(user),
	  .arg = "NAME", .brief = "the name to log in with" },
	{ .key = "password", .group = "AUTH", .type = OPTION_SECRET, .where = OPTION_FILE_ONLY,
	  FIELD(password), .arg = "SECRET", .brief = "the password itself" },
	{ .key = "password-command", .group = "AUTH", .type = OPTION_TEXT,
	  .where = OPTION_FILE_ONLY, FIELD(password_command), .arg = "COMMAND",
	  .brief = "prints the password" },
	{ .key = "password-file", .group = "AUTH", .type = OPTION_PATH, FIELD(password_file),
	  .arg = "FILE", .brief = "holds the password; or credential:NAME" },
	{ .key = "token-command", .group = "AUTH", .type = OPTION_TEXT,
	  .where = OPTION_FILE_ONLY, FIELD(token_command), .arg = "COMMAND",
	  .brief = "prints an OAuth access token" },
	{ .key = "oauth", .group = "AUTH", .type = OPTION_WORD, FIELD(oauth),
	  .fallback = "no", .words = oauth_providers, .arg = "PROVIDER",
	  .brief = "who gives OAuth access tokens: google, microsoft, custom or no" },
	{ .key = "oauth-client-id", .group = "AUTH", .type = OPTION_TEXT,
	  FIELD(oauth_client_id), .arg = "ID", .brief = "the client registered there" },
	{ .key = "oauth-client-secret", .group = "AUTH", .type = OPTION_SECRET,
	  .where = OPTION_FILE_ONLY, FIELD(oauth_client_secret), .arg = "SECRET",
	  .brief = "its secret, if it has one" },
	{ .key = "oauth-scope", .group = "AUTH", .type = OPTION_TEXT, FIELD(oauth_scope),
	  .check = check_scope, .arg = "SCOPE", .brief = "what the token is for" },
	{ .key = "oauth-refresh-token", .group = "AUTH", .type = OPTION_SECRET,
	  .where = OPTION_FILE_ONLY, FIELD(oauth_refresh_token), .arg = "SECRET",
	  .brief = "what access tokens are given for, without --oauth-login" },
	{ .key = "oauth-token-file", .group = "AUTH", .type = OPTION_PATH,
	  FIELD(oauth_token_file), .check = check_path, .arg = "FILE",
	  .brief = "where refresh tokens that are given out are kept" },
	{ .key = "oauth-token-endpoint", .group = "AUTH", .type = OPTION_TEXT,
	  FIELD(oauth_token_endpoint), .check = check_url, .arg = "URL",
	  .brief = "where tokens are given" },
	{ .key = "oauth-device-endpoint", .group = "AUTH", .type = OPTION_TEXT,
	  FIELD(oauth_device_endpoint), .check = check_url, .arg = "URL",
	  .brief = "where --oauth-login begins" },

	{ .key = "rewrite-from", .group = "headers", .type = OPTION_WORD, FIELD(rewrite_from),
	  .fallback = "no", .words = from_rules, .arg = "WHEN",
	  .brief = "put the account's address into From: no, missing or always" },
	{ .key = "reply-to-original", .group = "headers", .type = OPTION_YES_NO,
	  FIELD(reply_to_original), .fallback = "no", .arg = "YESNO",
	  .brief = "keep a From that is rewritten as Reply-To" },
	{ .key = "aliases", .group = "headers", .type = OPTION_LIST, FIELD(aliases),
	  .fallback = "/etc/aliases", .check = check_path, .arg = "FILE,...",
	  .brief = "what names stand for" },
	{ .key = "local-to", .group = "headers", .type = OPTION_LIST, FIELD(local_to),
	  .check = check_mailbox, .arg = "ADDRESS,...",
	  .brief = "who gets mail for bare names that are no alias" },
	{ .key = "remove-headers", .group = "headers", .type = OPTION_LIST,
	  FIELD(remove_headers), .fallback = "bcc, resent-bcc, return-path",
	  .check = check_field_name, .arg = "FIELD,...", .brief = "header fields not to send" },
	{ .key = "undisclosed-recipients", .group = "headers", .type = OPTION_YES_NO,
	  FIELD(undisclosed_recipients), .fallback = "no", .arg = "YESNO",
	  .brief = "hide all recipients in the header" },

	{ .key = "require-tls", .group = "wishes", .type = OPTION_YES_NO, FIELD(require_tls),
	  .fallback = "no", .arg = "YESNO", .brief = "TLS on all further hops (RFC 8689)" },
	{ .key = "hold-for", .group = "wishes", .type = OPTION_DURATION, FIELD(hold_for),
	  .max = 366 * DAY, .arg = "TIME", .brief = "the server delivers later (RFC 4865)" },
	{ .key = "deliver-by", .group = "wishes", .type = OPTION_DURATION, FIELD(deliver_by),
	  .max = 366 * DAY, .arg = "TIME",
	  .brief = "the server delivers in that time or returns it (RFC 2852)" },
	{ .key = "priority", .group = "wishes", .type = OPTION_NUMBER, FIELD(priority),
	  .min = -9, .max = 9, .arg = "NUMBER", .brief = "-9 to 9, 0 is ordinary (RFC 6710)" },

	{ .key = "delivery", .group = "queue", .type = OPTION_WORD, FIELD(delivery),
	  .fallback = "foreground", .words = delivery_modes, .arg = "WHEN",
	  .brief = "when to try first: foreground, background or queue" },
	{ .key = "rate", .group = "queue", .type = OPTION_NUMBER, FIELD(rate),
	  .fallback = "0", .max = LARGEST_RATE, .arg = "NUMBER",
	  .brief = "messages a minute at most; 0: no limit" },
	{ .key = "connections", .group = "queue", .type = OPTION_NUMBER, FIELD(connections),
	  .fallback = "2", .min = 1, .max = LARGEST_CONNECTIONS, .arg = "NUMBER",
	  .brief = "at once in a queue run" },
	{ .key = "queue", .group = "queue", .type = OPTION_WORD, FIELD(queue),
	  .fallback = "on-failure", .words = queue_uses, .arg = "WHEN",
	  .brief = "on-failure or never" },
	{ .key = "queue-dir", .group = "queue", .type = OPTION_PATH, FIELD(queue_dir),
	  .check = check_path, .arg = "FOLDER", .brief = "where messages wait" },
	{ .key = "retry", .group = "queue", .type = OPTION_DURATIONS, FIELD(retry),
	  .fallback = "5m, 10m, 20m, 40m, 80m, 160m, 4h", .min = 1, .max = 30 * DAY,
	  .arg = "TIME,...", .brief = "waits between attempts; the last one repeats" },
	{ .key = "expire", .group = "queue", .type = OPTION_DURATION, FIELD(expire),
	  .fallback = "5d", .max = 366 * DAY, .arg = "TIME",
	  .brief = "how long to try before a message bounces" },
	{ .key = "warn", .group = "queue", .type = OPTION_DURATION, FIELD(warn),
	  .fallback = "0", .max = 366 * DAY, .arg = "TIME",
	  .brief = "tell the sender of a delay after that time; 0: never" },
	{ .key = "bounce-to", .group = "queue", .type = OPTION_LIST, FIELD(bounce_to),
	  .check = check_mailbox_or_name, .arg = "ADDRESS,...",
	  .brief = "who gets bounces, in place of the sender" },
	{ .key = "max-size", .group = "queue", .type = OPTION_SIZE, FIELD(max_size),
	  .arg = "SIZE", .brief = "refuse larger messages" },

	{ .key = "log", .group = "log", .type = OPTION_PATH, FIELD(log),
	  .fallback = "syslog", .check = check_log, .arg = "FILE",
	  .brief = "syslog, none or a file" },
	{ .key = "log-format", .group = "log", .type = OPTION_WORD, FIELD(log_format),
	  .fallback = "text", .words = log_formats, .arg = "FORMAT", .brief = "text or json" },
};
/* clang-format on */
const size_t option_count = sizeof options / sizeof options[0];

static bool is_called(const struct option *o, const char *key)
{
	return o->key[0] == key[0] && strcmp(o->key, key) == 0;
}

const struct option *option_find(const char *key)
{
	for (size_t i = 0; i < option_count; i++) {
		if (is_called(&options[i], key))
			return &options[i];
	}
	return NULL;
}

const char *option_nearest(const char *key)
{
	struct suggest s = { .text = key };
	for (size_t i = 0; i < option_count; i++)
		suggest_offer(&s, options[i].key);
	return s.best;
}
