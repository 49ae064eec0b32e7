/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * buf - bytes: borrowed (slice), owned and growing (buf), and lists of strings
 *
 * A slice points into memory of somebody else and is never freed. A buf owns its bytes; zero
 * the struct before use, release it after. Its bytes are always followed by a NUL that does not
 * count, so a buf without NULs of its own is a C string. Growing cannot fail (see mem.h).
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct slice {
	const char *data; /* borrowed */
	size_t len;
};

struct buf {
	char *data; /* owned; NULL while nothing was ever put in */
	size_t len;
	size_t room; /* bytes allocated */
};

/* A list of C strings; zero it before use. */
struct strings {
	char **at; /* owned, as are the strings */
	size_t count;
	size_t room;
};

/* Slices */
struct slice slice_of(const char *text);
struct slice slice_n(const char *data, size_t len);
/* The part from FROM up to, not with, TO; both are cut to what there is. */
struct slice slice_cut(struct slice s, size_t from, size_t to);
/* Without blanks (space, tab, CR, LF) at both ends. */
struct slice slice_trim(struct slice s);
bool slice_is(struct slice s, const char *text);
/* ASCII case does not count in the next three; locale plays no part. */
bool slice_is_nocase(struct slice s, const char *text);
bool slice_same_nocase(struct slice a, struct slice b);
bool slice_starts_nocase(struct slice s, const char *prefix);
/* Offset of the first C, or s.len. */
size_t slice_find(struct slice s, char c);
/* Take what stands before the first SEPARATOR off the front of *REST; false once *REST was used
 * up. */
bool slice_next(struct slice *rest, char separator, struct slice *part);
/* A C string that the caller frees. A NUL inside S ends it. */
char *slice_copy(struct slice s);
/* Put into INTO, of ROOM octets, as much of TEXT as it holds with a NUL; nothing of NULL. */
void text_fit(char *into, size_t room, const char *text);

/* ASCII only, whatever the locale. */
bool ascii_same_nocase(const char *a, const char *b);
char ascii_lower(char c);

/* Bufs */
void buf_release(struct buf *b);
/* As buf_release, after overwriting all bytes the buf ever had room for. */
void buf_release_secret(struct buf *b);
/* Empty it, keep the memory. */
void buf_reset(struct buf *b);
/* Make sure MORE bytes fit behind the present ones; returns where they go. */
char *buf_reserve(struct buf *b, size_t more);
void buf_add(struct buf *b, const void *data, size_t len);
void buf_add_char(struct buf *b, char c);
void buf_add_str(struct buf *b, const char *text);
void buf_add_slice(struct buf *b, struct slice s);
void buf_addf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vaddf(struct buf *b, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
/* Drop the first LEN bytes. */
void buf_drop(struct buf *b, size_t len);
/* The bytes as a C string; "" while empty. Valid until the buf changes. */
const char *buf_str(const struct buf *b);
struct slice buf_slice(const struct buf *b);
/* Hand the bytes to the caller, who frees them; the buf is empty and zeroed afterwards. */
char *buf_take(struct buf *b);

/* Lists of strings */
void strings_add(struct strings *list, const char *text);
void strings_add_slice(struct strings *list, struct slice text);
void strings_release(struct strings *list);
/* As strings_release, after overwriting every string. */
void strings_release_secret(struct strings *list);
/* DST gets copies of all of SRC, and loses what it had. */
void strings_copy(struct strings *dst, const struct strings *src);

#endif
