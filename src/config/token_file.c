/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/token_file.h"

#include "base/file.h"
#include "base/random.h"
#include "config/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[] = "postrider-oauth-1";

enum { SIZE_MAX_OCTETS = 64 * 1024 };

/* A line that nothing but visible ASCII is in. */
static bool take_line(struct slice *rest, struct buf *into)
{
	struct slice line = { 0 };
	size_t end = slice_find(*rest, '\n');
	if (end == rest->len || !slice_next(rest, '\n', &line))
		return false;
	for (size_t i = 0; i < line.len; i++) {
		if (line.data[i] <= ' ' || line.data[i] >= 0x7f)
			return false;
	}
	buf_add_slice(into, line);
	return true;
}

static int take_apart(const char *path, struct slice text, struct token_file *f,
		      struct status *st)
{
	struct buf first = { 0 };
	bool good = take_line(&text, &first) && strcmp(buf_str(&first), magic) == 0 &&
		    take_line(&text, &f->origin) && take_line(&text, &f->token) &&
		    f->token.len != 0 && text.len == 0;
	buf_release(&first);
	if (good)
		return 0;
	status_set(st, STATUS_NOT_ALLOWED, "'%s' holds no refresh token of ours", path);
	return status_hint(st, "remove it, and run postrider --oauth-login");
}

int token_file_read(const char *path, struct token_file *f, struct status *st)
{
	struct buf text = { 0 };
	struct stat facts;
	struct status why;
	int result = file_read_all(path, SIZE_MAX_OCTETS, &text, &facts, &why);
	if (result == 0) {
		result = private_check(path, &facts, false, st);
		if (result == 0)
			result = take_apart(path, buf_slice(&text), f, st);
	} else if (why.sys == ENOENT) {
		result = 0;
	} else {
		*st = why;
		st->kind = STATUS_NOT_ALLOWED;
	}
	buf_release_secret(&text);
	return result;
}

void token_file_release(struct token_file *f)
{
	buf_release(&f->origin);
	buf_release_secret(&f->token);
}

/* The folder that PATH is in; "." for a bare name. */
static void folder_of(const char *path, struct buf *folder)
{
	const char *slash = strrchr(path, '/');
	if (slash == NULL)
		buf_add_char(folder, '.');
	else
		buf_add(folder, path, slash == path ? 1 : (size_t)(slash - path));
}

static bool is_ours(const char *folder)
{
	struct stat facts;
	return stat(folder, &facts) == 0 && facts.st_uid == geteuid();
}

/* With what is missing above it. Under sudo, HOME may be somebody else's: leave nothing there.
 */
static void make_folder(const char *folder)
{
	struct buf above = { 0 };
	if (access(folder, F_OK) != 0) {
		folder_of(folder, &above);
		make_folder(buf_str(&above));
		if (is_ours(buf_str(&above)))
			mkdir(folder, S_IRWXU);
	}
	buf_release(&above);
}

static bool write_synced(int fd, struct slice content)
{
	bool done =
		write(fd, content.data, content.len) == (ssize_t)content.len && fsync(fd) == 0;
	return close(fd) == 0 && done;
}

/* Make the change of names in FOLDER last; where that cannot be, it is as good as it gets. */
static void sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

static bool replace(const char *path, const char *draft, struct slice content)
{
	int fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		      S_IRUSR | S_IWUSR);
	if (fd < 0)
		return false;
	if (write_synced(fd, content) && rename(draft, path) == 0)
		return true;
	int why = errno;
	unlink(draft);
	errno = why;
	return false;
}

int token_file_write(const char *path, const struct token_file *f, struct status *st)
{
	struct buf content = { 0 }, draft = { 0 }, folder = { 0 };
	int result = 0;
	buf_addf(&content, "%s\n%s\n%s\n", magic, buf_str(&f->origin), buf_str(&f->token));
	buf_addf(&draft, "%s.", path);
	random_hex(&draft, 8);
	folder_of(path, &folder);
	make_folder(buf_str(&folder));
	if (replace(path, buf_str(&draft), buf_slice(&content)))
		sync_folder(buf_str(&folder));
	else
		result = status_sys(st, STATUS_DISK, errno, "cannot write '%s'", path);
	buf_release_secret(&content);
	buf_release(&draft);
	buf_release(&folder);
	return result;
}
