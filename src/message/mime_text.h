/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mime_text - what decides whether a body has to be encoded, and how, gathered while it passes
 */
#ifndef MESSAGE_MIME_TEXT_H
#define MESSAGE_MIME_TEXT_H

#include "base/buf.h"

#include <stdint.h>

struct mime_text {
	uint64_t escapes;    /* bytes that quoted-printable has to encode */
	size_t longest_line; /* octets without CRLF */
	bool eight_bit;      /* a byte over 127 */
	bool nul;
};

/*
 * Add what is true of PIECE, which is canonical and may be cut anywhere; *LINE counts the
 * octets of the present line, and is 0 where one begins. With STOP, only what stands before the
 * first line that begins with a hyphen is taken. Returns how much was taken.
 */
size_t mime_text_add(struct mime_text *t, struct slice piece, size_t *line, bool stop);

#endif
