/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fit - the message in the form that this server takes. Asked after EHLO, before MAIL
 *
 * Most messages go as they are. Content is encoded anew where the server lacks 8BITMIME, and
 * always for lines over 998 octets and for NULs (message/convert.h); text in the header section
 * that is not ASCII becomes encoded words (message/header_ascii.h), unless an address needs
 * SMTPUTF8 (RFC 6531) and the server has it.
 */
#ifndef SMTP_FIT_H
#define SMTP_FIT_H

#include "base/status.h"
#include "message/convert.h"
#include "message/envelope.h"
#include "message/message.h"
#include "smtp/session.h"

struct fitted {
	struct message message; /* what to send: a view of the message, or of what is below */
	struct store rewritten; /* owned: the message with another header section */
	struct convert convert; /* owned: the plan of what is encoded anew */
};

/*
 * Prepare MESSAGE for the server of S into F, whatever F held before; release F in any case,
 * after the session is done with it. MESSAGE must live as long.
 *
 * Refused: what cannot be encoded without harm, a sender that needs SMTPUTF8 where it is not
 * offered (STATUS_BAD_MESSAGE); more octets than SIZE allows (RFC 1870; STATUS_REJECTED);
 * wishes of the envelope that the server does not grant (STATUS_NOT_SECURE for REQUIRETLS, else
 * STATUS_REJECTED). Other errors: STATUS_DISK.
 */
int fit_message(struct fitted *f, const struct message *message, const struct envelope *e,
		const struct session *s, struct status *st);
void fit_release(struct fitted *f);

/*
 * Decide those undecided recipients of E whose addresses the server cannot take, so that they
 * do not stop the others.
 */
void fit_recipients(struct envelope *e, const struct session *s);

#endif
