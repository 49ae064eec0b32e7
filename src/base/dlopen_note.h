/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dlopen_note - tells packagers' tools of a library that is opened at run time
 *
 * The note is what systemd's "ELF dlopen metadata" specification asks for: owner "FDO", type
 * 0x407c0c0a, and a JSON text. Tools such as dh_dlopenlibdeps make dependencies of it.
 */
#ifndef BASE_DLOPEN_NOTE_H
#define BASE_DLOPEN_NOTE_H

#include <stdint.h>

#define DLOPEN_NOTE(feature, what, soname)                                                     \
	static const struct {                                                                  \
		uint32_t owner_len, text_len, type;                                            \
		char owner[4];                                                                 \
		_Alignas(4) char text[sizeof DLOPEN_NOTE_TEXT(feature, what, soname)];         \
	} dlopen_note __attribute__((used, section(".note.dlopen"), aligned(4))) = {           \
		4, sizeof DLOPEN_NOTE_TEXT(feature, what, soname), 0x407c0c0a, "FDO",          \
		DLOPEN_NOTE_TEXT(feature, what, soname)                                        \
	};

#define DLOPEN_NOTE_TEXT(feature, what, soname)                                                \
	"[{\"feature\":\"" feature "\",\"description\":\"" what                                \
	"\",\"priority\":\"recommended\",\"soname\":[\"" soname "\"]}]"

#endif
