/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/retry.h"

enum { WITHOUT_ACCOUNT = 60 * 60 }; /* seconds until one that is gone may be there again */

struct schedule retry_schedule(const struct account *a)
{
	static const int64_t hourly[] = { WITHOUT_ACCOUNT };
	if (a == NULL)
		return (struct schedule){ .delays = hourly, .count = 1, .expire = INT64_MAX };
	return (struct schedule){
		.delays = a->retry.at,
		.count = a->retry.count,
		.expire = a->expire,
	};
}

/* Are there recipients that have to wait, and is FITS true of all of them? */
static bool all_pending(const struct queue_entry *e, bool (*fits)(const struct recipient *r))
{
	size_t count = 0;
	for (size_t i = 0; i < e->envelope.count; i++) {
		if (e->marks[i] != MARK_PENDING)
			continue;
		if (!fits(&e->envelope.at[i]))
			return false;
		count++;
	}
	return count != 0;
}

static bool failed_before_mail(const struct recipient *r)
{
	return r->kind != STATUS_OK && r->stage < STAGE_MAIL;
}

static bool failed_by_account(const struct recipient *r)
{
	enum { REFUSAL = 500 };
	if (!failed_before_mail(r))
		return false;
	return r->kind == STATUS_NOT_ALLOWED || r->kind == STATUS_NOT_SECURE ||
	       r->kind == STATUS_BAD_CONFIG || r->code >= REFUSAL;
}

bool retry_is_down(const struct queue_entry *e)
{
	return all_pending(e, failed_before_mail);
}

bool retry_is_stuck(const struct queue_entry *e)
{
	return all_pending(e, failed_by_account);
}

void retry_count(struct queue_entry *e)
{
	if (e->attempts < UINT16_MAX)
		e->attempts++;
}

void retry_later(struct queue_entry *e, const struct account *a, int64_t now)
{
	struct schedule s = retry_schedule(a);
	retry_count(e);
	e->next = schedule_next(&s, e->attempts, now);
	e->state = retry_is_stuck(e) ? QUEUE_STUCK : QUEUE_WAITING;
}
