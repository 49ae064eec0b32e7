/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cmdline - argv becomes a request
 *
 * Two tables are read here: sendmail's letters (letters.h) and the long options
 * (long_options.h), which are the rows of the option table plus a few of our own. Nothing is
 * opened or run; argv is all that is looked at.
 *
 * Options may stand behind recipients (Emacs puts -N there), up to "--".
 */
#ifndef CONFIG_CMDLINE_H
#define CONFIG_CMDLINE_H

#include "base/buf.h"
#include "base/status.h"
#include "config/config.h"
#include "config/selection.h"
#include "message/envelope.h"

#include <stdbool.h>

/*
 * What the program was called as: decides which flags exist. Web applications hand the text of
 * strangers to `sendmail`, so under every name but our own no flag opens a file, runs a command
 * or changes where mail goes.
 */
enum personality { AS_POSTRIDER, AS_SENDMAIL, AS_MAILQ, AS_NEWALIASES };

enum request_mode {
	MODE_SEND,         /* also -bm */
	MODE_VERIFY,       /* -bv: say where the recipients' mail would go */
	MODE_CHECK,        /* --check[=ACCOUNT]: connect, log in, send nothing */
	MODE_SHOW_CONFIG,  /* --show-config */
	MODE_HELP,         /* --help */
	MODE_VERSION,      /* --version, -bt */
	MODE_ALIASES,      /* -bi, newaliases */
	MODE_WHICH,        /* --which: say how the account is chosen */
	MODE_LIST,         /* -bp, mailq, --list */
	MODE_FLUSH,        /* -q, --flush: try messages of the queue */
	MODE_SERVE,        /* -bs: SMTP on standard input and output */
	MODE_DAEMON,       /* -bd: SMTP on sockets and queue runs, in the background */
	MODE_SERVICE,      /* -bD: the same in the foreground, and the service for all users */
	MODE_LISTEN,       /* --listen alone: SMTP on sockets, in the foreground */
	MODE_SHOW_MESSAGE, /* --show: one message of the queue */
	MODE_HOLD,         /* --hold */
	MODE_RELEASE,      /* --release */
	MODE_REMOVE,       /* --remove */
	MODE_OAUTH_LOGIN,  /* --oauth-login[=ACCOUNT]: get a refresh token */
};

struct request {
	enum personality as;
	enum request_mode mode;

	bool header_recipients; /* -t */
	bool dot_is_data;       /* -i, -oi */
	bool verbose;           /* -v, --verbose */
	bool json;              /* --json */
	bool dry_run;           /* --dry-run: all but the connection */
	bool keep_refused;      /* -oem */
	int delivery;           /* enum delivery_mode of -odi, -odb, -odq; -1: not given */
	char *sender;    /* owned; -f, -r: as given, "" for the null sender; NULL: not given */
	char *full_name; /* owned; -F */
	unsigned notify; /* -N: enum notify, or'ed */
	char *ret;       /* owned; -R: "FULL" or "HDRS"; NULL: not given */
	char *envid;     /* owned; -V */
	struct strings recipients; /* address lists as given, taken apart later */

	char *queue_id;   /* owned; of --flush=ID, --show and so on: 1 to 64 of A-Z and 0-9 */
	bool all;         /* --flush: also what is not due yet */
	int64_t interval; /* -q15m: seconds between queue runs; 0: one run */
	struct selection selection; /* -qI, -qR, -qS */
	struct strings listen;      /* --listen: each is good for listen_parse */

	char *login; /* owned; whose message it is, NULL: of whoever runs us. Not from argv */

	char *config_file; /* owned; -C, --config */
	char *account;     /* owned; -a, --account, --check=ACCOUNT, --oauth-login=ACCOUNT */
	struct override *overrides; /* owned; --KEY=VALUE */
	size_t override_count;
	size_t override_room;
};

/*
 * Read ARGV (ARGC as main got it; 0 is fine) into R, which may be uninitialised. Release R
 * in any case; r->as is right in any case, too.
 *
 * Errors: STATUS_BAD_USAGE with a sentence that names the argument, and for a long option with
 * the nearest one there is as the hint; a bad value for a key is STATUS_BAD_USAGE too. The
 * value of a key that may not stand here is not quoted: it may be a password. A recipient that
 * begins with a dash is refused under every name, one that is no address list or holds a
 * control character under every name but our own, where STATUS_BAD_MESSAGE follows later.
 */
int cmdline_parse(struct request *r, int argc, char *const argv[], struct status *st);
void request_release(struct request *r);

/* Append what --help prints, made from the tables. */
void cmdline_help(struct buf *out);
/* Append the short usage that goes with a usage error. */
void cmdline_usage(enum personality as, struct buf *out);

#endif
