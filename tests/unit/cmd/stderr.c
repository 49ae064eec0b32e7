/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/stderr.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

void stderr_begin(struct stderr_catch *c)
{
	fflush(stderr);
	c->real = dup(STDERR_FILENO);
	c->file = open("/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	assert_true(c->real >= 0 && c->file >= 0);
	assert_true(dup2(c->file, STDERR_FILENO) >= 0);
}

void stderr_end(struct stderr_catch *c, struct buf *out)
{
	char bytes[4096];
	ssize_t n;
	fflush(stderr);
	dup2(c->real, STDERR_FILENO);
	lseek(c->file, 0, SEEK_SET);
	while ((n = read(c->file, bytes, sizeof bytes)) > 0)
		buf_add(out, bytes, (size_t)n);
	close(c->real);
	close(c->file);
}
