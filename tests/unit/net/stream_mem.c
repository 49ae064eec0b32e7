/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stream_mem.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum step_kind { SAYS, DELAYS, AWAITS, ENDS, BREAKS, STALLS };

struct script_step {
	enum step_kind kind;
	char *data; /* owned */
	size_t len;
	int errnum;
};

static void add_step(struct script *p, struct script_step step)
{
	p->steps = mem_grow(p->steps, p->count, &p->room, sizeof *p->steps);
	p->steps[p->count++] = step;
}

void script_says(struct script *p, const char *text)
{
	script_says_n(p, text, strlen(text));
}

void script_says_n(struct script *p, const void *data, size_t len)
{
	if (len != 0)
		add_step(p, (struct script_step){ SAYS, mem_copy_n(data, len), len, 0 });
}

void script_delays(struct script *p)
{
	add_step(p, (struct script_step){ .kind = DELAYS });
}

void script_awaits(struct script *p, const char *text)
{
	add_step(p, (struct script_step){ AWAITS, mem_copy(text), strlen(text), 0 });
}

void script_ends(struct script *p)
{
	add_step(p, (struct script_step){ .kind = ENDS });
}

void script_breaks(struct script *p, int errnum)
{
	add_step(p, (struct script_step){ .kind = BREAKS, .errnum = errnum });
}

void script_stalls(struct script *p)
{
	add_step(p, (struct script_step){ .kind = STALLS });
}

bool script_is_over(const struct script *p)
{
	return p->at == p->count || p->steps[p->at].kind == ENDS ||
	       p->steps[p->at].kind == BREAKS;
}

void script_release(struct script *p)
{
	for (size_t i = 0; i < p->count; i++)
		free(p->steps[i].data);
	free(p->steps);
	buf_release(&p->sent);
	*p = (struct script){ 0 };
}

/* Go over steps that await what was sent by now. */
static void catch_up(struct script *p)
{
	while (p->at < p->count && p->steps[p->at].kind == AWAITS) {
		const struct script_step *step = &p->steps[p->at];
		struct slice rest = slice_cut(buf_slice(&p->sent), p->matched, p->sent.len);
		const char *hit = step->len <= rest.len
					  ? memmem(rest.data, rest.len, step->data, step->len)
					  : NULL;
		if (hit == NULL)
			return;
		p->matched += (size_t)(hit - rest.data) + step->len;
		p->at++;
	}
}

static bool is_silent(struct script *p)
{
	catch_up(p);
	return p->at == p->count || p->steps[p->at].kind == STALLS ||
	       p->steps[p->at].kind == AWAITS;
}

static ssize_t fail(struct stream *s, int errnum)
{
	const struct script *p = s->self;
	if (p->words != NULL && errnum != EAGAIN) {
		status_set(&s->trouble, STATUS_TEMPORARY, "%s", p->words);
		s->trouble.sys = errnum;
	}
	errno = errnum;
	return -1;
}

static ssize_t give(struct script *p, void *into, size_t room)
{
	const struct script_step *step = &p->steps[p->at];
	size_t len = step->len - p->given;
	if (p->read_max != 0 && len > p->read_max)
		len = p->read_max;
	if (len > room)
		len = room;
	memcpy(into, step->data + p->given, len);
	p->given += len;
	p->reads++;
	if (p->given == step->len) {
		p->given = 0;
		p->at++;
	}
	return (ssize_t)len;
}

static ssize_t mem_read(struct stream *s, void *into, size_t room)
{
	struct script *p = s->self;
	nanosleep(&(struct timespec){ .tv_nsec = p->nap_ms * 1000000L }, NULL);
	if (p->hung_up)
		return 0;
	if (is_silent(p))
		return fail(s, EAGAIN);
	const struct script_step *step = &p->steps[p->at];
	switch (step->kind) {
	case SAYS:
		return give(p, into, room);
	case ENDS:
		return 0;
	case BREAKS:
		return fail(s, step->errnum);
	default:
		p->at++;
		return fail(s, EAGAIN);
	}
}

static bool is_deaf(const struct script *p)
{
	return p->fails_with != 0 && p->sent.len >= p->fails_at;
}

static ssize_t mem_write(struct stream *s, const void *from, size_t len)
{
	struct script *p = s->self;
	if (is_deaf(p))
		return fail(s, p->fails_with);
	p->write_delayed = p->write_delays && !p->write_delayed;
	if (p->write_delayed)
		return fail(s, EAGAIN);
	if (p->write_max != 0 && len > p->write_max)
		len = p->write_max;
	if (p->fails_with != 0 && len > p->fails_at - p->sent.len)
		len = p->fails_at - p->sent.len;
	buf_add(&p->sent, from, len);
	p->writes++;
	return (ssize_t)len;
}

static short mem_wants(const struct stream *s, bool writing)
{
	struct script *p = s->self;
	p->polled_to_write = writing;
	return writing ? POLLOUT : POLLIN;
}

static int mem_fd(const struct stream *s)
{
	struct script *p = s->self;
	bool stuck = p->polled_to_write ? is_deaf(p) && is_silent(p) : is_silent(p);
	p->hung_up |= stuck && p->hangs_up && !p->polled_to_write;
	return stuck && !p->hung_up ? p->never[0] : p->always;
}

static void mem_close(struct stream *s)
{
	struct script *p = s->self;
	p->closed = true;
	close(p->always);
	close(p->never[0]);
	close(p->never[1]);
}

static const struct stream_ops mem_ops = {
	.read = mem_read,
	.write = mem_write,
	.wants = mem_wants,
	.fd = mem_fd,
	.close = mem_close,
};

struct stream *stream_mem_new(struct script *p)
{
	p->always = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (p->always < 0 || pipe2(p->never, O_CLOEXEC) != 0)
		abort();
	return stream_new(&mem_ops, p, NULL);
}
