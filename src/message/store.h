/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store - the bytes of a message, in memory while they are few and in a file when they are many
 *
 * Up to 256 KiB stay in memory; what is more goes to a temporary file without a name, so memory
 * use does not depend on the message. Written once from front to back, then read as often as
 * needed.
 *
 * The file is what `place` gives: a draft in the queue, so that a message that has to wait is
 * not copied. Else it lies in the first of $TMPDIR, /var/tmp and /tmp that takes one; nobody
 * else can open it, and it goes with the process, however that ends. Nothing is synced: a store
 * promises nothing.
 */
#ifndef MESSAGE_STORE_H
#define MESSAGE_STORE_H

#include "base/buf.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

#define STORE_MEMORY (256 * 1024)

/* Who has a file for what does not fit into memory. */
struct store_place {
	/* A file to write to from *BASE on, which the store borrows; -1: none, so the store
	 * takes one of its own. */
	int (*open)(void *context, uint64_t *base);
	void *context; /* borrowed */
};

struct store {
	uint64_t size; /* of all that was added */
	struct store_place place;
	/* private: */
	int fd;             /* -1 while there is no file */
	bool borrowed;      /* it belongs to somebody else */
	uint64_t base;      /* where in the file the bytes begin */
	const char *folder; /* borrowed from the environment, or NULL: where the file is */
	struct buf memory;  /* the bytes that are not in the file: all, or the last few */
};

void store_init(struct store *s);
void store_release(struct store *s);
/*
 * Append. Errors: STATUS_DISK (no room, I/O, no folder that takes a file); the store is then
 * fit only to be released. A limit on file sizes (RLIMIT_FSIZE) is such an error if SIGXFSZ is
 * ignored.
 */
int store_add(struct store *s, struct slice piece, struct status *st);
/*
 * The bytes from OFFSET on, as many as are at hand: straight from memory, or read into SCRATCH
 * (a buf that the caller keeps over the calls) from the file. PIECE is valid until the next
 * call with the same SCRATCH, and empty at the end of the store. Errors: STATUS_DISK.
 */
int store_read(const struct store *s, uint64_t offset, struct buf *scratch, struct slice *piece,
	       struct status *st);

/* Let S, which is empty, be the SIZE bytes from BASE on in FD, which it borrows. */
void store_show(struct store *s, int fd, uint64_t base, uint64_t size);
/* Is there a file, and is it the one that PLACE gave? */
bool store_is_in_place(const struct store *s);
/* Bring what is still in memory to the file, which there is. Errors: STATUS_DISK. */
int store_flush(struct store *s, struct status *st);

#endif
