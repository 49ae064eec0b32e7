/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"

#include "base/output.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static void *checked(void *p)
{
	if (p == NULL) {
		output_write(STDERR_FILENO, slice_of("postrider: out of memory\n"));
		exit(EX_TEMPFAIL);
	}
	return p;
}

void *mem_alloc(size_t size)
{
	return checked(malloc(size != 0 ? size : 1));
}

void *mem_zero(size_t count, size_t size)
{
	return checked(calloc(count != 0 ? count : 1, size != 0 ? size : 1));
}

void *mem_resize(void *old, size_t size)
{
	return checked(realloc(old, size != 0 ? size : 1));
}

void *mem_grow(void *array, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return array;
	size_t wanted = *room != 0 ? *room * 2 : 8;
	if (wanted > SIZE_MAX / size)
		return checked(NULL);
	*room = wanted;
	return mem_resize(array, wanted * size);
}

char *mem_copy(const char *text)
{
	return text != NULL ? mem_copy_n(text, strlen(text)) : NULL;
}

char *mem_copy_n(const char *text, size_t len)
{
	if (text == NULL)
		return NULL;
	char *copy = mem_alloc(len + 1);
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

void mem_wipe(void *secret, size_t len)
{
	if (secret != NULL)
		explicit_bzero(secret, len);
}

void mem_free_secret(char *secret)
{
	if (secret != NULL)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}
