/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http_body - where the body of an HTTP answer ends (RFC 9112, 6 and 7)
 *
 * Only http.c needs it.
 */
#ifndef NET_HTTP_BODY_H
#define NET_HTTP_BODY_H

#include "base/buf.h"
#include "base/status.h"
#include "net/stream.h"

#include <stdbool.h>

#define HTTP_BODY_MAX ((size_t)64 * 1024)

/* What the header section says. */
struct http_head {
	struct stream *stream; /* borrowed */
	size_t left;           /* octets that lines may still take: of fields and of chunks */
	bool old;              /* HTTP/1.0 */
	bool has_length;
	size_t length;
	bool chunked;
};

/* The next line; no control character but a tab is in it. Errors as http_post. */
int http_line(struct http_head *h, struct slice *line, struct status *st);

/* Append the body to OUT. Errors as http_post. */
int http_body(struct http_head *h, struct buf *out, struct status *st);

/* STATUS_BROKEN_PEER; returns -1. */
int http_too_long(struct status *st);

#endif
