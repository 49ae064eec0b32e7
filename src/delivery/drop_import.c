/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/drop_import.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/identity.h"
#include "base/mem.h"
#include "base/process.h"
#include "queue/queue_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	ABANDONED_AFTER = 60 * 60, /* seconds without a write, and nobody has it locked */
	CHILD_SECONDS = 10 * 60,   /* a message takes less */
	PIECE = 64 * 1024,
	NO_REPLACE = 1, /* renameat2's */
};

/* What a child tells by its exit code. */
enum { IMPORTED, KEPT_FOR_LATER, PUT_OFF, USELESS };

/* ---- moving things about ---- */

static void tell_aside(const struct drop_import *d, const char *name, const char *why)
{
	struct status st;
	status_set(&st, STATUS_BAD_MESSAGE,
		   "set aside, in the queue's folder 'corrupt': '%s' of the drop folder: %s",
		   name, why);
	d->aside(d->context, &st);
}

/* The names of strangers are not taken over. */
static void set_aside(const struct drop_import *d, const char *folder, const char *name,
		      const char *why)
{
	struct queue_path from = queue_path(folder, name);
	struct queue_path to = queue_path(QUEUE_CORRUPT, queue_id_new().text);
	if (!queue_move(d->queue, from.text, to.text))
		return;
	queue_sync_folder(d->queue, QUEUE_CORRUPT);
	tell_aside(d, name, why);
}

/* Unlike rename, never in the place of another; file systems that cannot promise that are asked
 * first. */
static bool move_to_free(const struct queue *q, const char *from, const char *to)
{
#ifdef SYS_renameat2
	if (syscall(SYS_renameat2, q->fd, from, q->fd, to, NO_REPLACE) == 0)
		return true;
	if (errno != EINVAL && errno != ENOSYS)
		return false;
#endif
	if (faccessat(q->fd, to, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		return renameat(q->fd, from, q->fd, to) == 0;
	errno = EEXIST;
	return false;
}

/* All that is there is looked at while it is read: no list of it is kept, however many
 * strangers put there. EACH may remove what it is given, and rename it to what it ignores. */
static void look_at_all(const struct drop_import *d, const char *folder,
			void (*each)(const struct drop_import *d, const char *name))
{
	int fd = file_open(d->queue->fd, folder, O_RDONLY | O_DIRECTORY, 0);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	for (const struct dirent *e = readdir(dir); e != NULL && !*d->stop; e = readdir(dir)) {
		if (e->d_type != DT_DIR && strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0)
			each(d, e->d_name);
	}
	closedir(dir);
}

/* In drop/ somebody is writing it still, or was; in import/ it is put off. */
static bool has_dot(const char *name)
{
	return name[0] == '.' && queue_id_valid(slice_of(name + 1));
}

/* ---- from drop/ to import/ ---- */

/* Who lives and is writing it has it locked. */
static void sweep(const struct queue *q, const char *path, const struct stat *facts)
{
	if (facts->st_mtime > clock_wall() - ABANDONED_AFTER)
		return;
	int fd = file_open(q->fd, path, O_RDONLY | O_NONBLOCK, 0);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0)
		unlinkat(q->fd, path, 0);
	if (fd >= 0)
		close(fd);
}

static void fetch_one(const struct drop_import *d, const char *name)
{
	const struct queue *q = d->queue;
	struct queue_path path = queue_path(QUEUE_DROP, name);
	struct stat facts;
	if (fstatat(q->fd, path.text, &facts, AT_SYMLINK_NOFOLLOW) != 0 ||
	    S_ISDIR(facts.st_mode))
		return;
	if (!S_ISREG(facts.st_mode))
		unlinkat(q->fd, path.text, 0);
	else if (has_dot(name))
		sweep(q, path.text, &facts);
	else if (!queue_id_valid(slice_of(name)))
		set_aside(d, QUEUE_DROP, name, "it is not named as a message is");
	else
		move_to_free(q, path.text, queue_path(QUEUE_IMPORTS, name).text);
}

static void fetch_all(const struct drop_import *d)
{
	look_at_all(d, QUEUE_DROP, fetch_one);
	queue_sync_folder(d->queue, QUEUE_IMPORTS);
	queue_sync_folder(d->queue, QUEUE_DROP);
}

/* ---- in a child: from import/ to q/ ---- */

static int read_stream(struct spool *s, int fd, struct status *st)
{
	char *piece = mem_alloc(PIECE);
	ssize_t n;
	int result = 0;
	do {
		n = read(fd, piece, PIECE);
		if (n > 0)
			result = spool_feed(s, slice_n(piece, (size_t)n), st);
	} while (result == 0 && (n > 0 || (n < 0 && errno == EINTR)));
	if (n < 0)
		result = status_sys(st, STATUS_DISK, errno, "cannot read a dropped message");
	free(piece);
	if (result == 0 && spool_done(s) && !spool_is_message(s))
		result = status_set(st, STATUS_BROKEN_PEER, "it is no message");
	return result;
}

static bool put_into_queue(const struct drop_import *d, const char *name)
{
	return move_to_free(d->queue, queue_path(QUEUE_IMPORTS, name).text,
			    queue_path(QUEUE_MESSAGES, name).text) &&
	       queue_sync_folder(d->queue, QUEUE_MESSAGES);
}

static int convert(const struct drop_import *d, int fd, const struct queue_id *id,
		   struct spool *s, struct status *st)
{
	s->id = id;
	s->queue = d->queue->path;
	if (read_stream(s, fd, st) != 0 || spool_commit(s, st) != 0)
		return -1;
	if (put_into_queue(d, id->text))
		return 0;
	return status_sys(st, STATUS_DISK, errno, "cannot put the message into the queue");
}

/* Whether a later try may do better. EEXIST: somebody chose the name of another message. */
static int verdict(const struct status *st)
{
	bool later = st->kind == STATUS_DISK || st->kind == STATUS_SYSTEM ||
		     st->kind == STATUS_TEMPORARY;
	if (st->sys == EEXIST)
		return USELESS;
	if (st->kind == STATUS_BAD_CONFIG)
		return PUT_OFF;
	return later ? KEPT_FOR_LATER : USELESS;
}

static int work_in_child(const struct drop_import *d, int fd, uid_t uid, const char *name)
{
	struct buf login = { 0 };
	struct queue_id id = { "" };
	struct spool s;
	struct status st = { 0 };
	alarm(CHILD_SECONDS);
	memcpy(id.text, name, QUEUE_ID_LENGTH);
	identity_login_of(uid, &login);
	if (uid != 0 && uid != geteuid())
		config_keep_for(d->config, buf_str(&login));
	spool_init(&s, d->config, NULL, uid, buf_str(&login));
	int result = d->confine(d->context, &st);
	if (result == 0)
		result = convert(d, fd, &id, &s, &st);
	d->told(d->context, &s, result == 0 ? NULL : &st);
	if (result == 0)
		spool_let_go(&s);
	spool_release(&s);
	buf_release(&login);
	return result == 0 ? IMPORTED : verdict(&st);
}

/* ---- what lies in import/ ---- */

/* Ours, and a message already: what put it here was interrupted before its last step. */
static bool is_converted(const struct drop_import *d, int fd, const struct stat *facts)
{
	char magic[sizeof QUEUE_MAGIC - 1];
	return facts->st_uid == d->queue->owner &&
	       pread(fd, magic, sizeof magic, 0) == (ssize_t)sizeof magic &&
	       memcmp(magic, QUEUE_MAGIC, sizeof magic) == 0;
}

/* No account is for its sender, say: until that changes, there is no use in trying. */
static void put_off(const struct drop_import *d, const char *name)
{
	struct buf dotted = { 0 };
	buf_addf(&dotted, ".%s", name);
	if (!move_to_free(d->queue, queue_path(QUEUE_IMPORTS, name).text,
			  queue_path(QUEUE_IMPORTS, buf_str(&dotted)).text) &&
	    errno == EEXIST)
		set_aside(d, QUEUE_IMPORTS, name, "another one of its name waits");
	buf_release(&dotted);
}

static void bring_back(const struct drop_import *d, const char *name)
{
	if (has_dot(name))
		move_to_free(d->queue, queue_path(QUEUE_IMPORTS, name).text,
			     queue_path(QUEUE_IMPORTS, name + 1).text);
}

static void import_file(const struct drop_import *d, int fd, const struct stat *facts,
			const char *name)
{
	if (is_converted(d, fd, facts)) {
		if (put_into_queue(d, name))
			queue_wake(d->queue);
		return;
	}
	pid_t pid = process_fork();
	if (pid == 0)
		_exit(work_in_child(d, fd, facts->st_uid, name));
	int code = pid > 0 ? process_wait(pid) : KEPT_FOR_LATER;
	if (code == PUT_OFF)
		put_off(d, name);
	if (code == USELESS)
		set_aside(d, QUEUE_IMPORTS, name, "it cannot be made a message");
}

/* Now that nobody else can reach it under this name: what is it? */
static void import_one(const struct drop_import *d, const char *name)
{
	struct queue_path path = queue_path(QUEUE_IMPORTS, name);
	struct stat facts;
	if (has_dot(name))
		return;
	int fd = file_open(d->queue->fd, path.text, O_RDONLY | O_NONBLOCK, 0);
	if (fd < 0 && errno == EACCES)
		set_aside(d, QUEUE_IMPORTS, name, "the service may not read it");
	else if (fd < 0 && (errno == ELOOP || errno == ENXIO))
		unlinkat(d->queue->fd, path.text, 0);
	else if (fd >= 0 && fstat(fd, &facts) == 0 && queue_id_valid(slice_of(name))) {
		if (S_ISREG(facts.st_mode) && facts.st_nlink == 1)
			import_file(d, fd, &facts, name);
		else
			unlinkat(d->queue->fd, path.text, 0);
	}
	if (fd >= 0)
		close(fd);
}

void drop_import(const struct drop_import *d)
{
	int lock = queue_lock_key(d->queue, QUEUE_DROP);
	if (lock < 0)
		return;
	if (mkdirat(d->queue->fd, QUEUE_IMPORTS, S_IRWXU) == 0 || errno == EEXIST) {
		fetch_all(d);
		if (d->again)
			look_at_all(d, QUEUE_IMPORTS, bring_back);
		look_at_all(d, QUEUE_IMPORTS, import_one);
	}
	close(lock);
}
