/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sasl_mechanism - for mechanisms only: an exchange from the inside, and the steps they are
 * made of
 *
 * A step answers the challenge of round s->round. sasl_step has seen to it that there is such a
 * round, that credentials are there, and that an initial response answers no challenge; it
 * counts the round afterwards.
 */
#ifndef SMTP_SASL_MECHANISM_H
#define SMTP_SASL_MECHANISM_H

#include "base/digest.h"
#include "smtp/sasl.h"

struct sasl {
	const struct sasl_mechanism *mechanism; /* borrowed */
	struct sasl_credentials credentials;    /* user, password and token are not NULL */
	unsigned round;                         /* answers given so far */
	bool failed;
	bool refused; /* see sasl_refused */

	/* What SCRAM keeps from one round to the next (scram.c). */
	struct buf nonce;        /* our half of it */
	struct buf first;        /* our first message, without the header in front */
	struct digest signature; /* the one by which the server has to prove itself */
};

int plain_step(struct sasl *s, struct slice challenge, struct buf *response, struct status *st);
int login_step(struct sasl *s, struct slice challenge, struct buf *response, struct status *st);
int external_step(struct sasl *s, struct slice challenge, struct buf *response,
		  struct status *st);
int cram_md5_step(struct sasl *s, struct slice challenge, struct buf *response,
		  struct status *st);
int scram_step(struct sasl *s, struct slice challenge, struct buf *response, struct status *st);
int oauthbearer_step(struct sasl *s, struct slice challenge, struct buf *response,
		     struct status *st);
int xoauth2_step(struct sasl *s, struct slice challenge, struct buf *response,
		 struct status *st);
void oauthbearer_acknowledge(struct buf *response);
void xoauth2_acknowledge(struct buf *response);

/* Append NAME as a saslname (RFC 5801, 4): a comma or an equals sign would end it. */
void sasl_add_name(struct buf *out, struct slice name);

/* STATUS_BROKEN_PEER: "cannot log in with NAME: " and what the server did. Returns -1. */
int sasl_broken(const struct sasl *s, const char *what, struct status *st);

#endif
