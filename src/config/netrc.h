/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * netrc - passwords in the file that ftp and curl share
 *
 * The text is a row of words: machine NAME or default, then login, password and account, each
 * with a value, in any order; macdef begins a macro that ends at an empty line. A word may be
 * quoted; a backslash makes the next byte part of the word, quoted or not. A '#' where a
 * keyword may stand begins a comment.
 */
#ifndef CONFIG_NETRC_H
#define CONFIG_NETRC_H

#include "base/buf.h"

/*
 * Append to PASSWORD that of the first entry for HOST (ASCII case does not count) and USER
 * (NULL: anyone) that has one. An entry without a login is for everyone, `default` for every
 * host. False if there is none.
 */
bool netrc_find(struct slice text, const char *host, const char *user, struct buf *password);

#endif
