/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sandbox - a process gives up what it will not need (Landlock, Linux 5.19 and later)
 *
 * A long-lived process that reads what strangers send should not be able to do more than its
 * work, whatever they make of it. What is open already stays open; what is started later is
 * confined too. There is no way back.
 *
 * Older kernels know parts of it, or nothing; everything is done that the kernel can, and the
 * caller is told how much that is.
 */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

/* A file, or a folder with all that is below it. */
struct sandbox_rule {
	const char *path; /* borrowed; symbolic links are followed; may be missing */
	bool write;       /* change, create, remove, rename too; false: read and list */
};

struct sandbox {
	const struct sandbox_rule *rules; /* borrowed: all files that may be opened */
	size_t count;
	bool network;   /* false: no TCP connection, and no port for one; UDP stays */
	int newest_abi; /* do as if the kernel knew no later version; 0: all we know */
};

enum sandbox_reach {
	SANDBOX_NONE,  /* the kernel cannot, or may not */
	SANDBOX_FILES, /* files only; the network stays open (before Linux 6.7) */
	SANDBOX_FULL,  /* all that was asked for */
};

/*
 * Confine this process, which has one thread, to what S allows. Nothing that it can open may be
 * executed, be a new device or a symbolic link. It can never again gain privileges by executing
 * a set-id program, whatever *REACH becomes.
 *
 * Fails where the kernel offers confinement and then does not give it: STATUS_SYSTEM. What was
 * asked for is not in force then, and the caller should not go on.
 */
int sandbox_enter(const struct sandbox *s, enum sandbox_reach *reach, struct status *st);

#endif
