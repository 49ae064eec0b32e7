/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/gnutls_lib.h"

#ifdef WITH_LINKED_LIBRARIES

struct gnutls_functions gnutls = {
#	define GNUTLS_VALUE(name) .name = gnutls_##name,
	GNUTLS_FUNCTIONS(GNUTLS_VALUE)
#	undef GNUTLS_VALUE
};

int gnutls_load(struct status *st)
{
	(void)st;
	return 0;
}

#else

#	include "base/dlopen_note.h"
#	include "base/library.h"

#	include <stddef.h>

DLOPEN_NOTE("tls", "TLS, and logins that do not send the password", GNUTLS_SONAME)

struct gnutls_functions gnutls;

/* clang-format off */
static const struct library_function rows[] = {
#define GNUTLS_ROW(name) { "gnutls_" #name, offsetof(struct gnutls_functions, name) },
	GNUTLS_FUNCTIONS(GNUTLS_ROW)
#undef GNUTLS_ROW
};
/* clang-format on */

/*
 * GnuTLS has made itself ready when it was opened. To ask for it once more shows whether that
 * worked, and keeps it from being taken apart when the process ends: the kernel does that
 * faster.
 */
int gnutls_load(struct status *st)
{
	struct gnutls_functions found;
	if (gnutls.init != NULL)
		return 0;
	if (library_open(GNUTLS_SONAME, rows, sizeof rows / sizeof *rows, &found, st) != 0)
		return -1;
	int n = found.global_init();
	if (n != 0)
		return status_set(st, STATUS_SYSTEM, "cannot use GnuTLS: %s",
				  found.strerror(n));
	gnutls = found;
	return 0;
}

#endif
