/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mime_head - what the header section of one entity says about its body
 */
#ifndef MESSAGE_MIME_HEAD_H
#define MESSAGE_MIME_HEAD_H

#include "message/mime.h"

/*
 * Fill kind, encoding, type and the has_ flags of P by the fields of HEAD, and BOUNDARY, which
 * is empty, with that of a multipart. DIGEST: P is a part of a multipart/digest. Errors:
 * STATUS_BAD_MESSAGE for a NUL in HEAD.
 */
int mime_head_read(struct slice head, bool digest, struct mime_part *p, struct buf *boundary,
		   struct status *st);

#endif
