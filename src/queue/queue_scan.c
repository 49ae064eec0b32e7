/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_scan.h"

#include "base/file.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Names with a dot in front are the file system's: NFS keeps what is open under such a one. */
static void add(struct queue_items *items, int folder, const char *name)
{
	struct stat facts = { 0 };
	if (name[0] == '.')
		return;
	if (!queue_id_valid(slice_of(name))) {
		strings_add(&items->foreign, name);
		return;
	}
	if (!items->names_only && fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	items->at = mem_grow(items->at, items->count, &items->room, sizeof *items->at);
	struct queue_item *item = &items->at[items->count++];
	item->next = facts.st_mtime;
	item->size = (uint64_t)facts.st_size;
	memcpy(item->id.text, name, sizeof item->id.text);
}

static int compare(const void *a, const void *b)
{
	const struct queue_item *one = a, *other = b;
	return strcmp(one->id.text, other->id.text);
}

/* 0 or an errno. */
static int read_names(DIR *dir, struct queue_items *items)
{
	for (;;) {
		errno = 0;
		const struct dirent *d = readdir(dir);
		if (d == NULL)
			return errno;
		add(items, dirfd(dir), d->d_name);
	}
}

int queue_scan(const struct queue *q, const char *folder, struct queue_items *items,
	       struct status *st)
{
	int fd = q->fd < 0 ? -1 : file_open(q->fd, folder, O_RDONLY | O_DIRECTORY, 0);
	if (q->fd < 0 || (fd < 0 && errno == ENOENT))
		return 0;
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (dir == NULL) {
		status_sys(st, STATUS_DISK, errno, "cannot read the queue '%s'", q->path);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	int trouble = read_names(dir, items);
	closedir(dir);
	if (trouble != 0)
		return status_sys(st, STATUS_DISK, trouble, "cannot read the queue '%s'",
				  q->path);
	if (items->count > 1)
		qsort(items->at, items->count, sizeof *items->at, compare);
	return 0;
}

void queue_items_release(struct queue_items *items)
{
	free(items->at);
	strings_release(&items->foreign);
	*items = (struct queue_items){ 0 };
}
