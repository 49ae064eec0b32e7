/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * token_file - a refresh token, kept until its provider gives another one
 *
 * The file has three lines: what it is, what the token takes the place of, and the token. It is
 * for its owner's eyes alone, and replaced as a whole, on the disk before the old one is gone.
 */
#ifndef CONFIG_TOKEN_FILE_H
#define CONFIG_TOKEN_FILE_H

#include "base/buf.h"
#include "base/status.h"

struct token_file {
	struct buf origin; /* a word for what the token takes the place of; may be empty */
	struct buf token;  /* secret; empty if there is no file */
};

/*
 * Read PATH into F, which is zeroed; release it in any case. No file is no error. Errors:
 * STATUS_BAD_CONFIG if others can read it, STATUS_NOT_ALLOWED if we cannot, or it is something
 * else.
 */
int token_file_read(const char *path, struct token_file *f, struct status *st);
void token_file_release(struct token_file *f);

/* Put F in the place of PATH, in folders that are made if need be and
 * what is above them is ours. Errors: STATUS_DISK. */
int token_file_write(const char *path, const struct token_file *f, struct status *st);

#endif
