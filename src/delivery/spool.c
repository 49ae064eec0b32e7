/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/spool.h"

#include "base/mem.h"
#include "config/queue_folder.h"
#include "delivery/handoff.h"

#include <unistd.h>

void spool_init(struct spool *s, const struct config *c, const char *home, uid_t uid,
		const char *login)
{
	*s = (struct spool){ .config = c, .home = home, .uid = uid };
	s->request.login = mem_copy(login);
	s->queueing.queue.fd = -1;
	s->queueing.draft.fd = -1;
	frames_init(&s->frames);
}

void spool_release(struct spool *s)
{
	if (s->begun)
		submission_release(&s->submission);
	queueing_release(&s->queueing);
	frames_release(&s->frames);
	request_release(&s->request);
	buf_release(&s->folder);
}

static void find_queue(void *context, struct submission *submission)
{
	struct spool *s = context;
	if (s->queue != NULL)
		buf_add_str(&s->folder, s->queue);
	else
		queue_folder(s->config, submission->account, s->home, &s->folder);
	queueing_prepare(&s->queueing, &submission->entry, buf_str(&s->folder));
	s->queueing.id = s->id;
}

static void begin(struct spool *s)
{
	if (s->begun)
		return;
	submission_init(&s->submission, &s->request, s->config);
	s->submission.addressed = find_queue;
	s->submission.context = s;
	s->submission.entry.uid = s->uid;
	s->submission.entry.origin = FROM_SERVICE;
	s->begun = true;
}

static int take_field(void *context, enum frame_type type, struct slice value,
		      struct status *st)
{
	struct spool *s = context;
	return handoff_decode_request(&s->request, type, value, st);
}

static int take_body(void *context, struct slice piece, struct status *st)
{
	struct spool *s = context;
	begin(s);
	if (s->frames.sum.octets > SPOOL_MAX_SIZE)
		return status_set(st, STATUS_BAD_MESSAGE,
				  "the message has more octets than the service takes");
	return submission_feed(&s->submission, piece, st);
}

int spool_feed(struct spool *s, struct slice bytes, struct status *st)
{
	const struct frames_handlers handlers = { s, take_field, take_body };
	return frames_feed(&s->frames, bytes, &handlers, st);
}

bool spool_is_message(const struct spool *s)
{
	return s->frames.verb == VERB_SUBMIT;
}

bool spool_done(const struct spool *s)
{
	return frames_done(&s->frames);
}

static void note_queued(struct envelope *e)
{
	for (size_t i = 0; i < e->count; i++) {
		e->at[i].kind = STATUS_QUEUED;
		e->at[i].decided = true;
	}
}

int spool_commit(struct spool *s, struct status *st)
{
	begin(s);
	if (frames_finish(&s->frames, st) != 0 || submission_finish(&s->submission, st) != 0 ||
	    queueing_commit(&s->queueing, st) != 0)
		return -1;
	note_queued(&s->submission.entry.envelope);
	return 0;
}

void spool_let_go(struct spool *s)
{
	struct queue_entry *e = &s->submission.entry;
	if (e->fd >= 0)
		close(e->fd);
	e->fd = -1;
	queue_wake(&s->queueing.queue);
}
