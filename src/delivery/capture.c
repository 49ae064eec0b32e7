/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/capture.h"

#include "base/clock.h"
#include "base/random.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int make_folder(const char *path, struct status *st)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return 0;
	return status_sys(st, STATUS_DISK, errno, "cannot make the folder '%s'", path);
}

static int make_maildir(struct buf *path, struct status *st)
{
	static const char *const parts[] = { "", "/tmp", "/new", "/cur" };
	size_t len = path->len;
	int result = 0;
	for (size_t i = 0; i < sizeof parts / sizeof *parts && result == 0; i++) {
		buf_add_str(path, parts[i]);
		result = make_folder(buf_str(path), st);
		path->len = len;
		path->data[len] = '\0';
	}
	return result;
}

static int write_all(int fd, struct slice bytes)
{
	while (bytes.len != 0) {
		ssize_t n = write(fd, bytes.data, bytes.len);
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0)
			bytes = slice_cut(bytes, (size_t)n, bytes.len);
	}
	return 0;
}

static void write_envelope(const struct envelope *e, struct buf *out)
{
	buf_addf(out, "Return-Path: <%s>\n", e->sender);
	for (size_t i = 0; i < e->count; i++) {
		if (!e->at[i].decided)
			buf_addf(out, "Delivered-To: %s\n", e->at[i].address);
	}
}

/* The content is canonical, so every CR stands before an LF, and may go. */
static void without_crs(struct slice piece, struct buf *out)
{
	struct slice rest = piece, run;
	while (slice_next(&rest, '\r', &run))
		buf_add_slice(out, run);
}

static int write_message(int fd, const struct envelope *e, const struct message *m,
			 struct status *st)
{
	struct buf scratch = { 0 }, out = { 0 };
	struct slice piece;
	uint64_t offset = 0;
	int result;
	write_envelope(e, &out);
	do {
		result = store_read(&m->content, offset, &scratch, &piece, st);
		if (result != 0)
			break;
		offset += piece.len;
		without_crs(piece, &out);
		result = write_all(fd, buf_slice(&out));
		if (result != 0)
			status_sys(st, STATUS_DISK, errno, "cannot write to the maildir");
		buf_reset(&out);
	} while (result == 0 && piece.len != 0);
	if (result == 0 && fsync(fd) != 0)
		result = status_sys(st, STATUS_DISK, errno, "cannot write to the maildir");
	buf_release(&scratch);
	buf_release(&out);
	return result;
}

static int store_as(const char *temporary, const char *final, const struct envelope *e,
		    const struct message *m, struct status *st)
{
	int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return status_sys(st, STATUS_DISK, errno, "cannot make '%s'", temporary);
	int result = write_message(fd, e, m, st);
	close(fd);
	if (result == 0 && rename(temporary, final) != 0)
		result = status_sys(st, STATUS_DISK, errno, "cannot make '%s'", final);
	if (result != 0)
		unlink(temporary);
	return result;
}

static int store_message(const struct buf *path, const struct envelope *e,
			 const struct message *m, struct status *st)
{
	struct buf name = { 0 }, temporary = { 0 }, final = { 0 };
	buf_addf(&name, "%lld.", (long long)clock_wall_us());
	random_hex(&name, 8);
	buf_add_str(&name, ".postrider");
	buf_addf(&temporary, "%s/tmp/%s", buf_str(path), buf_str(&name));
	buf_addf(&final, "%s/new/%s", buf_str(path), buf_str(&name));
	int result = store_as(buf_str(&temporary), buf_str(&final), e, m, st);
	buf_release(&name);
	buf_release(&temporary);
	buf_release(&final);
	return result;
}

static void decide_sent(struct envelope *e)
{
	struct status sent = { .kind = STATUS_OK, .stage = STAGE_DOT, .text = "stored" };
	for (size_t i = 0; i < e->count; i++) {
		if (!e->at[i].decided)
			recipient_decide(&e->at[i], &sent);
	}
}

int capture(const char *path, const char *home, struct envelope *e,
	    const struct message *message, const struct tap *tap, struct status *st)
{
	struct buf folder = { 0 };
	if (strncmp(path, "~/", 2) == 0)
		buf_addf(&folder, "%s%s", home != NULL ? home : "", path + 1);
	else
		buf_add_str(&folder, path);
	tap_note(tap, "storing in the maildir %s", buf_str(&folder));
	int result = make_maildir(&folder, st);
	if (result == 0)
		result = store_message(&folder, e, message, st);
	if (result == 0)
		decide_sent(e);
	buf_release(&folder);
	return result;
}
