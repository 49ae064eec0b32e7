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

static void log_recipients(struct log_entry *entry, const struct outcome *o)
{
	const struct envelope *e = &o->entry->envelope;
	struct strings recipients = { 0 };
	for (size_t i = 0; i < e->count; i++)
		strings_add(&recipients, e->at[i].address);
	log_list(entry, "recipients", &recipients);
	strings_release(&recipients);
}

static void log_message(struct log_entry *entry, const struct outcome *o)
{
	const char *sender = o->entry->envelope.sender;
	log_time(entry);
	log_text(entry, "id", o->entry->message.id);
	log_text(entry, "queue", o->entry->id.text);
	if (o->entry->origin == FROM_SERVICE)
		log_number(entry, "uid", o->entry->uid);
	log_text(entry, "account", o->report != NULL ? o->report->account : o->account);
	log_text(entry, "from", sender != NULL && sender[0] == '\0' ? "<>" : sender);
	log_recipients(entry, o);
	log_number(entry, "size", (int64_t)o->entry->message.content.size);
}

static bool is_queued(const struct envelope *e)
{
	for (size_t i = 0; i < e->count; i++) {
		if (e->at[i].kind == STATUS_QUEUED)
			return true;
	}
	return false;
}

/* What failed for now, and will not be tried again. */
static bool is_given_up(const struct queue_entry *e)
{
	for (size_t i = 0; i < e->envelope.count; i++) {
		if (!has_it(&e->envelope.at[i]) && e->marks[i] == MARK_FAILED)
			return true;
	}
	return false;
}

/* Nobody tells the null sender. */
static bool is_bounced(const struct outcome *o)
{
	return o->from_queue && o->entry->envelope.sender[0] != '\0';
}

static const char *word(const struct outcome *o, const struct recipient *failed)
{
	if (failed == NULL)
		return is_queued(&o->entry->envelope) ? "queued" : "sent";
	if (!recipient_is_refused(failed) && !(o->from_queue && is_given_up(o->entry)))
		return "deferred";
	return is_bounced(o) ? "bounced" : "refused";
}

/* The last words that somebody said. */
static const char *last_reply(const struct envelope *e, const struct recipient *failed)
{
	if (failed != NULL)
		return failed->reply;
	return e->count != 0 ? e->at[e->count - 1].reply : NULL;
}

static int log_delivery(struct log_entry *entry, const struct outcome *o)
{
	const struct envelope *e = &o->entry->envelope;
	const struct recipient *failed = worst(e);
	if (o->report != NULL) {
		log_text(entry, "host", o->report->host);
		log_text(entry, "tls", o->report->tls);
		log_text(entry, "auth", o->report->mechanism);
	}
	log_text(entry, "status", word(o, failed));
	log_text(entry, "reply", last_reply(e, failed));
	return outcome_exit(e);
}

static int log_failure(struct log_entry *entry, const struct outcome *o)
{
	bool again = status_again(o->failure->kind);
	log_text(entry, "status", again ? "deferred" : "refused");
	log_text(entry, "reply", o->failure->text);
	return status_exit(o->failure->kind);
}

void outcome_log(const struct outcome *o)
{
	struct log_entry entry;
	struct buf sink = { 0 };
	const char *log = o->settings->log;
	if (strcmp(log, "none") == 0)
		return;
	log_begin(&entry, o->settings->log_format == LOG_JSON);
	log_message(&entry, o);
	int code = o->failure != NULL ? log_failure(&entry, o) : log_delivery(&entry, o);
	log_number(&entry, "exit", code);
	log_number(&entry, "took-ms", o->took);
	if (strncmp(log, "~/", 2) == 0)
		identity_home(&sink);
	buf_add_str(&sink, sink.len != 0 ? log + 1 : log);
	log_end(&entry, buf_str(&sink), code != EX_OK);
	buf_release(&sink);
}
