/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * replay - stands in for libFuzzer: gives the target each file that is named, and the empty
 * input
 *
 * Each input is copied into memory of just its size, so that a sanitizer sees a read past its
 * end.
 */
#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t *read_all(FILE *file, size_t *size)
{
	uint8_t *data = NULL;
	size_t room = 0;
	*size = 0;
	for (;;) {
		data = mem_grow(data, *size, &room, 1);
		size_t n = fread(data + *size, 1, room - *size, file);
		*size += n;
		if (n == 0)
			return mem_resize(data, *size);
	}
}

int main(int argc, char **argv)
{
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++) {
		FILE *file = fopen(argv[i], "rb");
		if (file == NULL) {
			perror(argv[i]);
			return EXIT_FAILURE;
		}
		size_t size;
		uint8_t *data = read_all(file, &size);
		fclose(file);
		LLVMFuzzerTestOneInput(data, size);
		free(data);
	}
	return EXIT_SUCCESS;
}
