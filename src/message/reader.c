/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/reader.h"

static int fill(struct reader *r, struct status *st)
{
	if (store_read(r->store, r->offset, &r->scratch, &r->have, st) != 0)
		return -1;
	if (r->have.len == 0)
		return status_set(st, STATUS_DISK,
				  "cannot read the stored message: it is shorter than it was");
	return 0;
}

int reader_next(struct reader *r, uint64_t upto, struct slice *piece, struct status *st)
{
	*piece = slice_n(NULL, 0);
	if (r->offset >= upto)
		return 0;
	if (r->have.len == 0 && fill(r, st) != 0)
		return -1;
	uint64_t wanted = upto - r->offset;
	*piece = slice_cut(r->have, 0, wanted < r->have.len ? (size_t)wanted : r->have.len);
	reader_seek(r, r->offset + piece->len);
	return 0;
}

void reader_seek(struct reader *r, uint64_t offset)
{
	bool at_hand = offset >= r->offset && offset - r->offset <= r->have.len;
	if (at_hand)
		r->have = slice_cut(r->have, (size_t)(offset - r->offset), r->have.len);
	else
		r->have = slice_n(NULL, 0);
	r->offset = offset;
}

void reader_release(struct reader *r)
{
	buf_release(&r->scratch);
	r->have = slice_n(NULL, 0);
}
