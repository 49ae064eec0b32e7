/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/http.h"

#include "net/http_body.h"

#include <string.h>

enum {
	HEAD_MAX = 16 * 1024,
	INTERIM_MAX = 8, /* answers before the answer */
	CODE_DIGITS = 3,
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	char low = ascii_lower(c);
	return low >= 'a' && low <= 'z';
}

void http_form_add(struct buf *form, const char *name, const char *value)
{
	if (form->len != 0)
		buf_add_char(form, '&');
	buf_addf(form, "%s=", name);
	for (; *value != '\0'; value++) {
		if (is_digit(*value) || is_letter(*value) || strchr("*-._", *value) != NULL)
			buf_add_char(form, *value);
		else if (*value == ' ')
			buf_add_char(form, '+');
		else
			buf_addf(form, "%%%02X", (unsigned)(unsigned char)*value);
	}
}

static int send_form(struct stream *s, const struct url *u, struct slice form,
		     struct status *st)
{
	struct buf head = { 0 };
	buf_addf(&head,
		 "POST %s HTTP/1.1\r\n"
		 "Host: %s\r\n"
		 "User-Agent: postrider\r\n"
		 "Accept: application/json\r\n"
		 "Content-Type: application/x-www-form-urlencoded\r\n"
		 "Content-Length: %zu\r\n"
		 "Connection: close\r\n"
		 "\r\n",
		 u->target, u->authority, form.len);
	stream_put(s, buf_str(&head), head.len);
	stream_put(s, form.data, form.len);
	buf_release(&head);
	return stream_flush(s, st);
}

static bool is_token(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];
		if (!is_digit(c) && !is_letter(c) &&
		    (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL))
			return false;
	}
	return s.len != 0;
}

/* "HTTP/1.1 200 and words", or without the words (RFC 9112, 4). */
static int read_status_line(struct http_head *h, unsigned *code, struct status *st)
{
	static const char version[] = "HTTP/1.";
	const size_t at = sizeof version + 1, end = at + CODE_DIGITS;
	struct slice line;
	if (http_line(h, &line, st) != 0)
		return -1;
	bool good = line.len >= end && memcmp(line.data, version, sizeof version - 1) == 0 &&
		    is_digit(line.data[at - 2]) && line.data[at - 1] == ' ' &&
		    (line.len == end || line.data[end] == ' ');
	*code = 0;
	for (size_t i = at; good && i < end; i++) {
		good = is_digit(line.data[i]);
		*code = *code * 10 + (unsigned)(line.data[i] - '0');
	}
	if (!good || *code < 100 || *code > 599)
		return status_set(st, STATUS_BROKEN_PEER, "the answer is no HTTP/1.1");
	h->old = line.data[at - 2] == '0';
	return 0;
}

static int set_length(struct http_head *h, struct slice value, struct status *st)
{
	size_t length = 0;
	if (h->has_length)
		return status_set(st, STATUS_BROKEN_PEER, "the answer has two lengths");
	h->has_length = true;
	for (size_t i = 0; i < value.len; i++) {
		if (!is_digit(value.data[i]))
			return status_set(st, STATUS_BROKEN_PEER,
					  "the length of the answer is no number");
		length = length * 10 + (size_t)(value.data[i] - '0');
		if (length > HTTP_BODY_MAX)
			return http_too_long(st);
	}
	h->length = length;
	return value.len != 0 ? 0
			      : status_set(st, STATUS_BROKEN_PEER,
					   "the length of the answer is missing");
}

static int set_transfer(struct http_head *h, struct slice value, struct status *st)
{
	if (h->chunked || h->old || !slice_is_nocase(value, "chunked"))
		return status_set(st, STATUS_BROKEN_PEER,
				  "the answer comes in an unknown transfer coding");
	h->chunked = true;
	return 0;
}

static int set_coding(struct http_head *h, struct slice value, struct status *st)
{
	(void)h;
	if (slice_is_nocase(value, "identity"))
		return 0;
	return status_set(st, STATUS_BROKEN_PEER, "the answer is compressed, unasked");
}

/* The fields that matter. */
static const struct field {
	const char *name;
	int (*set)(struct http_head *h, struct slice value, struct status *st);
} fields[] = {
	{ "content-length", set_length },
	{ "transfer-encoding", set_transfer },
	{ "content-encoding", set_coding },
};

static int read_field(struct http_head *h, struct slice line, struct status *st)
{
	size_t colon = slice_find(line, ':');
	struct slice name = slice_cut(line, 0, colon);
	struct slice value = slice_trim(slice_cut(line, colon + 1, line.len));
	if (colon == line.len || !is_token(name))
		return status_set(st, STATUS_BROKEN_PEER,
				  "the answer has a malformed header field");
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		if (slice_is_nocase(name, fields[i].name))
			return fields[i].set(h, value, st);
	}
	return 0;
}

/* The status line and the fields behind it. */
static int read_head(struct http_head *h, unsigned *code, struct status *st)
{
	struct slice line;
	if (read_status_line(h, code, st) != 0)
		return -1;
	h->has_length = h->chunked = false;
	for (;;) {
		if (http_line(h, &line, st) != 0)
			return -1;
		if (line.len == 0)
			break;
		if (read_field(h, line, st) != 0)
			return -1;
	}
	if (h->chunked && h->has_length)
		return status_set(st, STATUS_BROKEN_PEER,
				  "the answer has a length and comes in chunks");
	return 0;
}

/* 100 and its like come before the answer (RFC 9110, 15.2). */
static int read_answer(struct http_head *h, struct http_response *r, struct status *st)
{
	for (size_t i = 0; i < INTERIM_MAX; i++) {
		if (read_head(h, &r->code, st) != 0)
			return -1;
		if (r->code == 204 || r->code == 304)
			return 0;
		if (r->code >= 200)
			return http_body(h, &r->body, st);
		if (r->code == 101)
			break;
	}
	return status_set(st, STATUS_BROKEN_PEER, "there is no answer behind the interim ones");
}

int http_post(struct stream *s, const struct url *u, struct slice form, struct http_response *r,
	      struct status *st)
{
	struct http_head h = { .stream = s, .left = HEAD_MAX };
	if (send_form(s, u, form, st) != 0)
		return -1;
	return read_answer(&h, r, st);
}

void http_response_release(struct http_response *r)
{
	buf_release_secret(&r->body);
}
