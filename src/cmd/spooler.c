/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/spooler.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/process.h"
#include "cmd/children.h"
#include "cmd/queue_run.h"
#include "cmd/spooler_box.h"
#include "cmd/spooler_visit.h"
#include "config/own_folder.h"
#include "config/queue_folder.h"
#include "delivery/drop_import.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

enum {
	BREATH = 200,           /* ms after an accept that failed */
	LAST_WORDS = 30 * 1000, /* ms for those who are connected */
};

static volatile bool stop;

struct spooler {
	struct context context; /* ours: without secrets */
	int fd;
	struct queue drop; /* the queue that the drop folder belongs to; fd -1: none */
	struct children children;
	struct spooler_shared *shared; /* in memory that children share; NULL: there is none */
	int64_t next_look;             /* clock_now() terms: into the drop folder */
	int64_t next_retry;            /* the same: at what the settings had no way for */
	sigset_t normal;               /* what may come in while we wait, and in children */
};

/* ---- a process of its own ---- */

static void note_signal(int number)
{
	if (number != SIGCHLD)
		stop = true;
}

static void catch_signals(struct spooler *s)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGCHLD };
	const struct sigaction action = { .sa_handler = note_signal };
	sigset_t held;
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&held);
	sigemptyset(&s->normal);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		sigaddset(&held, numbers[i]);
		sigaction(numbers[i], &action, NULL);
	}
	sigprocmask(SIG_SETMASK, &held, NULL);
}

static void become_child(struct spooler *s)
{
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_SETMASK, &s->normal, NULL);
	close(s->fd);
}

/* Root is not needed for a queue that is somebody else's. */
static void become_owner(const struct queue *q)
{
	if (geteuid() != 0 || q->fd < 0 || q->owner == 0)
		return;
	if (setgroups(0, NULL) != 0 || setgid(q->group) != 0 || setuid(q->owner) != 0)
		_exit(EX_NOPERM);
}

static void share_memory(struct spooler *s)
{
	void *memory = mmap(NULL, sizeof *s->shared, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	s->shared = memory != MAP_FAILED ? memory : NULL;
}

static const char *home_of(const struct spooler *s)
{
	return s->context.home.len != 0 ? buf_str(&s->context.home) : NULL;
}

/* The drop folder lies in the system's queue, whatever the config calls its own. */
static void find_drop(struct spooler *s)
{
	struct strings folders = { 0 };
	struct status unsaid;
	char *system = own_folder(FOLDER_QUEUE, true, NULL);
	queue_folders(&s->context.config, home_of(s), &folders);
	for (size_t i = 0; i < folders.count && s->drop.fd < 0; i++) {
		if (strcmp(folders.at[i], system) != 0)
			continue;
		if (queue_open(&s->drop, system, true, &unsaid) != 0) {
			queue_release(&s->drop);
			break;
		}
	}
	strings_release(&folders);
	free(system);
}

/* As who the first queue belongs to. */
static void lower_rights(struct spooler *s)
{
	struct buf folder = { 0 };
	struct queue q;
	struct status unsaid;
	queue_folder(&s->context.config, &s->context.config.defaults, home_of(s), &folder);
	if (queue_open(&q, buf_str(&folder), true, &unsaid) == 0)
		become_owner(&q);
	queue_release(&q);
	buf_release(&folder);
}

/* One line, where callers are trusted more than they need to be. */
static void log_reach(struct spooler *s)
{
	enum sandbox_reach reach = SANDBOX_NONE;
	struct status st;
	pid_t pid = process_fork();
	if (pid == 0)
		_exit(spooler_box_enter(&s->context, &reach, &st) == 0 ? (int)reach
								       : SANDBOX_NONE);
	int found = pid > 0 ? process_wait(pid) : SANDBOX_NONE;
	if (found == SANDBOX_FULL)
		return;
	status_set(&st, STATUS_SYSTEM,
		   "the kernel has no Landlock that keeps the service's children %s",
		   found == SANDBOX_FILES ? "from the network" : "to the queue");
	queue_log_trouble(&s->context, &st);
}

/* ---- children ---- */

/* In a child, or in a child of one: told by drop_import. */
static int confine(void *context, struct status *st)
{
	const struct spooler *s = context;
	enum sandbox_reach reach;
	return spooler_box_enter(&s->context, &reach, st);
}

static void log_import(void *context, const struct spool *spool, const struct status *st)
{
	const struct spooler *s = context;
	spooler_log(&s->context, spool, st);
}

static void log_aside(void *context, const struct status *st)
{
	const struct spooler *s = context;
	queue_log_trouble(&s->context, st);
}

static void import(struct spooler *s, bool again)
{
	const struct drop_import d = {
		.config = &s->context.config,
		.queue = &s->drop,
		.stop = &stop,
		.again = again,
		.confine = confine,
		.told = log_import,
		.aside = log_aside,
		.context = s,
	};
	drop_import(&d);
}

static bool has_drop(const struct spooler *s)
{
	struct stat facts;
	return s->drop.fd >= 0 && fstatat(s->drop.fd, QUEUE_DROP, &facts, 0) == 0;
}

static void look_into_drop(struct spooler *s)
{
	s->next_look = clock_in(SPOOLER_DROP_EVERY);
	if (!has_drop(s) || children_count(&s->children, CHILD_RUN) != 0)
		return;
	bool again = s->next_retry <= clock_now();
	pid_t pid = process_fork();
	if (pid == 0) {
		become_child(s);
		s->context.transcript.start = clock_now();
		import(s, again);
		_exit(EX_OK);
	}
	if (again && pid > 0)
		s->next_retry = clock_in(SPOOLER_RETRY_EVERY);
	if (pid > 0)
		children_add(&s->children, (struct child){ .pid = pid, .kind = CHILD_RUN });
}

static const char *reason_to_wait(const struct spooler *s, uid_t uid)
{
	if (children_count(&s->children, CHILD_SESSION) >= SPOOLER_IN_ALL)
		return "the service is busy: too many callers at once";
	if (children_of(&s->children, uid) >= SPOOLER_PER_USER)
		return "the service is busy: too many callers at once that are you";
	return NULL;
}

static void receive(struct spooler *s, int fd)
{
	uid_t uid;
	if (!spooler_peer(fd, &uid)) {
		close(fd);
		return;
	}
	const char *reason = reason_to_wait(s, uid);
	pid_t pid = reason == NULL ? process_fork() : -1;
	if (pid == 0) {
		become_child(s);
		spooler_visit(&s->context, fd, s->shared);
		_exit(EX_OK);
	}
	if (pid < 0) {
		spooler_turn_away(fd, reason != NULL ? reason : "the service is busy");
		return;
	}
	children_add(&s->children,
		     (struct child){ .pid = pid, .kind = CHILD_SESSION, .uid = uid });
	close(fd);
}

static void bury_children(struct spooler *s)
{
	struct child who;
	int code;
	while (children_bury(&s->children, &who, &code))
		continue;
}

/* ---- life ---- */

static void accept_all(struct spooler *s)
{
	const struct timespec breath = { .tv_nsec = BREATH * 1000000 };
	int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);
	while (fd >= 0) {
		bury_children(s);
		receive(s, fd);
		fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);
	}
	if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
		ppoll(NULL, 0, &breath, &s->normal);
}

static void work(struct spooler *s)
{
	while (!stop) {
		int64_t now = clock_now();
		if (s->next_look <= now)
			look_into_drop(s);
		int64_t ms = s->next_look > now ? s->next_look - now : 0;
		const struct timespec time = { .tv_sec = ms / 1000,
					       .tv_nsec = ms % 1000 * 1000000 };
		struct pollfd p = { .fd = s->fd, .events = POLLIN };
		if (ppoll(&p, 1, &time, &s->normal) > 0)
			accept_all(s);
		bury_children(s);
	}
}

static void end_in_order(struct spooler *s)
{
	const struct timespec moment = { .tv_nsec = 100 * 1000000 };
	int64_t deadline = clock_now() + LAST_WORDS;
	close(s->fd);
	while (s->children.count != 0 && clock_now() < deadline) {
		ppoll(NULL, 0, &moment, &s->normal);
		bury_children(s);
	}
}

static void live(struct spooler *s, pid_t parent)
{
	config_forget_secrets(&s->context.config);
	unsetenv("CREDENTIALS_DIRECTORY");
	/* Whatever the daemon has open besides is none of ours. */
	process_close_others(s->fd);
	catch_signals(s);
	lower_rights(s);
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		return;
	fcntl(s->fd, F_SETFL, fcntl(s->fd, F_GETFL) | O_NONBLOCK);
	share_memory(s);
	spooler_box_prepare(&s->context);
	log_reach(s);
	find_drop(s);
	s->next_look = clock_now();
	work(s);
	end_in_order(s);
}

pid_t spooler_start(const struct context *c, int fd)
{
	pid_t parent = getpid();
	pid_t pid = process_fork();
	if (pid != 0)
		return pid;
	struct spooler s = { .context = *c, .fd = fd, .drop = { .fd = -1 } };
	live(&s, parent);
	_exit(EX_OK);
}
