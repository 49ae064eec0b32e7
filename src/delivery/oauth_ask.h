/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oauth_ask - one question to an OAuth provider (RFC 6749, 5; RFC 8628)
 *
 * Each is asked over a TLS connection of its own to a server whose certificate is verified,
 * whatever `tls-verify` says: by the account's route keys and its `tls-ca`. Nothing of what is
 * asked and answered gets into the transcript but the server's name.
 */
#ifndef DELIVERY_OAUTH_ASK_H
#define DELIVERY_OAUTH_ASK_H

#include "base/buf.h"
#include "base/json_read.h"
#include "base/status.h"
#include "config/oauth.h"
#include "delivery/reach.h"

struct oauth_question {
	const struct reach *reach;         /* borrowed */
	const struct oauth_client *client; /* borrowed */
	const char *endpoint;              /* borrowed: its URL */
	const char *secret; /* borrowed: in the form, besides the client's; or NULL */
	struct buf form;    /* owned; secret */
};

struct oauth_answer {
	struct json_members members; /* owned */
	const char *error;           /* borrowed from members: its code; NULL: a yes */
	unsigned code;               /* HTTP's */
	char peer[256];              /* who said it */
};

/* Begin Q, which has its pointers, with a form that says which client asks. */
void oauth_question_begin(struct oauth_question *q);
void oauth_question_release(struct oauth_question *q);

/*
 * Ask Q for the answer A, which is zeroed; release it in any case. An error that the provider
 * gives a code for is an answer.
 *
 * Errors, at STAGE_AUTH: STATUS_TEMPORARY if there is no connection, the deadline is over or
 * the provider is not well; STATUS_NOT_SECURE for its certificate; STATUS_BROKEN_PEER for what
 * is no such answer; STATUS_BAD_CONFIG.
 */
int oauth_ask(const struct oauth_question *q, struct oauth_answer *a, struct status *st);
void oauth_answer_release(struct oauth_answer *a);

/*
 * Fill ST with the error of A, in the provider's words without what is secret in Q:
 * STATUS_TEMPORARY or STATUS_NOT_ALLOWED, at STAGE_AUTH. Returns -1.
 */
int oauth_refused(const struct oauth_question *q, const struct oauth_answer *a,
		  struct status *st);

/* The provider's yes lacks something, or has it in no fit form. Returns -1. */
int oauth_unfit(const struct oauth_answer *a, const char *what, struct status *st);

/* The text NAME of A, if it is one of visible ASCII and not longer than MAX; or NULL. */
const char *oauth_word(const struct oauth_answer *a, const char *name, size_t max);

#endif
