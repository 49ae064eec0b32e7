/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http - one question to a web server, and its answer (RFC 9110, RFC 9112)
 *
 * A form is posted over a stream that is connected and, as a form may hold secrets, protected;
 * the server closes afterwards. The answer is read strictly: HTTP/1.0 or 1.1, one of
 * Content-Length, chunks and the end of the connection saying where it ends, at most 16 KiB of
 * header section and 64 KiB of body. Redirects are not followed, and no coding is undone.
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include "base/buf.h"
#include "base/status.h"
#include "net/stream.h"
#include "net/url.h"

struct http_response {
	unsigned code;   /* 200 to 599 */
	struct buf body; /* may be secret */
};

/* Append NAME=VALUE to FORM, encoded as application/x-www-form-urlencoded wants it. */
void http_form_add(struct buf *form, const char *name, const char *value);

/*
 * Post FORM to U over S, before its deadline, and read the answer into R, which is zeroed;
 * release it in any case. S is fit only to be freed then.
 *
 * Errors: those of stream_getline; STATUS_BROKEN_PEER for what is no such answer. Sentences
 * quote nothing of it.
 */
int http_post(struct stream *s, const struct url *u, struct slice form, struct http_response *r,
	      struct status *st);
void http_response_release(struct http_response *r);

#endif
