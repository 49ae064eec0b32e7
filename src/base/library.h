/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * library - opens a shared library when it is needed, rather than at the program's start
 */
#ifndef BASE_LIBRARY_H
#define BASE_LIBRARY_H

#include "base/status.h"

#include <stddef.h>

/* A function of the library, and where its address goes in the caller's table of function
 * pointers. */
struct library_function {
	const char *symbol;
	size_t offset;
};

/*
 * Open the library SONAME and fill TABLE with the addresses of the COUNT functions at ROWS. The
 * library stays open. Errors: STATUS_SYSTEM, if it is not there or lacks a function; TABLE may
 * be filled in part then.
 */
int library_open(const char *soname, const struct library_function *rows, size_t count,
		 void *table, struct status *st);

#endif
