/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/mime_head.h"

#include "message/content_type.h"
#include "message/header.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *prefix; /* of the type */
	enum mime_kind kind;
} kinds[] = {
	/* A signature covers the encodings of what is in it (RFC 1847, 2.1). */
	{ "multipart/signed", MIME_OPAQUE },
	{ "multipart/encrypted", MIME_OPAQUE },
	{ "multipart/", MIME_MULTIPART },
	{ "message/rfc822", MIME_MESSAGE },
	/* These may not be encoded (RFC 2046, 5.2.2 and 5.2.3). */
	{ "message/partial", MIME_OPAQUE },
	{ "message/external-body", MIME_OPAQUE },
};

static const struct {
	const char *name;
	enum mime_encoding encoding;
} encodings[] = {
	{ "7bit", MIME_7BIT },     { "7-bit", MIME_7BIT },
	{ "8bit", MIME_8BIT },     { "8-bit", MIME_8BIT },
	{ "binary", MIME_BINARY }, { "quoted-printable", MIME_QUOTED_PRINTABLE },
	{ "base64", MIME_BASE64 },
};

static enum mime_kind kind_of(const char *type)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (strncmp(type, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
			return kinds[i].kind;
	}
	return MIME_LEAF;
}

static enum mime_encoding encoding_of(struct slice body)
{
	struct slice name = content_token(body);
	for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++) {
		if (slice_is_nocase(name, encodings[i].name))
			return encodings[i].encoding;
	}
	return MIME_OTHER;
}

static void read_encoding(const struct header *h, struct mime_part *p)
{
	static const char name[] = "Content-Transfer-Encoding";
	const struct field *f = header_find(h, name, 0);
	p->encoding = f != NULL ? encoding_of(field_body(f)) : MIME_7BIT;
	while (f != NULL) {
		if (encoding_of(field_body(f)) != p->encoding)
			p->encoding = MIME_OTHER;
		f = header_find(h, name, (size_t)(f - h->at) + 1);
	}
}

static void read_type(const struct header *h, bool digest, struct mime_part *p,
		      struct buf *boundary)
{
	const struct field *f = header_find(h, "Content-Type", 0);
	const char *fallback = digest ? "message/rfc822" : "text/plain";
	struct content_type t = { 0 };
	p->has_type = f != NULL;
	if (f != NULL) {
		content_type_read(field_body(f), &t);
		fallback = "application/octet-stream";
	}
	text_fit(p->type, sizeof p->type, t.type[0] != '\0' ? t.type : fallback);
	buf_add_slice(boundary, buf_slice(&t.boundary));
	content_type_release(&t);
}

static void read_fields(const struct header *h, bool digest, struct mime_part *p,
			struct buf *boundary)
{
	read_type(h, digest, p, boundary);
	read_encoding(h, p);
	p->kind = kind_of(p->type);
	/* What is encoded all over is not what it says, and cannot be looked into. */
	if (p->kind == MIME_MESSAGE && p->encoding > MIME_BINARY)
		p->kind = MIME_LEAF;
	p->has_version = header_find(h, "MIME-Version", 0) != NULL;
	p->has_dkim = header_find(h, "DKIM-Signature", 0) != NULL;
}

int mime_head_read(struct slice head, bool digest, struct mime_part *p, struct buf *boundary,
		   struct status *st)
{
	struct header h = { 0 };
	int result = header_parse(&h, head, st);
	if (result == 0)
		read_fields(&h, digest, p, boundary);
	header_release(&h);
	return result;
}
