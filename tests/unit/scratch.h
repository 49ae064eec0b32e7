/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scratch - a folder for the files of one test
 */
#ifndef UNIT_SCRATCH_H
#define UNIT_SCRATCH_H

#include "base/buf.h"

#include <sys/types.h>

struct scratch {
	char folder[32];      /* its path, absolute */
	struct strings paths; /* what scratch_path gave, freed at the end */
};

/* Make the folder; the test fails if that cannot be. */
void scratch_open(struct scratch *s);
/* Remove it with all that is in it. */
void scratch_close(struct scratch *s);
/* The path of NAME in the folder; valid until scratch_close. */
const char *scratch_path(struct scratch *s, const char *name);
/* Write TEXT to NAME in the folder, making folders on the way; gives its path. */
const char *scratch_write(struct scratch *s, const char *name, mode_t mode, const char *text);

#endif
