/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * main - a clean process, a request, and the front door that it goes to
 */
#include "base/output.h"
#include "cmd/cmd.h"
#include "cmd/say.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

static int (*const doors[])(const struct request *) = {
	[MODE_SEND] = cmd_send,
	[MODE_VERIFY] = cmd_verify,
	[MODE_CHECK] = cmd_check,
	[MODE_SHOW_CONFIG] = cmd_show_config,
	[MODE_HELP] = cmd_help,
	[MODE_VERSION] = cmd_version,
	[MODE_ALIASES] = cmd_aliases,
	[MODE_WHICH] = cmd_which,
	[MODE_LIST] = cmd_list,
	[MODE_FLUSH] = cmd_flush,
	[MODE_SERVE] = cmd_serve,
	[MODE_DAEMON] = cmd_daemon,
	[MODE_SERVICE] = cmd_daemon,
	[MODE_LISTEN] = cmd_daemon,
	[MODE_SHOW_MESSAGE] = cmd_show_message,
	[MODE_HOLD] = cmd_hold,
	[MODE_RELEASE] = cmd_release,
	[MODE_REMOVE] = cmd_remove,
	[MODE_OAUTH_LOGIN] = cmd_oauth_login,
};

/* A descriptor that a socket or a file could otherwise get, to be written to as if it were
 * standard error. */
static void open_standard_descriptors(void)
{
	int fd;
	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

/* For the resolver, and for GnuTLS, which would write its keys into a file, and what it loads.
 */
static bool is_unwanted(struct slice variable)
{
	static const char *const beginnings[] = {
		"GNUTLS_",  "HOSTALIASES=", "LOCALDOMAIN=",
		"P11_KIT_", "RES_OPTIONS=", "SSLKEYLOGFILE=",
	};
	for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
		if (slice_starts_nocase(variable, beginnings[i]))
			return true;
	}
	return false;
}

/* As unsetenv, by beginning. */
static void clean_environment(void)
{
	size_t kept = 0;
	for (size_t i = 0; environ != NULL && environ[i] != NULL; i++) {
		if (!is_unwanted(slice_of(environ[i])))
			environ[kept++] = environ[i];
	}
	if (environ != NULL)
		environ[kept] = NULL;
}

/* What the caller's environment and limits must not change. */
static void clean_process(void)
{
	open_standard_descriptors();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	/* Ignored, the kernel would not tell how children end. */
	signal(SIGCHLD, SIG_DFL);
	umask(077);
	clean_environment();
}

static bool is_set_id(void)
{
	return getauxval(AT_SECURE) != 0 || getuid() != geteuid() || getgid() != getegid();
}

static int refuse_usage(const struct request *r, const struct status *st)
{
	struct buf usage = { 0 };
	int code = say_status(st);
	cmdline_usage(r->as, &usage);
	output_write(STDERR_FILENO, buf_slice(&usage));
	buf_release(&usage);
	return code;
}

int main(int argc, char *argv[])
{
	struct request r = { 0 };
	struct status st;
	clean_process();
	if (is_set_id()) {
		say_line(NULL,
			 "must not be installed set-user-id or set-group-id: chmod ug-s it");
		return EX_CONFIG;
	}
	int code = cmdline_parse(&r, argc, argv, &st) == 0 ? doors[r.mode](&r)
							   : refuse_usage(&r, &st);
	request_release(&r);
	return code;
}
