/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/transcript.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/output.h"
#include "base/status.h"

#include <stdio.h>
#include <unistd.h>

static const struct {
	char mark;
	const char *event;
} kinds[] = {
	[TAP_NOTE] = { '*', "note" },
	[TAP_SENT] = { '>', "sent" },
	[TAP_RECEIVED] = { '<', "received" },
};

static void write_json(struct buf *out, double seconds, enum tap_kind kind, struct slice text)
{
	char time[32];
	snprintf(time, sizeof time, "%.3f", seconds);
	struct json j = { .out = out };
	json_object(&j, NULL);
	json_string(&j, "time", time);
	json_string(&j, "event", kinds[kind].event);
	json_slice(&j, "text", text);
	json_object_end(&j);
}

static void show_event(void *context, enum tap_kind kind, struct slice text)
{
	const struct transcript *t = context;
	double seconds = (double)(clock_now() - t->start) / 1000;
	struct buf line = { 0 }, clean = { 0 };
	text_printable(&clean, text, text.len + 3);
	if (t->as_json)
		write_json(&line, seconds, kind, buf_slice(&clean));
	else
		buf_addf(&line, "%.3f %c %s", seconds, kinds[kind].mark, buf_str(&clean));
	buf_add_char(&line, '\n');
	output_write(STDERR_FILENO, buf_slice(&line));
	buf_release(&line);
	buf_release(&clean);
}

void transcript_init(struct transcript *t, bool show, bool as_json)
{
	*t = (struct transcript){ .start = clock_now(), .as_json = as_json };
	t->tap.context = t;
	t->tap.event = show ? show_event : NULL;
}
