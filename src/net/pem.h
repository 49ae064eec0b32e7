/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pem - certificates in a text file (RFC 7468): find them, and decode as much of each as is
 * wanted
 *
 * A bundle of authorities holds some 150 certificates of which a chain needs one or two. So
 * finding and decoding are two steps, and the second may stop early: the first few hundred
 * bytes tell whose certificate it is.
 */
#ifndef NET_PEM_H
#define NET_PEM_H

#include "base/buf.h"

#include <stdbool.h>

/*
 * Find the next certificate in *REST: BODY is its base64 text with line ends, *REST what stands
 * behind it. False when there is none. What stands between certificates, and blocks of other
 * kinds, are passed over.
 */
bool pem_next(struct slice *rest, struct slice *body);

/*
 * Decode the base64 that *BODY begins with into OUT, up to ROOM bytes, and take it off *BODY;
 * gives how many bytes came out. Blanks and line ends do not count. Decoding stops at padding,
 * at any other byte that is no base64, and when OUT is full. To go on after that, ROOM has to
 * be a multiple of three.
 */
size_t pem_decode(struct slice *body, unsigned char *out, size_t room);

#endif
