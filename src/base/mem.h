/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mem - allocation that cannot fail
 *
 * A program that has not yet taken responsibility for a message loses nothing by stopping, so
 * running out of memory is answered in one place: a line on stderr and EX_TEMPFAIL. The caller
 * keeps the message.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* As malloc, calloc and realloc, but never NULL. The caller frees with free(). */
void *mem_alloc(size_t size);
void *mem_zero(size_t count, size_t size);
void *mem_resize(void *old, size_t size);

/*
 * Room for one more element in an array that grows by doubling: call it before writing element
 * COUNT. Returns the array, moved or not; *ROOM is its capacity in elements.
 */
void *mem_grow(void *array, size_t count, size_t *room, size_t size);

/* A copy of TEXT, or of its first LEN bytes and a NUL; NULL stays NULL. The caller frees it. */
char *mem_copy(const char *text);
char *mem_copy_n(const char *text, size_t len);

/* Overwrite a secret before its memory is given back; then free it. NULL is fine. */
void mem_wipe(void *secret, size_t len);
void mem_free_secret(char *secret);

#endif
