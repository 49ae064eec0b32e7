/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * message - what is sent: the final header section, an empty line, and the body, all canonical
 */
#ifndef MESSAGE_MESSAGE_H
#define MESSAGE_MESSAGE_H

#include "message/convert.h"
#include "message/lines.h"
#include "message/store.h"

struct message {
	struct store content;
	struct facts head; /* of the header section and the empty line behind it */
	struct facts body;
	struct facts facts; /* of both, as they will be sent */
	char *id; /* owned: the Message-ID field's text, for the log; NULL if there is none */
	const struct convert *converted; /* borrowed: how content is sent; NULL: as it is */
	bool smtputf8;                   /* MAIL has to say so (RFC 6531) */
};

#endif
