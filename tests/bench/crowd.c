/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * crowd - run a command many times, several at once, and say how long all of it took
 *
 *     crowd COUNT AT-ONCE INPUT COMMAND [ARGUMENT...]
 *
 * Each run reads the file INPUT; whenever one ends, the next begins. Prints microseconds. A run
 * that fails is an error.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static bool start(const posix_spawn_file_actions_t *files, char **command)
{
	pid_t pid;
	return posix_spawnp(&pid, command[0], files, NULL, command, environ) == 0;
}

static bool end_one(void)
{
	int status;
	return wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int argc, char **argv)
{
	posix_spawn_file_actions_t files;
	if (argc < 5) {
		fprintf(stderr, "usage: crowd COUNT AT-ONCE INPUT COMMAND [ARGUMENT...]\n");
		return 2;
	}
	long left = strtol(argv[1], NULL, 10), most = strtol(argv[2], NULL, 10), running = 0;
	bool fine = true;
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, argv[3], O_RDONLY, 0);
	long long began = now();
	while (left + running > 0) {
		if (left > 0 && running < most) {
			fine = start(&files, argv + 4) && fine;
			left--;
			running++;
		} else {
			fine = end_one() && fine;
			running--;
		}
	}
	printf("%lld\n", now() - began);
	posix_spawn_file_actions_destroy(&files);
	if (!fine)
		fprintf(stderr, "crowd: a run of %s failed\n", argv[4]);
	return fine ? 0 : 1;
}
