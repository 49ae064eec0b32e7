/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_folder - where the queue lies, and what is in it: postrider-queue(5)
 *
 *     q/        messages, a file each
 *     tmp/      messages that are being written
 *     replies/  what servers said last; losing it costs nothing
 *     failed/   messages that nobody wanted, kept for a person
 *     corrupt/  files that are none of ours, or damaged; never sent, never deleted
 *     import/   what came from the drop folder, on its way to q/ (delivery/drop.h)
 *     drop/     where everybody may leave a message; not made here, and need not be there
 *
 * The folder is ours alone. Root, who may work in the queue of the service, leaves its files to
 * the folder's owner.
 */
#ifndef QUEUE_QUEUE_FOLDER_H
#define QUEUE_QUEUE_FOLDER_H

#include "base/status.h"

#include <stdbool.h>
#include <sys/types.h>

#define QUEUE_MESSAGES "q"
#define QUEUE_DRAFTS   "tmp"
#define QUEUE_REPLIES  "replies"
#define QUEUE_FAILED   "failed"
#define QUEUE_CORRUPT  "corrupt"
#define QUEUE_IMPORTS  "import"
#define QUEUE_DROP     "drop"

struct queue {
	char *path; /* owned */
	int fd;     /* owned; -1: there is no such folder, so the queue is empty */
	uid_t owner;
	gid_t group;
};

/*
 * Open the queue at PATH; with MAKE, make it and what is missing above it, mode 0700. Without,
 * a folder that is not there is no failure. Errors: STATUS_DISK for a folder that cannot be
 * had, that is somebody else's, or that others may write to. Release Q in any case.
 */
int queue_open(struct queue *q, const char *path, bool make, struct status *st);
void queue_release(struct queue *q);

/* Make the folders in it. Errors: STATUS_DISK. */
int queue_make_folders(const struct queue *q, struct status *st);

/* "FOLDER/NAME", for the calls that take a path below Q. Valid until PATH changes. */
struct queue_path {
	char text[320];
};
struct queue_path queue_path(const char *folder, const char *name);

/* Rename; a folder in Q that somebody removed by hand is made again. False with errno. */
bool queue_move(const struct queue *q, const char *from, const char *to);

/* FOLDER's entries are on the disk afterwards; false with errno. */
bool queue_sync_folder(const struct queue *q, const char *folder);

/* Does it lie on another machine, where neither a lock nor a sync can be relied upon? */
bool queue_is_remote(const struct queue *q);

/* Open NAME in Q with FLAGS, O_CREAT being one of them; it belongs to the queue's owner, too. A
 * descriptor, or -1 with errno. */
int queue_open_file(const struct queue *q, const char *name, int flags);

/*
 * Be the only one who sends what KEY names: a descriptor for queue_unlock_key, or -1 if
 * somebody else is, or if the lock cannot be had (errno). A key is some octet of one file, so
 * two keys may, rarely, stand in each other's way. Children have the lock, too.
 */
int queue_lock_key(const struct queue *q, const char *key);
/* That is over, for whoever has FD, and FD is closed here. */
void queue_unlock_key(int fd);

/* Wake the service that waits for messages in Q, if there is one. */
void queue_wake(const struct queue *q);
/* A descriptor that can be read when somebody does, or -1 with errno. */
int queue_listen(const struct queue *q);

#endif
