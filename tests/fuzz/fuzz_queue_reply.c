/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever a file of replies says: its words are printable and not longer than a status takes,
 * nobody is decided by it, and nothing is said of those who have the message. Saved again, it
 * is read as the same.
 */
#include "base/mem.h"
#include "queue/queue_reply.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { COUNT = 6 };
static const char marks[] = "??D?FB";
static const struct queue_id id = { "0123456789ABCDEFGHJKMNPQ" };

static char folder[] = "/tmp/fuzz_queue_reply.XXXXXX";
static struct queue queue = { .fd = -1 };

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void clean_up(void)
{
	unlinkat(queue.fd, queue_path(QUEUE_REPLIES, id.text).text, 0);
	unlinkat(queue.fd, QUEUE_REPLIES, AT_REMOVEDIR);
	queue_release(&queue);
	rmdir(folder);
}

static void set_up(void)
{
	struct status st;
	if (queue.fd >= 0)
		return;
	must(mkdtemp(folder) != NULL && queue_open(&queue, folder, false, &st) == 0);
	must(mkdirat(queue.fd, QUEUE_REPLIES, S_IRWXU) == 0);
	atexit(clean_up);
}

static void make(struct queue_entry *e)
{
	queue_entry_init(e);
	e->id = id;
	for (char address[] = "a@x"; e->envelope.count < COUNT; address[0]++)
		envelope_add(&e->envelope, address);
	e->marks = mem_copy(marks);
}

static void check_text(const char *text, size_t room)
{
	must(text == NULL || strlen(text) < room);
	for (; text != NULL && *text != '\0'; text++)
		must((unsigned char)*text >= 0x20 && *text != 0x7f);
}

static void check(const struct queue_entry *e)
{
	struct status st;
	for (size_t i = 0; i < COUNT; i++) {
		const struct recipient *r = &e->envelope.at[i];
		check_text(r->reply, sizeof st.text);
		check_text(r->peer, sizeof st.peer);
		check_text(r->hint, sizeof st.hint);
		must(!r->decided && (unsigned)r->kind < STATUS_KINDS && r->code <= 999);
		must(marks[i] != 'D' || r->kind == STATUS_OK);
	}
}

static bool same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Who has no words is not written of. */
static void check_again(const struct queue_entry *e)
{
	struct queue_entry again;
	queue_reply_remove(&queue, id.text);
	queue_reply_save(&queue, e);
	make(&again);
	queue_reply_load(&queue, &again);
	for (size_t i = 0; i < COUNT; i++) {
		const struct recipient *a = &e->envelope.at[i], *b = &again.envelope.at[i];
		must(same_text(a->reply, b->reply));
		if (a->reply != NULL)
			must(a->kind == b->kind && a->code == b->code &&
			     same_text(a->peer, b->peer));
	}
	queue_entry_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct queue_entry e;
	set_up();
	int fd = queue_open_file(&queue, queue_path(QUEUE_REPLIES, id.text).text,
				 O_WRONLY | O_CREAT | O_TRUNC);
	must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	close(fd);
	make(&e);
	queue_reply_load(&queue, &e);
	check(&e);
	check_again(&e);
	queue_entry_release(&e);
	return 0;
}
