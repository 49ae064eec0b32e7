/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/say.h"

#include "base/output.h"

#include <sysexits.h>
#include <unistd.h>

void say_line(const char *peer, const char *text)
{
	bool has_peer = peer != NULL && peer[0] != '\0';
	struct buf line = { 0 };
	buf_addf(&line, "postrider: %s%s%s\n", has_peer ? peer : "", has_peer ? ": " : "",
		 text);
	output_write(STDERR_FILENO, buf_slice(&line));
	buf_release(&line);
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
	bool written = output_write(STDOUT_FILENO, buf_slice(out));
	buf_release(out);
	return written ? EX_OK : EX_IOERR;
}
