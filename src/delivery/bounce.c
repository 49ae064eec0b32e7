/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/bounce.h"

#include "base/identity.h"
#include "base/mem.h"
#include "delivery/addressing.h"
#include "queue/queue_draft.h"
#include "queue/queue_reply.h"
#include "queue/queue_take.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What a report of one kind needs besides the message that it is about. */
struct telling {
	const struct queue *queue;
	const struct queue_entry *entry;
	const struct account *account; /* or NULL */
	enum report_kind kind;
	const bool *about; /* for each recipient */
	size_t name;       /* see queue_id_of_report */
	int64_t now;
};

/* Names of reports that are about no particular recipient lie behind those that are. */
static size_t name_of_warning(const struct queue_entry *e)
{
	return e->envelope.count;
}

static size_t name_of_relayed(const struct queue_entry *e)
{
	return e->envelope.count + 1 + queue_entry_count(e, MARK_DELIVERED);
}

static void add_domain(const struct telling *t, struct buf *out)
{
	if (t->account != NULL)
		addressing_domain(t->account, out);
	else
		identity_mail_domain(out);
}

/* PERSON may be a bare name. */
static void add_person(const struct telling *t, const char *person, struct envelope *out)
{
	struct buf address = { 0 };
	buf_add_str(&address, person);
	if (strchr(person, '@') == NULL) {
		buf_add_char(&address, '@');
		add_domain(t, &address);
	}
	envelope_add(out, buf_str(&address));
	buf_release(&address);
}

static void add_recipients(const struct telling *t, struct envelope *out)
{
	const struct account *a = t->account;
	if (a == NULL || a->bounce_to.count == 0) {
		envelope_add(out, t->entry->envelope.sender);
		return;
	}
	for (size_t i = 0; i < a->bounce_to.count; i++)
		add_person(t, a->bounce_to.at[i], out);
}

static time_t expiry(const struct telling *t)
{
	return t->account != NULL ? (time_t)(t->entry->created + t->account->expire) : 0;
}

static int write_report(const struct telling *t, const struct queue_id *id,
			struct queue_entry *report, struct status *st)
{
	struct buf domain = { 0 }, from = { 0 }, host = { 0 };
	add_domain(t, &domain);
	buf_addf(&from, "MAILER-DAEMON@%s", buf_str(&domain));
	identity_host(&host);
	struct report r = {
		.kind = t->kind,
		.id = id->text,
		.parent_id = t->entry->id.text,
		.host = buf_str(&host),
		.from = buf_str(&from),
		.to = report->envelope.at[0].address,
		.now = (time_t)t->now,
		.arrived = (time_t)t->entry->created,
		.attempted = (time_t)t->now,
		.expires = expiry(t),
		.envelope = &t->entry->envelope,
		.about = t->about,
		.original = &t->entry->message.content,
		.head_size = t->entry->message.head.size,
	};
	int result = report_write(&r, &report->message, st);
	buf_release(&domain);
	buf_release(&from);
	buf_release(&host);
	return result;
}

static int commit(const struct telling *t, const struct queue_id *id,
		  struct queue_entry *report, struct status *st)
{
	struct queue_draft draft = { 0 };
	int result = queue_draft_begin(&draft, t->queue, id, st);
	bool is_there = result != 0 && st->sys == EEXIST;
	if (result == 0)
		result = queue_draft_commit(&draft, report, st);
	queue_draft_release(&draft);
	return is_there ? 0 : result;
}

static int tell(const struct telling *t, struct status *st)
{
	struct queue_id id = queue_id_of_report(t->entry->id.text, t->name);
	struct queue_entry report;
	queue_entry_init(&report);
	report.origin = FROM_REPORT;
	report.uid = t->entry->uid;
	report.created = t->now;
	report.next = t->now;
	report.account = mem_copy(t->entry->account);
	report.parent = mem_copy(t->entry->id.text);
	report.envelope.sender = mem_copy("");
	add_recipients(t, &report.envelope);
	int result = write_report(t, &id, &report, st);
	if (result == 0)
		result = commit(t, &id, &report, st);
	queue_entry_release(&report);
	return result;
}

/* The place of the first recipient with MARK; the number of recipients if there is none. */
static size_t first_marked(const struct queue_entry *e, enum queue_mark mark)
{
	size_t i = 0;
	while (i < e->envelope.count && e->marks[i] != (char)mark)
		i++;
	return i;
}

/* For each recipient, has it MARK? The caller frees it. */
static bool *who_has(const struct queue_entry *e, enum queue_mark mark)
{
	bool *who = mem_zero(e->envelope.count + 1, sizeof *who);
	for (size_t i = 0; i < e->envelope.count; i++)
		who[i] = e->marks[i] == (char)mark;
	return who;
}

static int mark_told(const struct queue *q, struct queue_entry *e, struct status *st)
{
	for (size_t i = 0; i < e->envelope.count; i++) {
		if (e->marks[i] == MARK_FAILED)
			e->marks[i] = MARK_TOLD;
	}
	return queue_mark(q, e, st);
}

int bounce_failed(const struct queue *q, struct queue_entry *e, const struct account *a,
		  int64_t now, bool *orphan, struct status *st)
{
	size_t first = first_marked(e, MARK_FAILED);
	*orphan = false;
	if (first == e->envelope.count)
		return 0;
	if (e->envelope.sender[0] == '\0') {
		*orphan = true;
		return 0;
	}
	if (!report_wanted(&e->envelope, REPORT_FAILED, false))
		return mark_told(q, e, st);
	bool *about = who_has(e, MARK_FAILED);
	const struct telling t = { q, e, a, REPORT_FAILED, about, first, now };
	queue_reply_load(q, e);
	int result = tell(&t, st);
	free(about);
	return result == 0 ? mark_told(q, e, st) : -1;
}

int bounce_settle(const struct queue *q, struct queue_entry *e, struct status *st)
{
	size_t first = first_marked(e, MARK_FAILED);
	struct queue_id id = queue_id_of_report(e->id.text, first);
	bool is_told = first != e->envelope.count && queue_has(q, &id);
	return is_told ? mark_told(q, e, st) : 0;
}

int bounce_late(const struct queue *q, struct queue_entry *e, const struct account *a,
		int64_t now, struct status *st)
{
	bool due = a->warn != 0 && !e->warned && now - e->created >= a->warn;
	if (!due || !report_wanted(&e->envelope, REPORT_DELAYED, true))
		return 0;
	bool *about = who_has(e, MARK_PENDING);
	const struct telling t = { q, e, a, REPORT_DELAYED, about, name_of_warning(e), now };
	int result = tell(&t, st);
	free(about);
	if (result == 0)
		e->warned = true;
	return result;
}

int bounce_relayed(const struct queue *q, const struct queue_entry *e, const struct account *a,
		   int64_t now, const bool *delivered, struct status *st)
{
	const struct telling t = {
		q, e, a, REPORT_RELAYED, delivered, name_of_relayed(e), now
	};
	if (!report_wanted(&e->envelope, REPORT_RELAYED, false))
		return 0;
	return tell(&t, st);
}

bool bounce_settle_parent(const struct queue *q, const struct queue_entry *e)
{
	struct queue_entry parent;
	struct status unread;
	if (e->parent == NULL)
		return true;
	enum queue_taken taken = queue_take(q, e->parent, &parent, &unread);
	bool settled = taken != QUEUE_BUSY;
	if (taken == QUEUE_TAKEN) {
		size_t first = first_marked(&parent, MARK_FAILED);
		struct queue_id id = queue_id_of_report(parent.id.text, first);
		if (first < parent.envelope.count && strcmp(id.text, e->id.text) == 0)
			settled = mark_told(q, &parent, &unread) == 0;
	}
	queue_entry_release(&parent);
	return settled;
}
