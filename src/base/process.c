/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/process.h"

#include "base/number.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t process_fork(void)
{
	return fork();
}

void process_detach(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	setsid();
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && null >= 0; fd++)
		dup2(null, fd);
	if (null > STDERR_FILENO)
		close(null);
}

/* Linux 5.9 and later. */
static bool close_range_but(int kept)
{
#ifdef SYS_close_range
	unsigned first = STDERR_FILENO + 1, place = (unsigned)kept;
	return (place == first || syscall(SYS_close_range, first, place - 1, 0) == 0) &&
	       syscall(SYS_close_range, place + 1, ~0U, 0) == 0;
#else
	(void)kept;
	return false;
#endif
}

static bool close_listed_but(int kept)
{
	DIR *dir = opendir("/proc/self/fd");
	if (dir == NULL)
		return false;
	for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
		struct slice name = slice_of(e->d_name);
		uint64_t fd;
		if (number_take(&name, 10, INT_MAX, &fd) && fd > STDERR_FILENO &&
		    (int)fd != kept && (int)fd != dirfd(dir))
			close((int)fd);
	}
	closedir(dir);
	return true;
}

/* The lowest number that is free is given out, so that those in use are low, whatever the limit
 * is. */
static void close_each_but(int kept)
{
	enum { MOST = 65536 };
	for (int fd = STDERR_FILENO + 1; fd < MOST; fd++) {
		if (fd != kept)
			close(fd);
	}
}

void process_close_others(int kept)
{
	if (!close_range_but(kept) && !close_listed_but(kept))
		close_each_but(kept);
}

void process_bury(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
}

int process_wait(pid_t pid)
{
	int how = 0;
	while (waitpid(pid, &how, 0) < 0) {
		if (errno != EINTR)
			return -SIGKILL;
	}
	return WIFEXITED(how) ? WEXITSTATUS(how) : -WTERMSIG(how);
}
