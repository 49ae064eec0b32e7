/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ascii_tokens - structured field bodies in ASCII (RFC 5322, 3.2)
 *
 * Words of comments become encoded words everywhere. What becomes of words outside comments
 * that are not ASCII is the question that the functions below answer differently; those that
 * are ASCII are written as they are, and so is all between them.
 */
#ifndef MESSAGE_ASCII_TOKENS_H
#define MESSAGE_ASCII_TOKENS_H

#include "base/status.h"
#include "message/address.h"
#include "message/ascii_writer.h"

/* Can BODY be read at all: are its quotes and parentheses closed? The others demand it. */
bool ascii_tokens_readable(struct slice body);

/*
 * BODY is an address list, LIST what is in it. Words of names become encoded words, domains
 * A-labels; source routes go, and comments inside an address that has to be changed. Errors:
 * STATUS_BAD_MESSAGE for a local part that is not ASCII, the sentence names the address, and
 * for what is no domain; STATUS_SYSTEM as idn_to_ascii has it.
 */
int ascii_tokens_addresses(struct ascii_writer *w, struct slice body,
			   const struct mailboxes *list, struct status *st);

/* Words become encoded words; STATUS_BAD_MESSAGE for those between < and >. */
int ascii_tokens_phrases(struct ascii_writer *w, struct slice body, struct status *st);

/* STATUS_BAD_MESSAGE for words that are not ASCII; the sentence quotes the first. */
int ascii_tokens_strict(struct ascii_writer *w, struct slice body, struct status *st);

/* Bytes over 127 in words become '?'. */
int ascii_tokens_trace(struct ascii_writer *w, struct slice body, struct status *st);

/* The error for WORD, which is not ASCII where nothing else can be. Returns -1. */
int ascii_tokens_refuse(struct slice word, struct status *st);

#endif
