/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * disk - what a queue could do if it were nothing but its disk
 *
 *     disk COUNT PROCESSES INPUT FOLDER
 *
 * COUNT times in all: a new file in FOLDER/tmp, the bytes of INPUT into it, fsync; a new name
 * in FOLDER/q, fsync of that folder. PROCESSES do it at once. Prints microseconds, and removes
 * the files again.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_BYTES = 64 * 1024, NAME_ROOM = 64 };

struct job {
	char bytes[MOST_BYTES];
	size_t len;
};

static void check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "disk: cannot %s\n", what);
	exit(1);
}

static long long now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static void put(const struct job *j, const char *draft, const char *name)
{
	int fd = open(draft, O_WRONLY | O_CREAT | O_EXCL, 0600);
	check(fd >= 0, "make a file");
	check(write(fd, j->bytes, j->len) == (ssize_t)j->len, "write");
	check(fsync(fd) == 0, "sync a file");
	check(rename(draft, name) == 0, "rename");
	close(fd);
	int folder = open("q", O_RDONLY | O_DIRECTORY);
	check(folder >= 0 && fsync(folder) == 0, "sync a folder");
	close(folder);
}

static void each(const struct job *j, long count, long process,
		 void (*act)(const struct job *, const char *draft, const char *name))
{
	for (long i = 0; i < count; i++) {
		char draft[NAME_ROOM], name[NAME_ROOM];
		snprintf(draft, sizeof draft, "tmp/%ld-%ld", process, i);
		snprintf(name, sizeof name, "q/%ld-%ld", process, i);
		act(j, draft, name);
	}
}

static void clear(const struct job *j, const char *draft, const char *name)
{
	(void)j;
	(void)draft;
	unlink(name);
}

int main(int argc, char **argv)
{
	static struct job j;
	if (argc != 5) {
		fprintf(stderr, "usage: disk COUNT PROCESSES INPUT FOLDER\n");
		return 2;
	}
	long processes = strtol(argv[2], NULL, 10);
	long count = strtol(argv[1], NULL, 10) / processes;
	int input = open(argv[3], O_RDONLY), status = 0;
	ssize_t len = input >= 0 ? read(input, j.bytes, sizeof j.bytes) : -1;
	check(len > 0, "read");
	j.len = (size_t)len;
	mkdir(argv[4], 0700);
	check(chdir(argv[4]) == 0, "go there");
	mkdir("tmp", 0700);
	mkdir("q", 0700);
	long long began = now();
	for (long p = 0; p < processes; p++) {
		if (fork() == 0) {
			each(&j, count, p, put);
			exit(0);
		}
	}
	bool fine = true;
	while (wait(&status) > 0)
		fine = fine && status == 0;
	printf("%lld\n", now() - began);
	for (long p = 0; p < processes; p++)
		each(&j, count, p, clear);
	return fine ? 0 : 1;
}
