/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * request_case - cases of command lines, each with what it comes to
 */
#ifndef REQUEST_CASE_H
#define REQUEST_CASE_H

#include "config/cmdline.h"
#include "config/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define S            "/usr/sbin/sendmail"

enum { ARGS = 16 };

struct fixture {
	struct request request;
	struct status status;
};

static inline int parse(struct fixture *f, const char *const *args)
{
	char *argv[ARGS + 1] = { 0 };
	int argc = 0;
	*f = (struct fixture){ 0 };
	for (; argc < ARGS && args[argc] != NULL; argc++)
		argv[argc] = (char *)args[argc];
	return cmdline_parse(&f->request, argc, argv, &f->status);
}

static const char *const mode_names[] = {
	[MODE_SEND] = "send",       [MODE_VERIFY] = "verify",
	[MODE_CHECK] = "check",     [MODE_SHOW_CONFIG] = "show-config",
	[MODE_HELP] = "help",       [MODE_VERSION] = "version",
	[MODE_ALIASES] = "aliases", [MODE_LIST] = "list",
	[MODE_FLUSH] = "flush",     [MODE_SERVE] = "serve",
	[MODE_DAEMON] = "daemon",   [MODE_SERVICE] = "service",
	[MODE_LISTEN] = "listen",   [MODE_SHOW_MESSAGE] = "show",
	[MODE_HOLD] = "hold",       [MODE_RELEASE] = "release",
	[MODE_REMOVE] = "remove",   [MODE_OAUTH_LOGIN] = "oauth-login",
};

static inline void add_flag(struct buf *out, const char *name, bool set)
{
	if (set)
		buf_addf(out, " %s", name);
}

static inline void add_queue_part(struct buf *out, const struct request *r)
{
	static const char *const parts[] = { "id", "recipient", "sender" };
	static const char *const modes[] = { "foreground", "background", "queue" };
	if (r->delivery >= 0)
		buf_addf(out, " %s", modes[r->delivery]);
	if (r->all)
		buf_add_str(out, " all");
	if (r->queue_id != NULL)
		buf_addf(out, " id=<%s>", r->queue_id);
	if (r->interval != 0)
		buf_addf(out, " every=%ds", (int)r->interval);
	for (size_t i = 0; i < r->selection.count; i++) {
		const struct selector *s = &r->selection.at[i];
		buf_addf(out, " %s%s=<%s>", s->negated ? "!" : "", parts[s->by], s->text);
	}
	for (size_t i = 0; i < r->listen.count; i++)
		buf_addf(out, " listen=<%s>", r->listen.at[i]);
}

static inline void add_text(struct buf *out, const char *name, const char *value)
{
	if (value != NULL)
		buf_addf(out, " %s=<%s>", name, value);
}

/* All that R says, in one line; what is not set is left out. */
static inline void describe(const struct request *r, struct buf *out)
{
	buf_add_str(out, mode_names[r->mode]);
	add_flag(out, "t", r->header_recipients);
	add_flag(out, "i", r->dot_is_data);
	add_flag(out, "v", r->verbose);
	add_flag(out, "json", r->json);
	add_flag(out, "dry", r->dry_run);
	add_flag(out, "keep", r->keep_refused);
	add_text(out, "from", r->sender);
	add_text(out, "name", r->full_name);
	add_flag(out, "never", (r->notify & NOTIFY_NEVER) != 0);
	add_flag(out, "success", (r->notify & NOTIFY_SUCCESS) != 0);
	add_flag(out, "failure", (r->notify & NOTIFY_FAILURE) != 0);
	add_flag(out, "delay", (r->notify & NOTIFY_DELAY) != 0);
	add_text(out, "ret", r->ret);
	add_text(out, "envid", r->envid);
	add_queue_part(out, r);
	add_text(out, "config", r->config_file);
	add_text(out, "account", r->account);
	for (size_t i = 0; i < r->override_count; i++)
		add_text(out, r->overrides[i].option->key, r->overrides[i].value);
	for (size_t i = 0; i < r->recipients.count; i++)
		add_text(out, "to", r->recipients.at[i]);
}

struct good {
	const char *name;
	const char *args[ARGS];
	const char *expected;
};

static inline void check_good(const struct good *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct fixture f;
		struct buf got = { 0 };
		if (parse(&f, cases[i].args) != 0)
			fail_msg("%s: %s", cases[i].name, f.status.text);
		describe(&f.request, &got);
		if (strcmp(buf_str(&got), cases[i].expected) != 0)
			fail_msg("%s: got '%s'", cases[i].name, buf_str(&got));
		assert_int_equal(f.status.kind, STATUS_OK);
		buf_release(&got);
		request_release(&f.request);
	}
}

struct bad {
	const char *name;
	const char *args[ARGS];
	const char *says; /* must be in the sentence or the hint */
};

static inline void check_bad(const struct bad *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct fixture f;
		if (parse(&f, cases[i].args) != -1)
			fail_msg("%s: accepted", cases[i].name);
		if (f.status.kind != STATUS_BAD_USAGE)
			fail_msg("%s: not a usage error", cases[i].name);
		if (strstr(f.status.text, cases[i].says) == NULL &&
		    strstr(f.status.hint, cases[i].says) == NULL)
			fail_msg("%s: says '%s'", cases[i].name, f.status.text);
		if (strstr(f.status.text, "secret") != NULL ||
		    strstr(f.status.hint, "secret") != NULL)
			fail_msg("%s: leaks: '%s'", cases[i].name, f.status.text);
		request_release(&f.request);
	}
}

#endif
