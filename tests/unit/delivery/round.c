/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/round.h"

#include "base/clock.h"
#include "base/mem.h"
#include "delivery/settings.h"
#include "queue/queue_draft.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ACCOUNTS                                                                               \
	"domain = example.com\naccount = fine\n"                                               \
	"[account fine]\nhost = maildir:~/fine\n"                                              \
	"[account broken]\nhost = maildir:/dev/null/x\n"                                       \
	"[account refused]\nhost = unix:%s/nobody\ntls = none\n"

int round_open(void **state)
{
	struct round *r = mem_zero(1, sizeof *r);
	void *queue;
	queue_case_open(&queue);
	r->at = queue;
	r->with = (struct attempts){
		.config = &r->config,
		.queue = &r->at->queue,
		.home = r->at->scratch.folder,
	};
	round_configure(r, ACCOUNTS);
	*state = r;
	return 0;
}

int round_close(void **state)
{
	struct round *r = *state;
	void *queue = r->at;
	clock_set_wall(0);
	config_release(&r->config);
	queue_case_close(&queue);
	free(r);
	return 0;
}

void round_configure(struct round *r, const char *text)
{
	struct buf whole = { 0 };
	const char *at = strstr(text, "%s");
	struct slice rest = slice_of(text);
	if (at != NULL) {
		buf_add_slice(&whole, slice_n(text, (size_t)(at - text)));
		buf_add_str(&whole, r->at->scratch.folder);
		rest = slice_of(at + 2);
	}
	buf_add_slice(&whole, rest);
	config_release(&r->config);
	settings_load(&r->config, buf_str(&whole));
	buf_release(&whole);
}

void round_entry(struct queue_entry *e, const char *account, const char *to)
{
	struct slice rest = slice_of(to), address;
	queue_case_entry(e, 0, "From: me@x.test\r\n\r\nA line.\r\n");
	free(e->account);
	free(e->marks);
	e->origin = FROM_SENDMAIL;
	e->account = mem_copy(account);
	e->created = e->next = clock_wall();
	while (slice_next(&rest, ' ', &address)) {
		char *one = slice_copy(address);
		envelope_add(&e->envelope, one);
		free(one);
	}
	e->marks = mem_zero(e->envelope.count + 1, 1);
	memset(e->marks, MARK_PENDING, e->envelope.count);
}

struct queue_id round_commit(struct round *r, struct queue_entry *e)
{
	struct queue_draft d = { 0 };
	struct status st;
	if (queue_draft_begin(&d, &r->at->queue, NULL, &st) != 0 ||
	    queue_draft_commit(&d, e, &st) != 0)
		fail_msg("%s", st.text);
	struct queue_id id = e->id;
	queue_draft_release(&d);
	queue_entry_release(e);
	return id;
}

struct queue_id round_put(struct round *r, const char *account, const char *to)
{
	struct queue_entry e;
	round_entry(&e, account, to);
	return round_commit(r, &e);
}

void round_take(struct round *r, struct queue_id id, struct queue_entry *e)
{
	struct status st = { 0 };
	if (queue_take(&r->at->queue, id.text, e, &st) != QUEUE_TAKEN)
		fail_msg("%s cannot be taken: %s", id.text, st.text);
}

const char *round_marks(struct round *r, struct queue_id id)
{
	static char marks[16];
	struct queue_entry e;
	struct status st;
	memset(marks, 0, sizeof marks);
	if (queue_peek(&r->at->queue, id.text, &e, &st) == QUEUE_TAKEN)
		memcpy(marks, e.marks, e.envelope.count);
	queue_entry_release(&e);
	return marks;
}

/* Their number; the path of the last one, if there is one, is in LAST. */
static size_t look(struct round *r, const char *name, struct buf *last)
{
	struct buf folder = { 0 };
	size_t count = 0;
	buf_addf(&folder, "%s/%s/new", r->at->scratch.folder, name);
	DIR *dir = opendir(buf_str(&folder));
	const struct dirent *entry = dir != NULL ? readdir(dir) : NULL;
	for (; entry != NULL; entry = readdir(dir)) {
		if (entry->d_name[0] == '.')
			continue;
		buf_reset(last);
		buf_addf(last, "%s/%s", buf_str(&folder), entry->d_name);
		count++;
	}
	if (dir != NULL)
		closedir(dir);
	buf_release(&folder);
	return count;
}

size_t round_arrived(struct round *r, const char *name)
{
	struct buf unread = { 0 };
	size_t count = look(r, name, &unread);
	buf_release(&unread);
	return count;
}

const char *round_last(struct round *r, const char *name)
{
	static char text[4096];
	struct buf path = { 0 }, bytes = { 0 };
	if (look(r, name, &path) == 0)
		fail_msg("nothing came to %s", name);
	queue_case_read(buf_str(&path), &bytes);
	assert_true(bytes.len < sizeof text);
	memcpy(text, buf_str(&bytes), bytes.len + 1);
	buf_release(&path);
	buf_release(&bytes);
	return text;
}
