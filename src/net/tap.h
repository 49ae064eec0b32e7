/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tap - what a delivery does, told to a listener while it happens (the transcript)
 *
 * The listener only listens: nothing that it does changes what goes over the wire. Who speaks
 * of a secret puts TAP_SECRET in its place before it reaches a tap.
 */
#ifndef NET_TAP_H
#define NET_TAP_H

#include "base/buf.h"

#define TAP_SECRET "********"

enum tap_kind {
	TAP_NOTE,     /* what we do: lookups, connections, TLS facts */
	TAP_SENT,     /* a command line, without its CRLF */
	TAP_RECEIVED, /* a reply line, without its line end, as the server sent it */
};

struct tap {
	void (*event)(void *context, enum tap_kind kind, struct slice text);
	void *context; /* borrowed */
};

/* Tell TAP, unless it is NULL or has no listener. */
void tap_line(const struct tap *tap, enum tap_kind kind, struct slice text);
void tap_note(const struct tap *tap, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
