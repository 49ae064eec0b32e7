/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/command.h"

#include "base/clock.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	OUTPUT_MAX = 64 * 1024,
	COMPLAINT_MAX = 512,
	PIECE = 4096,
	/* How often to look whether the command has ended while something holds its output
	   open. */
	PATIENCE_MS = 50,
	/* The same once its output is closed: it is about to end. */
	IMPATIENCE_MS = 2,
	/* Pieces that pipes can hold when their writer has gone; what comes then is not his. */
	LEFTOVERS_MAX = 64,
	/* From SIGTERM to SIGKILL. */
	MERCY_MS = 500,
};

struct run {
	pid_t pid;
	bool ended;
	int status;      /* as waitpid gives it */
	int output;      /* to read from; -1: closed */
	int complaints;  /* the same for standard error */
	struct buf *out; /* borrowed */
	size_t printed;
	struct buf tail; /* the end of standard error */
};

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Start COMMAND with the writing ends of two pipes; 0 or an errno. */
static int spawn(struct run *run, const char *command, int output, int complaints)
{
	char sh[] = "sh", option[] = "-c";
	char *text = mem_copy(command);
	char *const argv[] = { sh, option, text, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t set;
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&files, complaints, STDERR_FILENO);
	posix_spawnattr_init(&how);
	posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
					       POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setpgroup(&how, 0);
	sigemptyset(&set);
	posix_spawnattr_setsigmask(&how, &set);
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGCHLD);
	posix_spawnattr_setsigdefault(&how, &set);
	int trouble = posix_spawn(&run->pid, "/bin/sh", &files, &how, argv, environ);
	posix_spawnattr_destroy(&how);
	posix_spawn_file_actions_destroy(&files);
	free(text);
	return trouble;
}

/* 0, or an errno; the writing ends are the command's alone afterwards. */
static int start(struct run *run, const char *command)
{
	int output[2] = { -1, -1 }, complaints[2] = { -1, -1 };
	int trouble = 0;
	if (pipe2(output, O_CLOEXEC) != 0 || pipe2(complaints, O_CLOEXEC) != 0)
		trouble = errno;
	else
		trouble = spawn(run, command, output[1], complaints[1]);
	run->output = output[0];
	run->complaints = complaints[0];
	close_end(&output[1]);
	close_end(&complaints[1]);
	return trouble;
}

/* Read a piece of what FD has, and close it at its end. */
static size_t pull(int *fd, struct buf *into)
{
	ssize_t got = read(*fd, buf_reserve(into, PIECE), PIECE);
	if (got > 0)
		into->len += (size_t)got;
	else if (got == 0 || errno != EINTR)
		close_end(fd);
	into->data[into->len] = '\0';
	return got > 0 ? (size_t)got : 0;
}

/* Wait at most MS for output and take a piece of it; false if there was none. */
static bool listen_to(struct run *run, int ms)
{
	struct pollfd fds[] = {
		{ .fd = run->output, .events = POLLIN },
		{ .fd = run->complaints, .events = POLLIN },
	};
	if (poll(fds, 2, ms) <= 0)
		return false;
	if (fds[0].revents != 0)
		run->printed += pull(&run->output, run->out);
	if (fds[1].revents != 0)
		pull(&run->complaints, &run->tail);
	if (run->tail.len > COMPLAINT_MAX)
		buf_drop(&run->tail, run->tail.len - COMPLAINT_MAX);
	return true;
}

static bool may_go_on(const struct run *run, int64_t deadline)
{
	return run->printed <= OUTPUT_MAX && clock_now() < deadline;
}

/*
 * Has the command ended? Where whoever started us had SIGCHLD ignored, the kernel keeps no exit
 * status (ECHILD): it counts as 0 then, and an empty output still says that something went
 * wrong.
 */
static bool has_ended(struct run *run, int flags)
{
	pid_t pid;
	do
		pid = waitpid(run->pid, &run->status, flags);
	while (pid < 0 && errno == EINTR);
	return pid != 0;
}

/*
 * Listen until the command has ended, and then only for what it has left in the pipes: an agent
 * that it started may keep them open for days.
 */
static void follow(struct run *run, int64_t deadline)
{
	while (!run->ended && may_go_on(run, deadline)) {
		bool open = run->output >= 0 || run->complaints >= 0;
		int64_t tick = clock_now() + (open ? PATIENCE_MS : IMPATIENCE_MS);
		int64_t left = clock_earlier(tick, deadline) - clock_now();
		listen_to(run, left > 0 ? (int)left : 0);
		run->ended = has_ended(run, WNOHANG);
	}
	for (int i = 0; run->ended && i < LEFTOVERS_MAX && listen_to(run, 0); i++)
		continue;
}

/* End the command, and what it started, if it has not ended by itself. */
static void stop(struct run *run)
{
	int64_t mercy = clock_now() + MERCY_MS;
	if (run->ended)
		return;
	kill(-run->pid, SIGTERM);
	while (!run->ended && clock_now() < mercy) {
		poll(NULL, 0, IMPATIENCE_MS);
		run->ended = has_ended(run, WNOHANG);
	}
	kill(-run->pid, SIGKILL);
	if (!run->ended)
		run->ended = has_ended(run, 0);
}

static struct slice last_line(struct slice text)
{
	text = slice_trim(text);
	size_t start = text.len;
	while (start > 0 && text.data[start - 1] != '\n')
		start--;
	return slice_cut(text, start, text.len);
}

static int judge(const struct run *run, const char *key, struct status *st)
{
	struct slice said = last_line(buf_slice(&run->tail));
	const char *colon = said.len != 0 ? ": " : "";
	if (WIFEXITED(run->status) && WEXITSTATUS(run->status) == 0)
		return 0;
	if (WIFEXITED(run->status))
		return status_set(st, STATUS_NOT_ALLOWED, "%s failed with exit status %d%s%.*s",
				  key, WEXITSTATUS(run->status), colon, (int)said.len,
				  said.data);
	return status_set(st, STATUS_NOT_ALLOWED, "%s was killed by signal %d%s%.*s", key,
			  WTERMSIG(run->status), colon, (int)said.len, said.data);
}

static int watch(struct run *run, const char *key, int64_t deadline, struct status *st)
{
	follow(run, deadline);
	bool late = !run->ended && run->printed <= OUTPUT_MAX;
	stop(run);
	if (run->printed > OUTPUT_MAX)
		return status_set(st, STATUS_NOT_ALLOWED, "%s prints more than 64 KiB", key);
	if (late)
		return status_set(st, STATUS_NOT_ALLOWED, "%s did not end in time", key);
	return judge(run, key, st);
}

int command_output(const char *key, const char *command, int64_t deadline, struct buf *out,
		   struct status *st)
{
	struct run run = { .out = out, .output = -1, .complaints = -1 };
	int trouble = start(&run, command);
	int result = trouble == 0 ? watch(&run, key, deadline, st)
				  : status_sys(st, STATUS_NOT_ALLOWED, trouble, "cannot run %s",
					       key);
	close_end(&run.output);
	close_end(&run.complaints);
	buf_release_secret(&run.tail);
	return result;
}
