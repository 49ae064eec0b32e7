/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reader - goes through a store from front to back, in pieces that end where the caller wants
 *
 * Life: set `store` in a zeroed struct, read, release. What one reading of the store's file
 * brought is used up before the next one, however short the pieces are.
 */
#ifndef MESSAGE_READER_H
#define MESSAGE_READER_H

#include "message/store.h"

struct reader {
	const struct store *store; /* borrowed */
	uint64_t offset;           /* of the next byte */
	/* private: */
	struct buf scratch;
	struct slice have; /* the bytes at the offset that are at hand */
};

/*
 * The next bytes before the offset UPTO, valid until the next call; empty if there are none.
 * Errors: STATUS_DISK, also for a store that ends before UPTO.
 */
int reader_next(struct reader *r, uint64_t upto, struct slice *piece, struct status *st);
/* Go to OFFSET. */
void reader_seek(struct reader *r, uint64_t offset);
void reader_release(struct reader *r);

#endif
