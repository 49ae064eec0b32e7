/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/config_file.h"

#include "base/file.h"
#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 20 };

void config_file_release(struct config_file *f)
{
	free(f->path);
	buf_release_secret(&f->text);
	*f = (struct config_file){ 0 };
}

int config_file_read(struct config_file *f, const char *path, struct status *st)
{
	f->path = mem_copy(path);
	if (file_read_all(path, FILE_MAX, &f->text, &f->facts, st) == 0)
		return 0;
	st->kind = STATUS_BAD_CONFIG;
	return -1;
}

/* The user's file, which the caller frees; NULL if there is no place for one. */
static char *user_path(const char *home)
{
	struct buf path = { 0 };
	const char *xdg = getenv("XDG_CONFIG_HOME");
	bool use_xdg = xdg != NULL && xdg[0] == '/';
	if (!use_xdg && home == NULL)
		return NULL;
	buf_addf(&path, "%s%s/postrider.ini", use_xdg ? xdg : home, use_xdg ? "" : "/.config");
	return buf_take(&path);
}

static bool is_missing(const struct status *st, const char *path)
{
	struct stat ignored;
	if (st->sys == EACCES)
		return stat(path, &ignored) != 0;
	return st->sys == ENOENT || st->sys == ENOTDIR;
}

/* 0 if F holds the user's file, 1 if there is none, -1 if it cannot be read. */
static int try_user(struct config_file *f, const char *path, struct status *st)
{
	struct status trouble;
	if (config_file_read(f, path, &trouble) != 0) {
		if (is_missing(&trouble, path))
			return 1;
		*st = trouble;
		return -1;
	}
	return geteuid() == 0 && f->facts.st_uid != 0 ? 1 : 0;
}

/* There is none for us, but root was given one of somebody else's. */
static int explain_foreign(const char *user_file, const char *system_file, struct status *st)
{
	status_set(st, STATUS_BAD_CONFIG,
		   "there is no configuration: no '%s', and '%s' does not belong to root",
		   system_file, user_file);
	status_hint(st, "chown root %s", user_file);
	st->sys = ENOENT;
	return -1;
}

static int explain_missing(const char *user_file, const char *system_file, struct status *st)
{
	if (geteuid() == 0 && user_file != NULL && access(user_file, F_OK) == 0)
		return explain_foreign(user_file, system_file, st);
	status_set(st, STATUS_BAD_CONFIG, "there is no configuration: no '%s'%s%s%s",
		   system_file, user_file != NULL ? " and no '" : "",
		   user_file != NULL ? user_file : "", user_file != NULL ? "'" : "");
	status_hint(st,
		    "write %s with three lines: 'host = smtp.example.com', "
		    "'user = you@example.com', 'password-file = ~/.password'",
		    user_file != NULL ? user_file : system_file);
	st->sys = ENOENT;
	return -1;
}

static int read_system(struct config_file *f, const char *path, const char *user_file,
		       struct status *st)
{
	struct status trouble;
	f->system = true;
	if (config_file_read(f, path, &trouble) == 0)
		return 0;
	if (is_missing(&trouble, path))
		return explain_missing(user_file, path, st);
	*st = trouble;
	if (st->sys == EACCES && user_file != NULL)
		return status_hint(st, "do this as root, or with settings of your own in %s",
				   user_file);
	return -1;
}

int config_file_find(struct config_file *f, const char *file, const char *home,
		     const char *system_file, struct status *st)
{
	*f = (struct config_file){ 0 };
	if (file != NULL)
		return config_file_read(f, file, st);
	char *user_file = user_path(home);
	int result = user_file != NULL ? try_user(f, user_file, st) : 1;
	if (result == 1) {
		config_file_release(f);
		result = read_system(f, system_file, user_file, st);
	}
	free(user_file);
	return result;
}
