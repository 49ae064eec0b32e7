/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_case.h"

#include "base/mem.h"
#include "queue/queue_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

int queue_case_open(void **state)
{
	struct queue_case *c = mem_zero(1, sizeof *c);
	struct status st;
	umask(0);
	scratch_open(&c->scratch);
	assert_int_equal(queue_open(&c->queue, scratch_path(&c->scratch, "queue"), true, &st),
			 0);
	assert_int_equal(queue_make_folders(&c->queue, &st), 0);
	*state = c;
	return 0;
}

int queue_case_close(void **state)
{
	struct queue_case *c = *state;
	queue_release(&c->queue);
	scratch_close(&c->scratch);
	free(c);
	return 0;
}

void queue_case_content(struct queue_entry *e, const char *content)
{
	struct message *m = &e->message;
	const char *end = strstr(content, "\r\n\r\n");
	size_t head = end != NULL ? (size_t)(end - content) + 4 : strlen(content);
	struct status st;
	m->head = m->body = (struct facts){ 0 };
	facts_add(&m->head, slice_n(content, head));
	facts_add(&m->body, slice_of(content + head));
	m->facts = facts_sum(&m->head, &m->body);
	assert_int_equal(store_add(&m->content, slice_of(content), &st), 0);
}

void queue_case_entry(struct queue_entry *e, size_t count, const char *content)
{
	queue_entry_init(e);
	e->id = queue_id_new();
	e->origin = FROM_SMTP;
	e->uid = 4294967294;
	e->created = 1800000000;
	e->next = 1800000000;
	e->account = mem_copy("work & play");
	e->message.id = mem_copy("<1@x.test>");
	e->envelope.sender = mem_copy("me@x.test");
	for (size_t i = 0; i < count; i++) {
		char address[32];
		snprintf(address, sizeof address, "r%zu@x.test", i);
		envelope_add(&e->envelope, address);
	}
	queue_case_content(e, content);
	e->marks = mem_alloc(count + 1);
	memset(e->marks, MARK_PENDING, count);
}

void queue_case_full(struct queue_entry *e)
{
	queue_case_entry(e, 4, "Subject: x\r\n\r\n.text\r\n");
	e->origin = FROM_REPORT;
	e->attempts = 65535;
	e->next = 999999999999;
	e->state = QUEUE_STUCK;
	e->warned = true;
	e->parent = mem_copy("0123456789ABCDEFGHJKMNPQ");
	e->checksum = 0xdeadbeef;
	e->message.body.eight_bit = true;
	e->message.head.nul = true;
	e->message.facts = facts_sum(&e->message.head, &e->message.body);
	e->envelope.notify = NOTIFY_SUCCESS | NOTIFY_DELAY;
	e->envelope.ret = "HDRS";
	e->envelope.envid = mem_copy("id + = ~");
	e->envelope.wishes = (struct wishes){ true, 2147483647, -86400, -9 };
	memcpy(e->marks, "?DFB", 4);
}

void queue_case_put(struct queue_case *c, size_t count, const char *content)
{
	struct queue_draft d = { 0 };
	struct queue_entry e;
	struct status st = { 0 };
	queue_case_entry(&e, count, content);
	assert_int_equal(queue_draft_begin(&d, &c->queue, NULL, &st), 0);
	if (queue_draft_commit(&d, &e, &st) != 0)
		fail_msg("%s", st.text);
	c->id = e.id;
	queue_draft_release(&d);
	queue_entry_release(&e);
}

const char *queue_case_take(struct queue_case *c, struct queue_entry *e,
			    enum queue_taken result)
{
	static struct status st;
	st = (struct status){ 0 };
	enum queue_taken got = queue_take(&c->queue, c->id.text, e, &st);
	if (got != result)
		fail_msg("%d instead of %d: %s", got, result, st.text);
	return st.text;
}

const char *queue_case_path(struct queue_case *c, const char *folder, const char *name)
{
	struct buf path = { 0 };
	buf_addf(&path, "queue/%s/%s", folder, name != NULL ? name : c->id.text);
	const char *full = scratch_path(&c->scratch, buf_str(&path));
	buf_release(&path);
	return full;
}

void queue_case_read(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat facts;
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &facts), 0);
	buf_reset(out);
	char *into = buf_reserve(out, (size_t)facts.st_size);
	assert_int_equal(read(fd, into, (size_t)facts.st_size), facts.st_size);
	out->len = (size_t)facts.st_size;
	into[out->len] = '\0';
	close(fd);
}

void queue_case_write(const char *path, struct slice bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes.data, bytes.len), bytes.len);
	close(fd);
}

size_t queue_case_count(struct queue_case *c, const char *folder)
{
	struct buf path = { 0 };
	size_t count = 0;
	buf_addf(&path, "%s/queue/%s", c->scratch.folder, folder);
	DIR *dir = opendir(buf_str(&path));
	assert_non_null(dir);
	for (const struct dirent *d = readdir(dir); d != NULL; d = readdir(dir))
		count += strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
	closedir(dir);
	buf_release(&path);
	return count;
}

void queue_case_header(const struct queue_entry *e, struct buf *out)
{
	buf_reset(out);
	queue_file_header(e, out);
}

int queue_case_parse(struct slice text, struct queue_entry *e, struct status *st)
{
	queue_entry_init(e);
	*st = (struct status){ 0 };
	return queue_file_parse(text, e, st);
}
