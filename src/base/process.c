/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
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
			return 0;
	}
	return WIFEXITED(how) ? WEXITSTATUS(how) : -WTERMSIG(how);
}
