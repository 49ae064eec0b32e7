/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ticket_file - a kept TLS session as the bytes of a file
 *
 * Seven lines - what this is, whose it is, until when it may be used, when the peer's
 * certificate expires, its subject, its issuer, and how it was verified -, then the session,
 * and at the end a check sum. A file that a crash or a bad disk has changed would be a
 * handshake that fails; the sum makes it no file at all. It is no protection against others:
 * that the file is private is (base/cache.h).
 */
#ifndef NET_TICKET_FILE_H
#define NET_TICKET_FILE_H

#include "base/buf.h"
#include "net/tls.h"

#include <stdbool.h>
#include <time.h>

/* No session may be resumed for longer: RFC 8446, 4.6.1. */
#define TICKET_SECONDS (7 * 24 * 60 * 60)

struct ticket_file {
	const char *name;       /* borrowed: what only this session is kept under */
	time_t until;           /* not to be used from then on */
	struct tls_facts facts; /* expires, subject, issuer and verified count */
	struct slice session;   /* borrowed: as GnuTLS packs it; secret */
};

/* Append F as it is to be stored. */
void ticket_file_write(const struct ticket_file *f, struct buf *out);

/*
 * Fill F, whose name says what is looked for, from CONTENT, which has to outlive it. False for
 * what is damaged, kept under another name, over, or from the future: more than TICKET_SECONDS
 * ahead of NOW.
 */
bool ticket_file_read(struct ticket_file *f, struct slice content, time_t now);

#endif
