/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The mechanisms that hand over what they have: PLAIN (RFC 4616), LOGIN
 * (draft-murchison-sasl-login) and EXTERNAL (RFC 4422, appendix A).
 */
#include "smtp/sasl_mechanism.h"

/* No authorization identity, then user and password; a C string cannot hold the NUL that parts
 * them. */
int plain_step(struct sasl *s, struct slice challenge, struct buf *response, struct status *st)
{
	(void)challenge;
	(void)st;
	buf_add_char(response, '\0');
	buf_add_str(response, s->credentials.user);
	buf_add_char(response, '\0');
	buf_add_str(response, s->credentials.password);
	return 0;
}

/*
 * Servers word their two prompts as they like, only the order is fixed. A user name in the AUTH
 * line would save a round trip, but a server that does not read it asks for the name again, and
 * the password would go out as the answer: OpenSMTPD did so until 2014, and such servers put
 * names into their logs.
 */
int login_step(struct sasl *s, struct slice challenge, struct buf *response, struct status *st)
{
	(void)challenge;
	(void)st;
	buf_add_str(response, s->round == 0 ? s->credentials.user : s->credentials.password);
	return 0;
}

/* The identity to act as; empty means the one that the certificate names. */
int external_step(struct sasl *s, struct slice challenge, struct buf *response,
		  struct status *st)
{
	(void)challenge;
	(void)st;
	buf_add_str(response, s->credentials.user);
	return 0;
}
