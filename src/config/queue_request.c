/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/queue_request.h"

#include "base/mem.h"
#include "config/listen.h"
#include "config/units.h"

#include <stdlib.h>
#include <string.h>

enum {
	ID_MAX = 64,
	INTERVAL_MAX = 366 * 24 * 60 * 60,
};

/* I, R and S limit the run; the others have no counterpart here. */
static const struct limit {
	char letter;
	bool selects;
	enum select_by by;
} limits[] = {
	{ 'I', true, SELECT_ID },
	{ 'R', true, SELECT_RECIPIENT },
	{ 'S', true, SELECT_SENDER },
	{ 'G', false, 0 },
	{ 'L', false, 0 },
	{ 'Q', false, 0 },
};

static const struct limit *find_limit(char letter)
{
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		if (limits[i].letter == letter)
			return &limits[i];
	}
	return NULL;
}

static int refuse_run(const char *value, struct status *st)
{
	return status_set(st, STATUS_BAD_USAGE,
			  "'-q%s': -q takes a time like 15m, or I, R or S and a text", value);
}

static int take_interval(struct request *r, const char *time)
{
	int64_t interval;
	if (!minutes_parse(time, &interval) || interval > INTERVAL_MAX)
		return -1;
	r->interval = interval;
	return 0;
}

static int take_run(struct request *r, const char *value)
{
	bool negated = value[0] == '!';
	const char *at = negated ? value + 1 : value;
	const struct limit *limit = find_limit(*at);
	if (limit == NULL && negated)
		return -1;
	if (limit != NULL && !limit->selects)
		return 0;
	if (limit != NULL) {
		if (at[1] != '\0')
			selection_add(&r->selection, limit->by, negated, at + 1);
		return at[1] != '\0' ? 0 : -1;
	}
	if (strcmp(at, "f") == 0 || strcmp(at, "p") == 0)
		return 0;
	return take_interval(r, *at == 'p' ? at + 1 : at);
}

int request_queue_run(struct request *r, const char *value, struct status *st)
{
	if (value != NULL && take_run(r, value) != 0)
		return refuse_run(value, st);
	if (r->mode == MODE_SEND)
		r->mode = MODE_FLUSH;
	return 0;
}

void request_delivery(struct request *r, const char *value)
{
	static const struct {
		char letter;
		enum delivery_mode mode;
	} modes[] = {
		{ 'i', DELIVERY_FOREGROUND },
		{ 'b', DELIVERY_BACKGROUND },
		{ 'q', DELIVERY_QUEUE },
		{ 'd', DELIVERY_QUEUE },
	};
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		if (value[0] == modes[i].letter)
			r->delivery = (int)modes[i].mode;
	}
}

static bool is_id(const char *text)
{
	size_t len = 0;
	while ((text[len] >= '0' && text[len] <= '9') || (text[len] >= 'A' && text[len] <= 'Z'))
		len++;
	return text[len] == '\0' && len != 0 && len <= ID_MAX;
}

int request_queue_id(struct request *r, const char *value, struct status *st)
{
	if (value == NULL)
		return 0;
	if (!is_id(value))
		return status_set(st, STATUS_BAD_USAGE,
				  "'%s' is no id of a message: digits and capital letters",
				  value);
	if (r->queue_id != NULL)
		return status_set(st, STATUS_BAD_USAGE,
				  "one message at a time, or ALL: '%s' is one too many", value);
	r->queue_id = mem_copy(value);
	return 0;
}

bool request_is_all(const struct request *r)
{
	return r->queue_id != NULL && strcmp(r->queue_id, "ALL") == 0;
}

/* Of several modes the last one counts, and what the others should have done is not done. */
int request_check_queue(const struct request *r, struct status *st)
{
	const unsigned help = 1U << MODE_HELP | 1U << MODE_VERSION;
	const unsigned named = help | 1U << MODE_FLUSH | 1U << MODE_SHOW_MESSAGE |
			       1U << MODE_HOLD | 1U << MODE_RELEASE | 1U << MODE_REMOVE;
	const unsigned all = help | 1U << MODE_FLUSH;
	if ((r->queue_id != NULL && (named & 1U << r->mode) == 0) ||
	    (r->all && (all & 1U << r->mode) == 0))
		return status_set(st, STATUS_BAD_USAGE,
				  "two things at once are asked of the queue");
	return 0;
}

int request_listen(struct request *r, const char *value, struct status *st)
{
	struct listen ignored;
	if (listen_parse(value, &ignored, st) != 0)
		return -1;
	strings_add(&r->listen, value);
	if (r->mode == MODE_SEND || r->mode == MODE_FLUSH)
		r->mode = MODE_LISTEN;
	return 0;
}

int request_check_listen(const struct request *r, struct status *st)
{
	const unsigned fine = 1U << MODE_DAEMON | 1U << MODE_SERVICE | 1U << MODE_LISTEN |
			      1U << MODE_HELP | 1U << MODE_VERSION;
	if (r->listen.count != 0 && (fine & 1U << r->mode) == 0)
		return status_set(st, STATUS_BAD_USAGE,
				  "'--listen' goes with -bd, -bD or alone, not in this mode");
	return 0;
}
