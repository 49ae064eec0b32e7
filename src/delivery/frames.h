/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * frames - the stream in which a caller without credentials talks to the service, and back
 *
 * The same stream is what a file in the drop folder holds. Neither side believes the other. It
 * begins with four octets that name the protocol and its version; then frames follow, each of
 * an octet for its type, four for the length of what it carries, the high one first, and that.
 *
 *     request   VERB  FLAGS SENDER NAME RECIPIENT* NOTIFY RET ENVID ACCOUNT DELIVERY
 *               ID SELECT*  BODY*  END
 *     reply     VERB  BODY*  KIND SENTENCE HINT QUEUED  END
 *
 * In this order, and what has no star once at most; which of them a verb goes with, and which
 * it needs, stands in the table in frames.c. END carries how many octets all BODYs held (eight,
 * the high one first), and the CRC-32C of the stream before END (four): a stream without it is
 * of a writer that died, and stands for nothing.
 *
 * Only bytes here; what fields mean is in handoff.h.
 */
#ifndef DELIVERY_FRAMES_H
#define DELIVERY_FRAMES_H

#include "base/buf.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAMES_MAGIC "PRS1"

/* The first frame, one octet: what is wanted. */
enum frame_verb {
	VERB_SUBMIT = 1,
	VERB_LIST,
	VERB_FLUSH,
	VERB_SHOW,
	VERB_HOLD,
	VERB_RELEASE,
	VERB_REMOVE,
	VERB_REPLY, /* nothing: this is the service's answer */
	VERBS
};

/* Each in its place in the order. Unless it says otherwise, text without NUL, CR and LF. */
enum frame_type {
	FRAME_VERB = 1,  /* an octet */
	FRAME_FLAGS,     /* an octet of bits */
	FRAME_SENDER,    /* may be empty: the null sender */
	FRAME_NAME,      /* the sender's full name */
	FRAME_RECIPIENT, /* an argument; several of them */
	FRAME_NOTIFY,
	FRAME_RET,
	FRAME_ENVID,
	FRAME_ACCOUNT,
	FRAME_DELIVERY, /* an octet */
	FRAME_ID,       /* of a message in the queue */
	FRAME_SELECT,   /* a rule for messages in the queue; several of them */
	FRAME_BODY,     /* octets, at least one; several of them: a message, or what to print */
	FRAME_KIND,     /* of a status: its label */
	FRAME_SENTENCE,
	FRAME_HINT,
	FRAME_QUEUED, /* the name that the message got in the queue */
	FRAME_END,    /* 12 octets */
	FRAME_TYPES
};

enum {
	FRAMES_BODY_MAX = 256 * 1024,     /* octets in one BODY */
	FRAMES_ARGUMENT_MAX = 128 * 1024, /* in a recipient; Linux allows no longer argument */
	FRAMES_FIELDS_MAX = 4 * 1024 * 1024, /* in all frames but BODYs, heads included */
	FRAMES_REPEATS_MAX = 10000,          /* RECIPIENTs; each may list several addresses */
};

/* What END says: octets of the body, and the checksum of everything. */
struct frames_sum {
	uint64_t octets;
	uint32_t crc;
};

/* Who takes what is read. What they get is valid during the call; what fails with -1 ends the
 * reading. */
struct frames_handlers {
	void *context; /* borrowed; theirs */
	/* A whole field; VERB is the first. */
	int (*field)(void *context, enum frame_type type, struct slice value,
		     struct status *st);
	/* The next octets of the BODYs, which may be any part of one. */
	int (*body)(void *context, struct slice piece, struct status *st);
};

enum frames_state {
	FRAMES_AT_MAGIC,
	FRAMES_AT_HEAD,
	FRAMES_IN_FIELD,
	FRAMES_IN_BODY,
	FRAMES_AT_END
};

struct frames {
	enum frame_verb verb;  /* 0: not read yet */
	struct frames_sum sum; /* so far */
	/* private: */
	enum frames_state state;
	enum frame_type type; /* of the present frame, or of the last */
	unsigned seen;        /* types, a bit each */
	size_t repeats;       /* fields with a star */
	size_t taken;         /* octets of fields, heads included */
	size_t missing;       /* octets up to the end of the present part */
	struct buf part;      /* owned: what has come of it; not for BODY */
};

/* Reading */

void frames_init(struct frames *f);
void frames_release(struct frames *f);

/*
 * Read the next BYTES, cut anywhere. Memory is bound by FRAMES_ARGUMENT_MAX.
 *
 * Errors: STATUS_BROKEN_PEER for what is no such stream, and for a byte behind its END; or what
 * a handler says. F is fit only to be released then, and whatever the handlers got stands for
 * nothing.
 */
int frames_feed(struct frames *f, struct slice bytes, const struct frames_handlers *h,
		struct status *st);

/* All was read, END included. */
bool frames_done(const struct frames *f);

/* No more will come. Errors: STATUS_BROKEN_PEER unless frames_done. */
int frames_finish(const struct frames *f, struct status *st);

/* Writing */

/* Zero it, release W->out. */
struct frames_writer {
	struct buf out; /* owned; what was written: pass it on and reset it at any time */
	struct frames_sum sum;
};

/* Begin a stream. */
void frames_begin(struct frames_writer *w, enum frame_verb verb);

/* May a frame of TYPE carry VALUE? Errors: STATUS_BAD_USAGE, naming the field. */
int frames_check(enum frame_type type, struct slice value, struct status *st);
/* Append a field that frames_check would take. The order is the caller's. */
void frames_field(struct frames_writer *w, enum frame_type type, struct slice value);

/* Append PIECE of the body, of any length. */
void frames_body(struct frames_writer *w, struct slice piece);
void frames_end(struct frames_writer *w);

#endif
