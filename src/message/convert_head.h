/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * convert_head - the edits of one header section of a message that is converted
 */
#ifndef MESSAGE_CONVERT_HEAD_H
#define MESSAGE_CONVERT_HEAD_H

#include "message/edits.h"
#include "message/mime.h"

struct head_change {
	const char *encoding; /* the new Content-Transfer-Encoding; NULL: as it is */
	const char *charset;  /* of a Content-Type to add; NULL: none */
	bool add_version;     /* a MIME-Version */
	bool separate;        /* an empty line at the end */
	bool ascii;           /* fields that are not ASCII become so */
};

/*
 * Add the edits that bring the header section of P, which READER can be sent to, in line with
 * CHANGE, and fold its long lines; where blanks are missing for that, as header_ascii does.
 * Errors: STATUS_BAD_MESSAGE for a line that cannot be folded, and those of header_ascii;
 * STATUS_DISK.
 */
int convert_head(struct edits *e, struct reader *reader, const struct mime_part *p,
		 const struct head_change *change, struct status *st);

#endif
