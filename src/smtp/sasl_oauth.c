/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The mechanisms that send an OAuth 2.0 access token (RFC 6750): OAUTHBEARER (RFC 7628) and its
 * forerunner XOAUTH2 of Google's, which Microsoft knows alone.
 *
 * Both say all in one message of fields that end in control-A. A server that refuses the token
 * says why in a challenge, a JSON text; its "no" comes after our answer to that.
 */
#include "smtp/sasl_mechanism.h"

#define END "\x01"

static bool is_between(const char *text, unsigned char lowest, unsigned char highest)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		if (c < lowest || c > highest)
			return false;
	}
	return true;
}

/* Nothing in a field may look like its end; RFC 6750 (2.1) leaves tokens even less. */
static int check(const struct sasl *s, struct status *st)
{
	const char *name = s->mechanism->name;
	if (*s->credentials.token == '\0')
		return status_set(st, STATUS_NOT_ALLOWED, "cannot log in with %s: no token",
				  name);
	if (!is_between(s->credentials.token, '!', '~'))
		return status_set(st, STATUS_NOT_ALLOWED,
				  "cannot log in with %s: there are characters in the token "
				  "that no token has",
				  name);
	if (!is_between(s->credentials.user, ' ', 0xff))
		return status_set(st, STATUS_NOT_ALLOWED,
				  "cannot log in with %s: user holds a control character",
				  name);
	return 0;
}

static void add_token(const struct sasl *s, struct buf *out)
{
	buf_add_str(out, "auth=Bearer ");
	buf_add_str(out, s->credentials.token);
	buf_add_str(out, END END);
}

int oauthbearer_step(struct sasl *s, struct slice challenge, struct buf *response,
		     struct status *st)
{
	const struct sasl_credentials *c = &s->credentials;
	(void)challenge;
	if (check(s, st) != 0)
		return -1;
	buf_add_str(response, "n,a=");
	sasl_add_name(response, slice_of(c->user));
	buf_add_str(response, "," END);
	if (c->host != NULL)
		buf_addf(response, "host=%s" END "port=%u" END, c->host, c->port);
	add_token(s, response);
	return 0;
}

int xoauth2_step(struct sasl *s, struct slice challenge, struct buf *response,
		 struct status *st)
{
	(void)challenge;
	if (check(s, st) != 0)
		return -1;
	buf_addf(response, "user=%s" END, s->credentials.user);
	add_token(s, response);
	return 0;
}

void oauthbearer_acknowledge(struct buf *response)
{
	buf_add_str(response, END);
}

/* With an empty line. */
void xoauth2_acknowledge(struct buf *response)
{
	(void)response;
}
