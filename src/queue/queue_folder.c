/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_folder.h"

#include "base/crc32c.h"
#include "base/file.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { OTHERS_MAY_WRITE = S_IWGRP | S_IWOTH };

static int complain(const char *path, int errnum, struct status *st)
{
	status_sys(st, STATUS_DISK, errnum, "cannot use the queue '%s'", path);
	return status_hint(st, "see the key queue-dir; queue = never does without");
}

/* Under sudo, HOME may be somebody else's, who could not use what root makes there. */
static int make_in(const char *above, const char *path)
{
	struct stat facts;
	if (stat(above, &facts) != 0)
		return -1;
	if (geteuid() == 0 && facts.st_uid != 0) {
		errno = EPERM;
		return -1;
	}
	if (mkdir(path, S_IRWXU) != 0)
		return errno == EEXIST ? 0 : -1;
	int fd = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		file_sync(fd);
		close(fd);
	}
	return 0;
}

/* With what is missing above it. */
static int make_folder(const char *path)
{
	struct stat facts;
	size_t end = strlen(path);
	while (end > 1 && path[end - 1] == '/')
		end--;
	while (end > 0 && path[end - 1] != '/')
		end--;
	if (stat(path, &facts) == 0)
		return 0;
	if (errno != ENOENT)
		return -1;
	char *above = end != 0 ? mem_copy_n(path, end) : mem_copy(".");
	int result = end <= 1 || make_folder(above) == 0 ? make_in(above, path) : -1;
	free(above);
	return result;
}

static int check(struct queue *q, struct status *st)
{
	struct stat facts;
	if (fstat(q->fd, &facts) != 0)
		return complain(q->path, errno, st);
	q->owner = facts.st_uid;
	q->group = facts.st_gid;
	if ((q->owner == geteuid() || geteuid() == 0) &&
	    (facts.st_mode & OTHERS_MAY_WRITE) == 0)
		return 0;
	status_set(st, STATUS_DISK, "cannot use the queue '%s': %s", q->path,
		   q->owner == geteuid() ? "others may write to it" : "it is somebody else's");
	return status_hint(st, "chmod 700 it, or choose another one with queue-dir");
}

static int open_folder(const char *path)
{
	int fd;
	do
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	return fd;
}

int queue_open(struct queue *q, const char *path, bool make, struct status *st)
{
	*q = (struct queue){ .path = mem_copy(path), .fd = -1 };
	if (path[0] == '\0') {
		if (!make)
			return 0;
		status_set(st, STATUS_DISK,
			   "there is no place for a queue: nobody knows your "
			   "home directory");
		return status_hint(st, "set queue-dir, or HOME");
	}
	q->fd = open_folder(path);
	if (q->fd < 0 && errno == ENOENT && !make)
		return 0;
	if (q->fd < 0 && errno == ENOENT && make_folder(path) == 0)
		q->fd = open_folder(path);
	if (q->fd < 0)
		return complain(path, errno, st);
	return check(q, st);
}

void queue_release(struct queue *q)
{
	free(q->path);
	if (q->fd >= 0)
		close(q->fd);
	*q = (struct queue){ .fd = -1 };
}

int queue_make_folders(const struct queue *q, struct status *st)
{
	static const char *const names[] = { QUEUE_MESSAGES, QUEUE_DRAFTS, QUEUE_REPLIES,
					     QUEUE_FAILED, QUEUE_CORRUPT };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (mkdirat(q->fd, names[i], S_IRWXU) != 0) {
			if (errno != EEXIST)
				return complain(q->path, errno, st);
			continue;
		}
		if (geteuid() != q->owner &&
		    fchownat(q->fd, names[i], q->owner, q->group, AT_SYMLINK_NOFOLLOW) != 0)
			return complain(q->path, errno, st);
	}
	if (!file_sync(q->fd))
		return complain(q->path, errno, st);
	return 0;
}

struct queue_path queue_path(const char *folder, const char *name)
{
	struct queue_path path;
	text_fit(path.text, sizeof path.text - 1, folder);
	size_t len = strlen(path.text);
	path.text[len++] = '/';
	text_fit(path.text + len, sizeof path.text - len, name);
	return path;
}

bool queue_move(const struct queue *q, const char *from, const char *to)
{
	struct status unsaid;
	if (renameat(q->fd, from, q->fd, to) == 0)
		return true;
	if (errno != ENOENT || faccessat(q->fd, from, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	return queue_make_folders(q, &unsaid) == 0 && renameat(q->fd, from, q->fd, to) == 0;
}

bool queue_sync_folder(const struct queue *q, const char *folder)
{
	int fd = file_open(q->fd, folder, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return false;
	bool done = file_sync(fd);
	int trouble = errno;
	close(fd);
	errno = trouble;
	return done;
}

bool queue_is_remote(const struct queue *q)
{
	/* NFS, SMB, CIFS, SMB2, 9P, FUSE (linux/magic.h) */
	static const unsigned long kinds[] = { 0x6969,     0x517b,     0xff534d42,
					       0xfe534d42, 0x01021997, 0x65735546 };
	struct statfs facts;
	if (q->fd < 0 || fstatfs(q->fd, &facts) != 0)
		return false;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (((unsigned long)facts.f_type & 0xffffffff) == kinds[i])
			return true;
	}
	return false;
}

int queue_open_file(const struct queue *q, const char *name, int flags)
{
	int fd = file_open(q->fd, name, flags, S_IRUSR | S_IWUSR);
	if (fd < 0 || geteuid() == q->owner || fchown(fd, q->owner, q->group) == 0)
		return fd;
	int trouble = errno;
	close(fd);
	errno = trouble;
	return -1;
}

/* Locks of the open file, not of the process, so that children have them too. */
int queue_lock_key(const struct queue *q, const char *key)
{
	struct flock octet = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = crc32c(0, slice_of(key)),
		.l_len = 1,
	};
	int fd = queue_open_file(q, "run.lock", O_RDWR | O_CREAT);
	if (fd < 0 || fcntl(fd, F_OFD_SETLK, &octet) == 0)
		return fd;
	int trouble = errno;
	close(fd);
	errno = trouble;
	return -1;
}

/* Closing it would not be enough while a child has it. */
void queue_unlock_key(int fd)
{
	struct flock all = { .l_type = F_UNLCK, .l_whence = SEEK_SET };
	fcntl(fd, F_OFD_SETLK, &all);
	close(fd);
}

static const char fifo[] = "wake";

void queue_wake(const struct queue *q)
{
	int fd = file_open(q->fd, fifo, O_WRONLY | O_NONBLOCK, 0);
	if (fd < 0)
		return;
	ssize_t unread = write(fd, "", 1);
	(void)unread;
	close(fd);
}

int queue_listen(const struct queue *q)
{
	struct stat facts;
	if (mkfifoat(q->fd, fifo, S_IRUSR | S_IWUSR) != 0 && errno != EEXIST)
		return -1;
	int fd = queue_open_file(q, fifo, O_RDWR | O_NONBLOCK);
	if (fd < 0 || (fstat(fd, &facts) == 0 && S_ISFIFO(facts.st_mode)))
		return fd;
	close(fd);
	errno = EEXIST;
	return -1;
}
