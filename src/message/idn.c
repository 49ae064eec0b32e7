/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/idn.h"

#include "base/utf8.h"
#include "message/path.h"

#include <idn2.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct idn2_functions {
	__typeof__(idn2_lookup_u8) *lookup_u8;
	__typeof__(idn2_strerror) *strerror;
	__typeof__(idn2_free) *free;
};

#ifdef WITH_LINKED_LIBRARIES

static int open_idn2(struct idn2_functions *idn2, struct status *st)
{
	(void)st;
	*idn2 = (struct idn2_functions){ idn2_lookup_u8, idn2_strerror, idn2_free };
	return 0;
}

#else

#	include "base/dlopen_note.h"
#	include "base/library.h"

DLOPEN_NOTE("idn", "Domain names that are not ASCII", IDN2_SONAME)

static int open_idn2(struct idn2_functions *idn2, struct status *st)
{
	static const struct library_function rows[] = {
		{ "idn2_lookup_u8", offsetof(struct idn2_functions, lookup_u8) },
		{ "idn2_strerror", offsetof(struct idn2_functions, strerror) },
		{ "idn2_free", offsetof(struct idn2_functions, free) },
	};
	return library_open(IDN2_SONAME, rows, sizeof rows / sizeof *rows, idn2, st);
}

#endif

int idn_to_ascii(const char *domain, struct buf *out, struct status *st)
{
	struct idn2_functions idn2;
	uint8_t *ascii = NULL;
	if (address_is_ascii(domain)) {
		buf_add_str(out, domain);
		return 0;
	}
	if (open_idn2(&idn2, st) != 0)
		return -1;
	int rc = idn2.lookup_u8((const uint8_t *)domain, &ascii,
				IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (rc != IDN2_OK)
		return status_set(st, STATUS_BAD_MESSAGE, "'%s' is no domain name: %s", domain,
				  idn2.strerror(rc));
	buf_add_str(out, (const char *)ascii);
	idn2.free(ascii);
	return 0;
}

int idn_path(const char *path, struct buf *out, struct status *st)
{
	const char *at = strrchr(path, '@');
	struct slice local = slice_n(path, at != NULL ? (size_t)(at + 1 - path) : 0);
	if (at == NULL || !ascii_only(local)) {
		buf_add_str(out, path);
		return 0;
	}
	buf_add_slice(out, local);
	return idn_to_ascii(at + 1, out, st);
}
