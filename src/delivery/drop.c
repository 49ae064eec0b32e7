/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/drop.h"

#include "base/file.h"
#include "config/own_folder.h"
#include "queue/queue_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static void folder_path(struct buf *out)
{
	char *queue = own_folder(FOLDER_QUEUE, true, NULL);
	buf_addf(out, "%s/" QUEUE_DROP, queue);
	free(queue);
}

/* What errno says about ACT, something with the message in the folder. */
static int complain(enum status_kind kind, const char *act, struct status *st)
{
	int errnum = errno;
	struct buf path = { 0 };
	folder_path(&path);
	status_sys(st, kind, errnum, "cannot %s the message for the service in '%s'", act,
		   buf_str(&path));
	buf_release(&path);
	return -1;
}

static int open_folder(struct status *st)
{
	struct buf path = { 0 };
	folder_path(&path);
	int fd = file_open(AT_FDCWD, buf_str(&path), O_PATH | O_DIRECTORY, 0);
	if (fd < 0)
		status_sys(st, STATUS_TEMPORARY, errno, "cannot use the folder '%s'",
			   buf_str(&path));
	buf_release(&path);
	return fd;
}

bool drop_is_there(void)
{
	struct status unsaid;
	int fd = open_folder(&unsaid);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static struct queue_path unfinished(const struct drop *d)
{
	struct queue_path path;
	snprintf(path.text, sizeof path.text, ".%s", d->id.text);
	return path;
}

/* The group may read it where that is the service's, not the caller's own. The lock says that
 * somebody lives who will go on. */
static bool prepare(const struct drop *d)
{
	struct stat folder, file;
	if (fstat(d->folder, &folder) != 0 || fstat(d->fd, &file) != 0)
		return false;
	mode_t mode = S_IRUSR | S_IWUSR;
	if (file.st_gid == folder.st_gid && (folder.st_mode & S_ISGID) != 0)
		mode |= S_IRGRP;
	return fchmod(d->fd, mode) == 0 && flock(d->fd, LOCK_EX | LOCK_NB) == 0;
}

int drop_begin(struct drop *d, struct status *st)
{
	*d = (struct drop){ .id = queue_id_new(), .folder = open_folder(st), .fd = -1 };
	if (d->folder < 0)
		return -1;
	d->begun = true;
	d->fd = file_open(d->folder, unfinished(d).text, O_WRONLY | O_CREAT | O_EXCL,
			  S_IRUSR | S_IWUSR);
	if (d->fd < 0)
		return complain(STATUS_TEMPORARY, "leave", st);
	return prepare(d) ? 0 : complain(STATUS_DISK, "make", st);
}

int drop_write(struct drop *d, struct slice bytes, struct status *st)
{
	while (bytes.len != 0) {
		ssize_t n = write(d->fd, bytes.data, bytes.len);
		if (n < 0 && errno != EINTR)
			return complain(STATUS_DISK, "write", st);
		bytes = slice_cut(bytes, n > 0 ? (size_t)n : 0, bytes.len);
	}
	return 0;
}

/*
 * Who may not list a folder may not open it to sync it, so it is the whole file system that is.
 * If that fails and the file cannot be taken back, it is the service's already.
 */
int drop_commit(struct drop *d, struct status *st)
{
	if (!file_sync(d->fd) ||
	    renameat(d->folder, unfinished(d).text, d->folder, d->id.text) != 0)
		return complain(STATUS_DISK, "keep", st);
	d->committed = true;
	if (syncfs(d->fd) == 0)
		return 0;
	complain(STATUS_DISK, "keep", st);
	return unlinkat(d->folder, d->id.text, 0) == 0 ? -1 : 0;
}

void drop_release(struct drop *d)
{
	if (d->begun && !d->committed)
		unlinkat(d->folder, unfinished(d).text, 0);
	if (d->begun && d->fd >= 0)
		close(d->fd);
	if (d->begun)
		close(d->folder);
	*d = (struct drop){ .folder = -1, .fd = -1 };
}
