/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * drop - a folder where everybody may leave a message while the service is down
 *
 * It lies in the system's queue, mode 3733: anybody may make files there, only their owner and
 * the folder's may rename or remove them, and nobody but the folder's owner sees what is there.
 * Files get the folder's group, which is how the service may read them.
 *
 * A file holds a stream of frames.h, and is named ".ID" until all of it is on the disk, "ID"
 * from then on. Whose message it is, the file's owner says.
 */
#ifndef DELIVERY_DROP_H
#define DELIVERY_DROP_H

#include "base/buf.h"
#include "base/status.h"
#include "queue/queue_id.h"

#include <stdbool.h>

/* Is there such a folder? */
bool drop_is_there(void);

/* Zero it, begin, write, commit or not, release: what was not committed is removed. */
struct drop {
	struct queue_id id;
	/* private: */
	int folder;
	int fd;
	bool begun;
	bool committed;
};

/*
 * Make a file in the system's drop folder. Errors: STATUS_TEMPORARY with errno in `sys`, ENOENT
 * where there is no such folder.
 */
int drop_begin(struct drop *d, struct status *st);
/* Errors: STATUS_DISK. */
int drop_write(struct drop *d, struct slice bytes, struct status *st);
/* It is on the disk, and there for the service. Errors: STATUS_DISK; then it is not. */
int drop_commit(struct drop *d, struct status *st);
void drop_release(struct drop *d);

#endif
