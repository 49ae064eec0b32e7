/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * utf8 - is it valid UTF-8 (RFC 3629)?
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/buf.h"

/*
 * Length in bytes (2 to 4) of the one non-ASCII character that S begins with; 0 if S does not
 * begin with a complete, shortest-form character outside the surrogates and the C1 controls.
 */
size_t utf8_length(struct slice s);

/* Does S consist of ASCII and such characters alone? */
bool utf8_valid(struct slice s);

/* Has S no byte over 127? */
bool ascii_only(struct slice s);

#endif
