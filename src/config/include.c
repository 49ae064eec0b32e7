/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/include.h"

#include <errno.h>
#include <glob.h>
#include <string.h>

static bool is_magic(char c)
{
	return c == '*' || c == '?' || c == '[';
}

static bool is_glob(const char *pattern)
{
	while (*pattern != '\0' && !is_magic(*pattern))
		pattern++;
	return *pattern != '\0';
}

/* Length of the folder's part of PATH, with its slash. */
static size_t folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash != NULL ? (size_t)(slash - path) + 1 : 0;
}

/* A missing folder matches nothing; any other trouble would hide files from the user. */
static int glob_trouble(const char *path, int errnum)
{
	(void)path;
	return errnum != ENOENT && errnum != ENOTDIR;
}

static int add_matches(const char *pattern, struct strings *paths, struct status *st)
{
	glob_t found = { 0 };
	int result = glob(pattern, 0, glob_trouble, &found);
	for (size_t i = 0; result == 0 && i < found.gl_pathc; i++)
		strings_add(paths, found.gl_pathv[i]);
	globfree(&found);
	if (result == 0 || result == GLOB_NOMATCH)
		return 0;
	return status_set(st, STATUS_BAD_CONFIG, "cannot read the folder of '%s'", pattern);
}

int include_paths(const char *includer, const char *pattern, struct strings *paths,
		  struct status *st)
{
	struct buf path = { 0 };
	int result = 0;
	bool magic = is_glob(pattern);
	for (size_t i = 0; pattern[0] != '/' && i < folder_length(includer); i++) {
		/* The folder's own name is no pattern. */
		if (magic && (is_magic(includer[i]) || includer[i] == '\\'))
			buf_add_char(&path, '\\');
		buf_add_char(&path, includer[i]);
	}
	buf_add_str(&path, pattern);
	if (magic)
		result = add_matches(buf_str(&path), paths, st);
	else
		strings_add(paths, buf_str(&path));
	buf_release(&path);
	return result;
}
