/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

int library_open(const char *soname, const struct library_function *rows, size_t count,
		 void *table, struct status *st)
{
	/* Lazy, as if it were linked: each library says itself whether it wants to be bound at
	 * once. */
	void *library = dlopen(soname, RTLD_LAZY | RTLD_LOCAL);
	if (library == NULL) {
		status_set(st, STATUS_SYSTEM, "cannot open a library: %s", dlerror());
		return status_hint(st, "install the package that holds %s", soname);
	}
	for (size_t i = 0; i < count; i++) {
		void *address = dlsym(library, rows[i].symbol);
		if (address == NULL)
			return status_set(st, STATUS_SYSTEM, "cannot use %s: it lacks %s",
					  soname, rows[i].symbol);
		memcpy((char *)table + rows[i].offset, &address, sizeof address);
	}
	return 0;
}
