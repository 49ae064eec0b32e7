/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/identity.h"

#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

void identity_login(struct buf *out)
{
	identity_login_of(getuid(), out);
}

void identity_login_of(uid_t uid, struct buf *out)
{
	const struct passwd *entry = getpwuid(uid);
	if (entry != NULL && entry->pw_name[0] != '\0')
		buf_add_str(out, entry->pw_name);
	else
		buf_addf(out, "uid-%lu", (unsigned long)uid);
}

void identity_home(struct buf *out)
{
	const char *home = getenv("HOME");
	if (home != NULL && home[0] == '/') {
		buf_add_str(out, home);
		return;
	}
	const struct passwd *entry = getpwuid(getuid());
	if (entry != NULL && entry->pw_dir != NULL && entry->pw_dir[0] == '/')
		buf_add_str(out, entry->pw_dir);
}

void identity_host(struct buf *out)
{
	char name[HOST_NAME_MAX + 2] = "";
	if (gethostname(name, sizeof name - 1) != 0 || name[0] == '\0')
		buf_add_str(out, "localhost");
	else
		buf_add_str(out, name);
}

/* The file holds one line, which is little text and nobody's secret. */
static bool read_mailname(struct buf *out)
{
	char text[256];
	int fd = open("/etc/mailname", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t n = read(fd, text, sizeof text);
	close(fd);
	struct slice all = slice_n(text, n > 0 ? (size_t)n : 0);
	struct slice line = slice_trim(slice_cut(all, 0, slice_find(all, '\n')));
	buf_add_slice(out, line);
	return line.len != 0;
}

void identity_mail_domain(struct buf *out)
{
	if (!read_mailname(out))
		identity_host(out);
}
