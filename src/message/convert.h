/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * convert - a message that cannot go as it is, in a form that can
 *
 * For servers without 8BITMIME (RFC 6152), for lines of more than 998 octets (RFC 5322, 2.1.1)
 * and for NULs, which no server takes without BINARYMIME. The parts concerned, and only they,
 * are encoded anew as quoted-printable or base64 (RFC 2045, 6), so that whoever decodes them
 * gets the same bytes:
 *
 * - A part of text becomes quoted-printable if at most a sixth of it has to be escaped, any
 *   other base64. Its Content-Transfer-Encoding says so. Where a field is missing for a reader
 *   to understand that (MIME-Version, Content-Type), it is added.
 * - In a message that is converted no label promises more than the server takes: 8bit and
 *   binary become 7bit, or with 8BITMIME binary becomes 8bit, for multiparts too.
 * - A part that is base64 in long lines gets shorter lines, and so does one that is
 *   quoted-printable, where 8-bit text and NULs are escaped as well.
 * - What a multipart has before and behind its parts carries no content for a reader, and
 *   nobody would decode it. If it cannot go as it is, it is written as quoted-printable all the
 *   same: what was ASCII stays legible, nothing is lost, and no line can become a delimiter.
 * - Long lines of a header section are folded at blanks, as few as possible; a field that they
 *   do not help gets the form of header_ascii.
 * - So do fields that are not ASCII in the header sections of parts, and of messages within,
 *   for servers that take only 7-bit.
 *
 * Refused (STATUS_BAD_MESSAGE): the same trouble in a part that is opaque (mime.h: signed,
 * encrypted ...), in one of an unknown encoding, in one that is labelled base64 and should not
 * have it, in a multipart that has no part; hundreds of blanks in a row in a quoted-printable
 * part; a field that has no form without long lines or 8-bit text; a NUL in a header section;
 * more parts than MIME_PARTS.
 *
 * 8-bit text in the message's own header section is not touched: see header_eight_bit.
 *
 * Life: zero the struct, plan, read as often as needed, release. The stored message is only
 * read, and must live as long. Memory is that of the list of parts; the time to plan is that of
 * scanning the message and of encoding it once, which makes the facts.
 */
#ifndef MESSAGE_CONVERT_H
#define MESSAGE_CONVERT_H

#include "base/status.h"
#include "message/edits.h"
#include "message/lines.h"
#include "message/store.h"

struct convert {
	struct facts facts;    /* of the converted message */
	bool changed;          /* false: it reads as the stored one does */
	bool header_eight_bit; /* in the message's own header section, which keeps it */
	bool breaks_dkim;      /* it is changed, and has a DKIM-Signature field */
	/* private: */
	const struct store *message; /* borrowed */
	struct edits edits;
};

/*
 * Find out how MESSAGE (canonical, as of lines.h) can be sent to a server that takes only
 * SEVEN_BIT. On success the facts have no NUL, no line over 998 octets, and with SEVEN_BIT
 * 8-bit bytes only with header_eight_bit. Other errors: STATUS_DISK.
 */
int convert_plan(struct convert *c, const struct store *message, bool seven_bit,
		 struct status *st);

/* A reading from the start to the end. */
void convert_rewind(const struct convert *c, struct edits_cursor *at);
/* As edits_read. */
int convert_read(const struct convert *c, struct edits_cursor *at, struct slice *piece,
		 struct status *st);
void convert_release(struct convert *c);

#endif
