/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report - what became of a message, told to its sender: a delivery status notification
 * (RFC 3464)
 *
 * Three parts: a text for people, fields for programs, and the original or its header section
 * (RFC 6522). All of it is ASCII in lines of at most 998 octets, so that no server on the way
 * back can refuse its form; only an address in From or To may hold more, and then nothing but
 * SMTPUTF8 can carry the report anyway. So:
 *
 * - The text is quoted-printable where it is not ASCII.
 * - The fields are message/delivery-status, with addresses that are not ASCII in the 7-bit form
 *   of RFC 6533 (3), never message/global-delivery-status.
 * - An original with 8-bit text or long lines is returned converted (convert.h). Where that
 *   cannot be done, its header section alone comes back.
 *
 * Nothing that others wrote can forge a part or a field: their words are made printable and
 * stand behind a field's name or blanks. The original was complete before the report's id was
 * made, which is in the boundary.
 */
#ifndef MESSAGE_REPORT_H
#define MESSAGE_REPORT_H

#include "message/envelope.h"
#include "message/message.h"

#include <time.h>

enum report_kind {
	REPORT_FAILED,  /* it was refused, or is given up: a bounce */
	REPORT_DELAYED, /* it is still tried */
	REPORT_RELAYED, /* a server has it that sends no reports (RFC 3461, 5.2.2 e) */
	REPORT_KINDS
};

struct report {
	enum report_kind kind;
	const char *id; /* borrowed: of the report; letters and digits, hard to foresee */
	const char *parent_id; /* borrowed: of the original, as the log has it */
	const char *host;      /* borrowed: the domain name of this machine, in ASCII */
	const char *from;      /* borrowed: MAILER-DAEMON@domain, which names the report, too */
	const char *to;        /* borrowed: who gets the report */
	/* Seconds since 1970; 0: not known, and left out. */
	time_t now;
	time_t arrived;
	time_t attempted;                /* the last time */
	time_t expires;                  /* when it will be given up */
	const struct envelope *envelope; /* borrowed: of the original */
	const bool *about; /* borrowed: for each recipient, is it reported? NULL: all are */
	const struct store *original; /* borrowed: canonical; NULL: it cannot be had */
	uint64_t head_size;           /* of its header section and the empty line behind it */
};

/*
 * Write the report R. OUT is zeroed but for its content, an empty store; content, head, body,
 * facts and id are filled, and the caller's to release, also after an error. A recipient that
 * is reported as failed, and whose kind says that a later try may work, was given up because of
 * its age.
 *
 * The original is returned in full with REPORT_FAILED only (RFC 3461, 4.3), up to 50 KiB, or
 * 1 MiB if the sender asked for it (RET=FULL); never with a Bcc field. Memory does not depend
 * on the size of its body. Errors: STATUS_DISK, others of the system.
 */
int report_write(const struct report *r, struct message *out, struct status *st);

/*
 * Does the sender of E want a report of KIND (RFC 3461, 4.1)? The null sender never does, to
 * end loops (RFC 5321, 4.5.5). Delays that the sender did not speak of are reported if
 * WARN_ON.
 */
bool report_wanted(const struct envelope *e, enum report_kind kind, bool warn_on);

/* Is the recipient at INDEX one that R is about? */
bool report_is_about(const struct report *r, size_t index);
/* Was it given up only because it was tried for too long? */
bool report_gave_up(const struct report *r, const struct recipient *recipient);

#endif
