/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/outcome.h"

#include "base/clock.h"
#include "base/identity.h"
#include "base/log.h"
#include "cmd/say.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

static bool has_it(const struct recipient *r)
{
	return r->kind == STATUS_OK || r->kind == STATUS_QUEUED;
}

/* The recipient whose fate is the message's: the first refused for good, else the first that
 * failed. */
static const struct recipient *worst(const struct envelope *e)
{
	const struct recipient *failed = NULL;
	for (size_t i = 0; i < e->count; i++) {
		const struct recipient *r = &e->at[i];
		if (has_it(r))
			continue;
		if (!status_again(r->kind))
			return r;
		if (failed == NULL)
			failed = r;
	}
	return failed;
}

int outcome_exit(const struct envelope *e)
{
	const struct recipient *r = worst(e);
	return r != NULL ? status_exit(r->kind) : EX_OK;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void say_failure(const struct recipient *r, const struct recipient *before)
{
	bool known =
		before != NULL && same(r->reply, before->reply) && same(r->peer, before->peer);
	if (known)
		return;
	say_line(r->peer, r->reply != NULL ? r->reply : status_label(r->kind));
	bool told = r->hint == NULL || (before != NULL && same(r->hint, before->hint));
	if (!told)
		say_line(NULL, r->hint);
}

void outcome_say(const struct envelope *e)
{
	const struct recipient *before = NULL;
	size_t served = 0;
	for (size_t i = 0; i < e->count; i++) {
		if (has_it(&e->at[i])) {
			served++;
			continue;
		}
		say_failure(&e->at[i], before);
		before = &e->at[i];
	}
	if (before == NULL || served == 0)
		return;
	char text[80];
	snprintf(text, sizeof text,
		 "the message was accepted for the other %zu of %zu recipients", served,
		 e->count);
	say_line(NULL, text);
}

static void log_time(struct log_entry *entry)
{
	char text[32] = "";
	time_t now = clock_wall();
	struct tm parts;
	if (gmtime_r(&now, &parts) != NULL)
		strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
	log_text(entry, "time", text);
}

/* A message that failed before its account was chosen goes by the defaults. */
static const struct account *settings(const struct submission *s)
{
	return s->account != NULL ? s->account : &s->config->defaults;
}

static void begin(struct log_entry *entry, const struct submission *s, const char *account)
{
	struct strings recipients = { 0 };
	const struct account *a = settings(s);
	log_begin(entry, a->log_format == LOG_JSON);
	log_time(entry);
	log_text(entry, "id", s->message.id);
	log_text(entry, "account", account);
	const char *sender = s->envelope.sender;
	log_text(entry, "from", sender != NULL && sender[0] == '\0' ? "<>" : sender);
	for (size_t i = 0; i < s->envelope.count; i++)
		strings_add(&recipients, s->envelope.at[i].address);
	log_list(entry, "recipients", &recipients);
	strings_release(&recipients);
	log_number(entry, "size", (int64_t)s->message.content.size);
}

static void end(struct log_entry *entry, const struct submission *s, int code, int64_t took)
{
	const struct account *a = settings(s);
	struct buf sink = { 0 };
	log_number(entry, "exit", code);
	log_number(entry, "took-ms", took);
	if (strncmp(a->log, "~/", 2) == 0)
		identity_home(&sink);
	buf_add_str(&sink, sink.len != 0 ? a->log + 1 : a->log);
	log_end(entry, buf_str(&sink), code != EX_OK);
	buf_release(&sink);
}

static const char *word(const struct recipient *failed)
{
	if (failed == NULL)
		return "sent";
	return status_again(failed->kind) ? "deferred" : "refused";
}

static bool is_logged(const struct submission *s)
{
	return strcmp(settings(s)->log, "none") != 0;
}

void outcome_log(const struct submission *s, const struct delivery_report *report, int64_t took)
{
	if (!is_logged(s))
		return;
	struct log_entry entry;
	const struct envelope *e = &s->envelope;
	const struct recipient *failed = worst(e);
	begin(&entry, s, report->account);
	log_text(&entry, "host", report->host);
	log_text(&entry, "tls", report->tls);
	log_text(&entry, "auth", report->mechanism);
	log_text(&entry, "status", word(failed));
	log_text(&entry, "reply", failed != NULL ? failed->reply : e->at[e->count - 1].reply);
	end(&entry, s, outcome_exit(e), took);
}

void outcome_log_failure(const struct submission *s, const struct status *st, int64_t took)
{
	if (!is_logged(s))
		return;
	struct log_entry entry;
	begin(&entry, s, s->account != NULL ? s->account->name : NULL);
	log_text(&entry, "status", status_again(st->kind) ? "deferred" : "refused");
	log_text(&entry, "reply", st->text);
	end(&entry, s, status_exit(st->kind), took);
}
