/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * probe - run a command many times, and say what each run took
 *
 *     probe COUNT INPUT COMMAND [ARGUMENT...]
 *
 * The command reads the file INPUT, and its standard output goes nowhere. One line a run: exit
 * code (or 128 + the signal), wall and CPU time in microseconds, peak resident memory in KiB.
 *
 * It exists because a process takes over the peak of the one that started it: measured from
 * Python, everything needs at least as much memory as Python does. This one needs little.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static long long microseconds(struct timeval t)
{
	return t.tv_sec * 1000000LL + t.tv_usec;
}

static int run(const char *input, char **command)
{
	posix_spawn_file_actions_t files;
	struct rusage used;
	pid_t pid;
	int status;
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, input, O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	long long began = now();
	if (posix_spawnp(&pid, command[0], &files, NULL, command, environ) != 0 ||
	    wait4(pid, &status, 0, &used) != pid) {
		fprintf(stderr, "probe: cannot run %s\n", command[0]);
		return -1;
	}
	long long took = now() - began;
	posix_spawn_file_actions_destroy(&files);
	printf("%d %lld %lld %ld\n",
	       WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), took,
	       microseconds(used.ru_utime) + microseconds(used.ru_stime), used.ru_maxrss);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 4) {
		fprintf(stderr, "usage: probe COUNT INPUT COMMAND [ARGUMENT...]\n");
		return 2;
	}
	for (long left = strtol(argv[1], NULL, 10); left > 0; left--) {
		if (run(argv[2], argv + 3) != 0)
			return 1;
	}
	return 0;
}
