/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * status - how something ended: the one way errors travel
 *
 * A function that can fail returns 0 or -1 and takes a struct status last. On failure it fills
 * it, on success it leaves it alone. A status holds no memory: copy it, keep it on the stack,
 * forget it.
 *
 * The sentence in `text` starts in lower case, names the failed act first, holds no line end
 * and no final full stop. Bytes of other parties in it are made printable on the way in. `hint`
 * says what the user can do about it, where we know.
 */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include "base/buf.h"

#include <stdbool.h>

enum status_kind {
	STATUS_OK,          /* delivered, or done */
	STATUS_QUEUED,      /* accepted by us, will be retried */
	STATUS_TEMPORARY,   /* may work later */
	STATUS_MAYBE_SENT,  /* connection lost after the last dot: a retry may duplicate */
	STATUS_REJECTED,    /* the other side refused for good */
	STATUS_NO_USER,     /* it does not know, or does not want, this recipient */
	STATUS_NO_HOST,     /* the domain does not exist, or takes no mail */
	STATUS_BAD_MESSAGE, /* a message or an address that cannot be sent */
	STATUS_BAD_USAGE,
	STATUS_BAD_CONFIG,
	STATUS_NOT_SECURE,  /* protection that was asked for could not be had */
	STATUS_NOT_ALLOWED, /* credentials refused, or missing permissions */
	STATUS_BROKEN_PEER, /* violated the protocol */
	STATUS_SYSTEM,      /* own operating system; errno is in `sys` */
	STATUS_DISK,        /* own disk or standard input; errno is in `sys` */
	STATUS_KINDS
};

/* Where in a delivery it happened; what comes before MAIL is the fault of the hop, not of the
 * message. */
enum stage {
	STAGE_NONE,
	STAGE_LOOKUP,
	STAGE_CONNECT,
	STAGE_GREETING,
	STAGE_EHLO,
	STAGE_STARTTLS,
	STAGE_AUTH,
	STAGE_MAIL,
	STAGE_RCPT,
	STAGE_DATA,
	STAGE_DOT,
	STAGE_QUIT,
};

struct status {
	enum status_kind kind;
	enum stage stage;
	unsigned short
		enhanced[3]; /* class, subject, detail (RFC 3463); 0.0.0: the kind's default */
	unsigned short code; /* SMTP reply code, or 0 */
	int sys;             /* errno, or 0 */
	char peer[256];      /* who said it; empty if we did */
	char text[512];      /* one printable sentence */
	char hint[256];      /* what to do about it; may be empty */
};

/*
 * Fill ST with KIND and a printf-style sentence; all else in it is cleared.
 * Always returns -1, so that `return status_set(...)` reads as what it is.
 */
int status_set(struct status *st, enum status_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* As status_set, with errno's value ERRNUM and its text behind the sentence: "cannot open 'x':
 * No such file". */
int status_sys(struct status *st, enum status_kind kind, int errnum, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Say what the user can do about it; printf-style. Returns -1. */
int status_hint(struct status *st, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The exit code (sysexits.h) of KIND. */
int status_exit(enum status_kind kind);
/* A word for logs and JSON: "sent", "temporary", "rejected" ... */
const char *status_label(enum status_kind kind);
/* May a later try of the same message work, without the message being changed? */
bool status_again(enum status_kind kind);
/* "5.1.1": the status's own enhanced code, or its kind's default. */
void status_enhanced(const struct status *st, struct buf *out);

/*
 * Append S to OUT with everything but printable ASCII made visible: control bytes and DEL as
 * '?', a tab as a blank, and valid UTF-8 kept. At most LIMIT bytes are appended; a cut is shown
 * by "...".
 */
void text_printable(struct buf *out, struct slice s, size_t limit);

#endif
