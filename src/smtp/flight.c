/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/flight.h"

#include "base/mem.h"

void flight_push(struct transaction *t, enum command c, struct party *party)
{
	t->queue = mem_grow(t->queue, t->tail, &t->room, sizeof *t->queue);
	t->queue[t->tail++] = (struct pending){ c, party };
}

int flight_receive(struct transaction *t, struct status *st)
{
	struct pending *p = &t->queue[t->head];
	if (session_receive(t->session, p->command, st) != 0)
		return -1;
	if (verdict(t, p, st) != 0)
		return -1;
	if (p->command != COMMAND_DOT || t->ended)
		t->head++;
	return 0;
}

bool flight_is_out(const struct transaction *t)
{
	return t->head < t->tail;
}

int flight_collect(struct transaction *t, struct status *st)
{
	const struct stream *s = t->session->stream;
	while (flight_is_out(t) && reply_is_there(stream_buffered(s))) {
		if (flight_receive(t, st) != 0)
			return -1;
	}
	return 0;
}

int flight_salvage(struct transaction *t, struct status *st)
{
	struct status spoken = { 0 };
	int result = 0;
	if (st->kind == STATUS_DISK)
		return -1;
	while (result == 0 && flight_is_out(t) && stream_has_buffered(t->session->stream))
		result = flight_receive(t, &spoken);
	if (result != 0 && spoken.code != 0)
		*st = spoken;
	return -1;
}

int flight_flush(struct transaction *t, enum command c, struct status *st)
{
	return session_flush(t->session, c, st) == 0 ? 0 : flight_salvage(t, st);
}

int flight_drain(struct transaction *t, struct status *st)
{
	if (!flight_is_out(t))
		return 0;
	if (flight_flush(t, t->queue[t->tail - 1].command, st) != 0)
		return -1;
	while (flight_is_out(t)) {
		if (flight_receive(t, st) != 0)
			return -1;
	}
	return 0;
}

int flight_put(struct transaction *t, enum command c, struct party *party, const char *line,
	       struct status *st)
{
	bool in_flight = flight_is_out(t) || t->rides;
	if (!in_flight && session_expect_silence(t->session, c, st) != 0)
		return -1;
	session_put(t->session, line);
	flight_push(t, c, party);
	return t->session->caps.pipelining ? 0 : flight_drain(t, st);
}
