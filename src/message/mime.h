/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mime - where the parts of a message are, and what stands in them (RFC 2045, RFC 2046)
 *
 * One pass over canonical text (lines.h) finds all entities, nested ones too: the parts of
 * multiparts and the messages in message/rfc822. Other readers are lenient, and so is this:
 *
 * - A part ends at the next delimiter of any multipart around it, the outermost is asked
 *   first, or with the message. The CRLF before a delimiter, also before one that is missing
 *   at the end of the message, is no part of the body.
 * - A delimiter is a line of just "--", the boundary, perhaps "--" again, and blanks, of at
 *   most MIME_LINE octets.
 * - A header section ends at an empty line, or before what looks like no field.
 * - Fields count with or without MIME-Version, and of two the first one does. A part without a
 *   Content-Type is text/plain (in a digest message/rfc822), one whose Content-Type cannot be
 *   read application/octet-stream.
 *
 * Nothing is looked for inside signed and encrypted parts, nor below MIME_DEPTH levels.
 *
 * Life: zero the struct, feed pieces of any size, finish once, use `at`, release. How the input
 * was cut does not matter. Memory: the list, and one header section.
 */
#ifndef MESSAGE_MIME_H
#define MESSAGE_MIME_H

#include "base/buf.h"
#include "base/status.h"
#include "message/content_type.h"
#include "message/lines.h"
#include "message/mime_text.h"

/* The longest line that may be sent, without CRLF (RFC 5322, 2.1.1). */
#define MIME_LINE       998
#define MIME_DEPTH      100
#define MIME_PARTS      10000
#define MIME_HEAD_BYTES (2 * 1024 * 1024)

/* Stands for a part that there is not. */
#define MIME_NONE ((size_t)-1)

enum mime_kind {
	MIME_LEAF,
	MIME_MULTIPART, /* its parts follow in the list */
	MIME_MESSAGE,   /* message/rfc822: the message follows in the list */
	MIME_OPAQUE,    /* signed, encrypted, a piece of something, or nested too deeply */
	MIME_FILLER,    /* what stands before or behind the parts of a multipart; no entity */
};

enum mime_encoding {
	MIME_7BIT, /* also where no field says anything */
	MIME_8BIT,
	MIME_BINARY,
	MIME_QUOTED_PRINTABLE,
	MIME_BASE64,
	MIME_OTHER, /* an unknown one, or two that contradict each other */
};

struct mime_part {
	enum mime_kind kind;
	enum mime_encoding encoding;
	size_t parent;                /* index of what it is in, or MIME_NONE */
	char type[CONTENT_TYPE_SIZE]; /* as in content_type.h, or what stands in for it */
	bool root;                    /* of the message, or of one in a message/rfc822 */
	bool has_type;                /* a Content-Type field, readable or not */
	bool has_version;             /* a MIME-Version field */
	bool has_dkim;                /* a DKIM-Signature field */
	bool has_parts;
	bool separated; /* an empty line stands between head and body */
	uint64_t head_from;
	uint64_t head_to; /* without the empty line */
	uint64_t body_from;
	uint64_t body_to;      /* without the CRLF that belongs to a delimiter */
	struct facts head;     /* of the header section */
	struct mime_text text; /* of the body; nothing for a container */
};

struct mime_level {
	size_t part;
	struct buf boundary; /* empty: none, or closed already */
};

struct mime {
	struct mime_part *at; /* owned; as their headers come in the message */
	size_t count;
	size_t room;
	/* private: */
	struct mime_level levels[MIME_DEPTH]; /* the containers that are open */
	size_t depth;
	size_t current;  /* the part that text belongs to, or MIME_NONE */
	bool in_head;    /* of the current part */
	uint64_t offset; /* of the first byte that is not dealt with */
	struct buf head; /* the header section so far */
	struct buf held; /* the present line so far, while it is not known what it is */
	size_t line;     /* octets of the present line that are dealt with */
};

/*
 * Take PIECE in. Errors: STATUS_BAD_MESSAGE for more than MIME_PARTS parts, a header section of
 * more than MIME_HEAD_BYTES, or one with a NUL in it.
 */
int mime_feed(struct mime *m, struct slice piece, struct status *st);
/* The message ends here. Errors as above. */
int mime_finish(struct mime *m, struct status *st);
void mime_release(struct mime *m);

#endif
