/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * account - all settings that one delivery goes by
 *
 * An account is what its section says, over the defaults before the first section, over the
 * option table's own defaults, with the command line on top. Each field belongs to one row of
 * the table in options.c, which alone parses, copies, prints and releases it; nobody lists the
 * fields a second time.
 */
#ifndef CONFIG_ACCOUNT_H
#define CONFIG_ACCOUNT_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum tls_mode { TLS_STARTTLS, TLS_IMPLICIT, TLS_OPPORTUNISTIC, TLS_NONE };
enum protocol { PROTOCOL_SMTP, PROTOCOL_LMTP };
enum ip_version { IP_ANY, IP_4, IP_6 };
enum delivery_mode { DELIVERY_FOREGROUND, DELIVERY_BACKGROUND, DELIVERY_QUEUE };
enum oauth_provider { OAUTH_NONE, OAUTH_GOOGLE, OAUTH_MICROSOFT, OAUTH_CUSTOM };
enum queue_use { QUEUE_ON_FAILURE, QUEUE_NEVER };
enum log_format { LOG_TEXT, LOG_JSON };

/* Where a value comes from: a file, "" for the command line, or NULL for the table's default.
 */
struct origin {
	const char *file; /* borrowed from the config */
	unsigned line;
};

/* Times one after the other. */
struct durations {
	int64_t *at; /* owned; seconds */
	size_t count;
};

struct account {
	char *name;            /* owned; "default" for a file without sections */
	struct origin section; /* where its section begins */
	const char *cache;     /* borrowed from the config: folder of caches, or NULL */
	const char *state;     /* borrowed from the config: folder of what must last, or NULL */

	struct strings fallback; /* names of accounts to try when this one fails */
	struct strings from;     /* patterns; the first literal address is the default sender */
	struct strings to;       /* patterns of recipients, or of their domains */
	struct strings users;    /* login names */
	char *from_name;
	char *domain;
	char *hello;

	struct strings host; /* each as endpoint_parse takes it */
	int64_t port;        /* 0: what the TLS mode and the protocol say */
	int protocol;        /* enum protocol */
	int ip;              /* enum ip_version */
	char *source_address;
	char *proxy;             /* as socks5_parse takes it */
	char *resolver;          /* as dns_servers_parse takes it */
	int64_t connect_timeout; /* seconds */
	int64_t timeout;         /* seconds; 0: RFC 5321's for each command */

	int tls;      /* enum tls_mode */
	char *tls_ca; /* "system", a file, or a hashed directory */
	bool tls_verify;
	struct strings tls_fingerprint;
	char *tls_name;
	char *tls_certificate;
	char *tls_key;
	char *tls_crl;
	int tls_min; /* 10, 11, 12, 13 */
	char *tls_priority;

	char *auth; /* "auto", "none", or a mechanism's name in lower case */
	char *user;
	char *password; /* secret */
	char *password_command;
	char *password_file;
	char *token_command;
	int oauth; /* enum oauth_provider */
	char *oauth_token_endpoint;
	char *oauth_device_endpoint;
	char *oauth_client_id;
	char *oauth_client_secret; /* secret */
	char *oauth_scope;
	char *oauth_refresh_token; /* secret */
	char *oauth_token_file;    /* NULL: the place that oauth_token_path gives */

	int rewrite_from; /* enum from_rule */
	bool reply_to_original;
	struct strings aliases;  /* files, absolute or with ~/ for the home directory */
	struct strings local_to; /* addresses for bare names that are no alias */
	struct strings remove_headers;
	bool undisclosed_recipients;

	bool require_tls;
	int64_t hold_for;   /* seconds */
	int64_t deliver_by; /* seconds */
	int64_t priority;

	int delivery;           /* enum delivery_mode */
	int64_t rate;           /* messages a minute; 0: no limit */
	int64_t connections;    /* at once in a queue run */
	int queue;              /* enum queue_use */
	char *queue_dir;        /* NULL: the default folder, see queue_folder.h */
	struct durations retry; /* seconds between attempts, at least one; the last repeats */
	int64_t expire;         /* seconds */
	int64_t warn;           /* seconds until the notice of a delay; 0: none */
	struct strings bounce_to;
	int64_t max_size; /* octets; 0: no limit */

	char *log;      /* "syslog", "none", or a file */
	int log_format; /* enum log_format */

	struct origin *origins; /* owned, one for each row of the option table */
};

/*
 * The TLS mode for a server on PORT, 0 where its `host` names none and `port` counts: what
 * `tls` says, or, if it is not set, TLS_IMPLICIT on port 465 (RFC 8314, 3.3).
 */
enum tls_mode account_tls(const struct account *a, uint16_t port);

#endif
