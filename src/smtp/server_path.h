/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * server_path - the path of MAIL and RCPT as clients write it; see server_parameters.h
 */
#ifndef SMTP_SERVER_PATH_H
#define SMTP_SERVER_PATH_H

#include "base/buf.h"
#include "base/status.h"

/* What is wrong: the syntax of the recipient's address, or of the sender's (RFC 3463, 3.2). */
enum server_path_detail { DETAIL_RCPT = 3, DETAIL_MAIL = 7 };

/*
 * Take the path off the front of *REST, blanks before it too, and set *PATH to what stands
 * between its < >. Behind it is a blank or nothing. Fails with 501 where there is no path, or
 * one without an end.
 */
int server_path_take(struct slice *rest, struct slice *path, struct status *st);

/*
 * Set *ADDRESS, which the caller frees, to PATH as described in server_parameters.h. Fails with
 * 553 and DETAIL for what is no address; the null path is none. PATH holds no
 * NUL.
 */
int server_path_read(struct slice path, enum server_path_detail detail, char **address,
		     struct status *st);

#endif
