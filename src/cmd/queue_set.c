/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/queue_set.h"

#include "base/mem.h"
#include "cmd/hand_over.h"
#include "cmd/say.h"
#include "config/queue_folder.h"
#include "queue/queue_take.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sysexits.h>

static void open_all(struct queue_set *s, const struct strings *folders)
{
	s->at = mem_zero(folders->count + 1, sizeof *s->at);
	for (size_t i = 0; i < folders->count; i++) {
		struct queue *q = &s->at[s->count];
		struct status st;
		if (queue_open(q, folders->at[i], false, &st) == 0) {
			s->count++;
			continue;
		}
		int code = say_status(&st);
		if (s->code == EX_OK)
			s->code = code;
		queue_release(q);
	}
}

static void find_all(struct queue_set *s, const struct config *c, const char *home)
{
	struct strings folders = { 0 };
	queue_folders(c, home, &folders);
	open_all(s, &folders);
	strings_release(&folders);
}

int queue_set_open(struct queue_set *s, const struct request *r, struct status *st)
{
	*s = (struct queue_set){ .code = EX_OK };
	int result = context_init(&s->context, r, st);
	if (result != 0 && (st->sys != ENOENT || r->config_file != NULL))
		return -1;
	const struct buf *home = &s->context.home;
	find_all(s, &s->context.config, home->len != 0 ? buf_str(home) : NULL);
	return 0;
}

void queue_set_open_of(struct queue_set *s, const struct config *c, const char *home)
{
	*s = (struct queue_set){ .code = EX_OK };
	find_all(s, c, home);
}

void queue_set_release(struct queue_set *s)
{
	for (size_t i = 0; i < s->count; i++)
		queue_release(&s->at[i]);
	free(s->at);
	context_release(&s->context);
	*s = (struct queue_set){ 0 };
}

static bool is_in(const struct queue *q, const char *folder, const char *id)
{
	struct stat facts;
	return q->fd >= 0 &&
	       fstatat(q->fd, queue_path(folder, id).text, &facts, AT_SYMLINK_NOFOLLOW) == 0;
}

bool queue_set_shows(const struct queue_set *s, const struct queue_place *place, const char *id)
{
	struct queue_entry e;
	struct status unsaid;
	if (!s->restricted)
		return true;
	bool his = queue_peek_in(place->queue, place->folder, id, &e, &unsaid) == QUEUE_TAKEN &&
		   e.uid == s->uid;
	queue_entry_release(&e);
	return his;
}

int queue_set_find(const struct queue_set *s, const char *id, struct queue_place *place,
		   struct status *st)
{
	static const char *const folders[] = { QUEUE_MESSAGES, QUEUE_FAILED, QUEUE_CORRUPT };
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		for (size_t k = 0; k < s->count; k++) {
			*place = (struct queue_place){ &s->at[k], folders[i] };
			if (is_in(place->queue, place->folder, id) &&
			    queue_set_shows(s, place, id))
				return 0;
		}
	}
	status_set(st, STATUS_REJECTED, "there is no message '%s' in the queue", id);
	return status_hint(st, "'postrider --list' shows the ids");
}

int queue_set_only_kept(const struct queue_place *place, const char *id, struct status *st)
{
	status_set(st, STATUS_REJECTED, "the message '%s' does not wait, it is only kept in %s",
		   id, place->folder);
	return status_hint(st, "'postrider --remove=%s' throws it away", id);
}

int queue_set_use(const struct request *r,
		  int (*use)(const struct queue_set *s, const struct request *r))
{
	struct queue_set s;
	struct status st;
	int code = queue_set_open(&s, r, &st) == 0 ? use(&s, r)
						   : hand_over(r, &s.context.config, &st);
	queue_set_release(&s);
	return code;
}
