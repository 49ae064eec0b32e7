/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report_words - what others said, in lines of ours
 */
#ifndef MESSAGE_REPORT_WORDS_H
#define MESSAGE_REPORT_WORDS_H

#include "message/envelope.h"

/* Room for what somebody else said, in octets (hence for any word of it). */
#define REPORT_WORDS 512

/*
 * Append the words of TEXT, which is printable, and a line end. Lines are wrapped at 76
 * columns, as far as words allow it, and begin with INDENT blanks. COLUMN is that of the
 * present line, 0 where one begins.
 */
void report_wrap(struct buf *out, size_t indent, size_t column, struct slice text);

/*
 * Append why R, which has a reply, is where it is, printable: a server's words from their code
 * on, without the command that they were the answer to, or our own sentence.
 */
void report_reason(const struct recipient *r, struct buf *out);

/* The name of the server that spoke, without a port; empty if none did. */
struct slice report_peer(const struct recipient *r);

/* Append TEXT in printable ASCII; at most LIMIT bytes. */
void report_ascii(struct buf *out, struct slice text, size_t limit);

#endif
