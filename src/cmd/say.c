/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/say.h"

#include <stdio.h>
#include <sysexits.h>

void say_line(const char *peer, const char *text)
{
	if (peer != NULL && peer[0] != '\0')
		fprintf(stderr, "postrider: %s: %s\n", peer, text);
	else
		fprintf(stderr, "postrider: %s\n", text);
}

int say_status(const struct status *st)
{
	say_line(st->peer, st->text);
	if (st->hint[0] != '\0')
		say_line(NULL, st->hint);
	return status_exit(st->kind);
}

int say_output(struct buf *out)
{
	bool written =
		fwrite(buf_str(out), 1, out->len, stdout) == out->len && fflush(stdout) == 0;
	buf_release(out);
	return written ? EX_OK : EX_IOERR;
}
