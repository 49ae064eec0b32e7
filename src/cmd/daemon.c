/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * daemon - the long-lived process: it waits, and has children for everything else
 *
 * For queue runs when something is due, for each client that connects. It reads no mail and
 * speaks to no server, so nothing that comes in can end it.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "base/process.h"
#include "base/supervisor.h"
#include "cmd/children.h"
#include "cmd/cmd.h"
#include "cmd/confine.h"
#include "cmd/context.h"
#include "cmd/listeners.h"
#include "cmd/queue_run.h"
#include "cmd/say.h"
#include "cmd/smtp_service.h"
#include "cmd/spooler_keeper.h"
#include "config/queue_folder.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

enum {
	MOST_SESSIONS = 64,
	MOST_RUNS = 8,          /* one that a dead server holds up need not hold up others */
	BETWEEN_RUNS = 1000,    /* ms */
	AFTER_IDLE_RUN = 5000,  /* ms: what is due is in the hands of others */
	AFTER_FAILURE = 5000,   /* ms, twice as many each time: what made a run fail may last */
	LOOK_AGAIN = 60,        /* seconds between looks at the queue, unless -q says */
	BREATH = 200,           /* ms */
	LAST_WORDS = 60 * 1000, /* ms for children to end what they are at */
};

/* What a child of a run tells by its exit code. */
enum { RUN_TRIED, RUN_IDLE, RUN_FAILED };

static volatile sig_atomic_t reload;
static volatile bool stop;

struct daemon {
	const struct request *request; /* borrowed */
	struct context context;
	struct strings folders; /* of queues */
	struct listeners listeners;
	struct children children;
	struct supervisor supervisor;
	int *wakes;         /* owned: for each folder, a descriptor, or -1 */
	int64_t next_run;   /* clock_now() terms */
	int64_t not_before; /* the same: the earliest time for it */
	int64_t pause;      /* ms after a run that failed; 0: the last one did not */
	struct spooler_keeper spooler;
	bool is_first_run;
	bool is_woken;   /* since the last run began */
	sigset_t normal; /* signals as they were */
};

static void note_signal(int number)
{
	if (number == SIGHUP)
		reload = 1;
	if (number == SIGTERM || number == SIGINT)
		stop = true;
}

/* They arrive while we wait, and at no other time. */
static void catch_signals(struct daemon *d)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };
	const struct sigaction action = { .sa_handler = note_signal };
	sigset_t held;
	sigemptyset(&held);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		sigaddset(&held, numbers[i]);
		sigaction(numbers[i], &action, NULL);
	}
	sigprocmask(SIG_BLOCK, &held, &d->normal);
}

/* In a child: nothing of the service's is kept. */
static void become_child(struct daemon *d)
{
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_SETMASK, &d->normal, NULL);
	listeners_release(&d->listeners);
	supervisor_close(&d->supervisor);
}

static const char *home_of(const struct context *c)
{
	return c->home.len != 0 ? buf_str(&c->home) : NULL;
}

/* ---- queue runs ---- */

static int run_all(struct daemon *d)
{
	struct run_order order = { .rules.selection = &d->request->selection, .stop = &stop };
	bool tried = false, failed = false;
	for (size_t i = 0; i < d->folders.count && !stop; i++) {
		struct status st;
		struct runner_report report;
		order.folder = d->folders.at[i];
		bool fine = queue_run(&d->context, &order, &report, &st) == 0;
		if (!fine)
			queue_log_trouble(&d->context, &st);
		failed = failed || !fine;
		tried = tried || report.tried != 0;
	}
	if (failed)
		return RUN_FAILED;
	return tried ? RUN_TRIED : RUN_IDLE;
}

/* Once for each life of the service. */
static void confine(const struct daemon *d)
{
	struct status st;
	const char *why = confine_sender(&d->context, &d->folders);
	if (why == NULL || !d->is_first_run)
		return;
	status_set(&st, STATUS_SYSTEM, "the processes that send mail are not confined: %s",
		   why);
	queue_log_trouble(&d->context, &st);
}

static void start_run(struct daemon *d)
{
	int64_t now = clock_now();
	d->not_before = now + BETWEEN_RUNS;
	d->next_run = INT64_MAX;
	d->is_woken = false;
	if (children_count(&d->children, CHILD_RUN) >= MOST_RUNS)
		return;
	pid_t pid = process_fork();
	if (pid == 0) {
		become_child(d);
		confine(d);
		_exit(run_all(d));
	}
	d->is_first_run = false;
	if (pid > 0)
		children_add(&d->children, (struct child){ .pid = pid, .kind = CHILD_RUN });
	else
		d->next_run = now + AFTER_IDLE_RUN;
}

/* When to look at the queue again: when the first message is due, or after a while. */
static void plan_run(struct daemon *d)
{
	int64_t often = d->request->interval != 0 ? d->request->interval : LOOK_AGAIN;
	int64_t wait = often;
	for (size_t i = 0; i < d->folders.count; i++) {
		int64_t due = queue_next_due(&d->context, d->folders.at[i]), now = clock_wall();
		if (due < now + wait)
			wait = due < now ? 0 : due - now;
	}
	d->next_run = clock_now() + wait * 1000;
}

/* What a run could not do, for want of a disk or by its death, is due still. */
static int64_t pause_after_failure(const struct daemon *d)
{
	int64_t pause = d->pause != 0 ? 2 * d->pause : AFTER_FAILURE;
	return pause < LOOK_AGAIN * 1000 ? pause : LOOK_AGAIN * 1000;
}

static void plan_after(struct daemon *d, int code)
{
	int64_t now = clock_now();
	bool failed = code != RUN_TRIED && code != RUN_IDLE;
	plan_run(d);
	if (code == RUN_IDLE && d->next_run <= now)
		d->next_run = now + AFTER_IDLE_RUN;
	d->pause = failed ? pause_after_failure(d) : 0;
	if (failed && !d->is_woken && d->next_run < now + d->pause)
		d->next_run = now + d->pause;
}

static void bury_children(struct daemon *d)
{
	struct child who;
	int code;
	while (children_bury(&d->children, &who, &code)) {
		if (who.kind == CHILD_RUN)
			plan_after(d, code);
		spooler_buried(&d->spooler, who.pid);
	}
}

/* ---- sessions ---- */

static void serve(struct daemon *d, int fd)
{
	become_child(d);
	confine_sender(&d->context, &d->folders);
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	close(fd);
	_exit(smtp_serve(STDIN_FILENO, STDOUT_FILENO, d->request, &d->context, &stop));
}

static void turn_away(int fd)
{
	static const char busy[] = "421 4.3.2 Too many sessions, try again later\r\n";
	ssize_t unread = write(fd, busy, sizeof busy - 1);
	(void)unread;
	close(fd);
}

/* No descriptor is left for a client that waits: it would be asked for again at once. */
static void take_breath(const struct daemon *d, int why)
{
	const struct timespec breath = { .tv_nsec = BREATH * 1000000 };
	if (why == EMFILE || why == ENFILE || why == ENOMEM || why == ENOBUFS)
		ppoll(NULL, 0, &breath, &d->normal);
}

static void take_client(struct daemon *d, const struct listener *l)
{
	int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0) {
		take_breath(d, errno);
		return;
	}
	bury_children(d);
	if (children_count(&d->children, CHILD_SESSION) >= MOST_SESSIONS) {
		turn_away(fd);
		return;
	}
	pid_t pid = process_fork();
	if (pid == 0)
		serve(d, fd);
	if (pid > 0)
		children_add(&d->children, (struct child){ .pid = pid, .kind = CHILD_SESSION });
	close(fd);
}

/* ---- life ---- */

static void open_wakes(struct daemon *d)
{
	d->wakes = mem_zero(d->folders.count + 1, sizeof *d->wakes);
	for (size_t i = 0; i < d->folders.count; i++) {
		struct queue q;
		struct status unsaid;
		d->wakes[i] = queue_open(&q, d->folders.at[i], true, &unsaid) == 0
				      ? queue_listen(&q)
				      : -1;
		queue_release(&q);
	}
}

static void close_wakes(struct daemon *d)
{
	for (size_t i = 0; i < d->folders.count; i++) {
		if (d->wakes[i] >= 0)
			close(d->wakes[i]);
	}
	free(d->wakes);
	strings_release(&d->folders);
}

static void find_folders(struct daemon *d)
{
	queue_folders(&d->context.config, home_of(&d->context), &d->folders);
	open_wakes(d);
	d->next_run = clock_now();
	d->not_before = d->next_run;
}

/* A config with mistakes in it changes nothing. */
static void read_config_again(struct daemon *d)
{
	struct context fresh;
	struct status st;
	reload = 0;
	supervisor_tell(&d->supervisor, NEWS_RELOADING);
	if (context_init(&fresh, d->request, &st) == 0) {
		/* The rest of a context stays where it is. */
		struct config old = d->context.config;
		d->context.config = fresh.config;
		fresh.config = old;
		close_wakes(d);
		find_folders(d);
		spooler_replace(&d->spooler);
	} else {
		say_status(&st);
		queue_log_trouble(&d->context, &st);
	}
	context_release(&fresh);
	supervisor_tell(&d->supervisor, NEWS_READY);
}

static void drain(int fd)
{
	char hints[64];
	while (read(fd, hints, sizeof hints) > 0)
		continue;
}

/* In the order of wait_for_news. */
static void take_news(struct daemon *d, const struct pollfd *fds)
{
	for (size_t i = 0; i < d->listeners.count; i++) {
		if (fds[i].revents != 0)
			take_client(d, &d->listeners.at[i]);
	}
	fds += d->listeners.count;
	for (size_t i = 0; i < d->folders.count; i++) {
		if (fds[i].revents == 0)
			continue;
		drain(d->wakes[i]);
		d->is_woken = true;
		d->next_run = clock_now();
		if (d->pause == 0)
			d->not_before =
				clock_earlier(d->not_before, d->next_run + BETWEEN_RUNS / 20);
	}
}

static int64_t time_left(const struct daemon *d)
{
	int64_t now = clock_now();
	int64_t until = d->next_run > d->not_before ? d->next_run : d->not_before;
	if (d->next_run == INT64_MAX)
		until = now + LOOK_AGAIN * 1000;
	until = clock_earlier(until, spooler_wanted_at(&d->spooler, &d->listeners));
	if (d->supervisor.watch_ms != 0)
		until = clock_earlier(until, now + d->supervisor.watch_ms);
	return until > now ? until - now : 0;
}

/* Where callers without credentials connect, the spooler waits. */
static int polled(const struct listener *l)
{
	return l->kind == LISTENER_SMTP ? l->fd : -1;
}

static void wait_for_news(struct daemon *d)
{
	size_t count = d->listeners.count + d->folders.count;
	struct pollfd *fds = mem_zero(count + 1, sizeof *fds);
	int64_t ms = time_left(d);
	const struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	for (size_t i = 0; i < d->listeners.count; i++)
		fds[i] = (struct pollfd){ .fd = polled(&d->listeners.at[i]), .events = POLLIN };
	for (size_t i = 0; i < d->folders.count; i++)
		fds[d->listeners.count + i] =
			(struct pollfd){ .fd = d->wakes[i], .events = POLLIN };
	if (ppoll(fds, count, &time, &d->normal) > 0) {
		take_news(d, fds);
		/* What is always ready, an error say, would keep signals out for ever. */
		ppoll(NULL, 0, &(struct timespec){ 0 }, &d->normal);
	}
	free(fds);
}

static void work(struct daemon *d)
{
	while (!stop) {
		spooler_keep(&d->spooler, &d->context, &d->listeners, &d->children);
		wait_for_news(d);
		bury_children(d);
		if (reload)
			read_config_again(d);
		if (d->supervisor.watch_ms != 0)
			supervisor_tell(&d->supervisor, NEWS_ALIVE);
		int64_t now = clock_now();
		if (d->next_run == INT64_MAX && children_count(&d->children, CHILD_RUN) == 0)
			plan_run(d);
		if (!stop && d->next_run <= now && d->not_before <= now)
			start_run(d);
	}
}

/* What is being sent is sent to its end. */
static void end_in_order(struct daemon *d)
{
	int64_t deadline = clock_now() + LAST_WORDS;
	const struct timespec moment = { .tv_nsec = 100 * 1000000 };
	supervisor_tell(&d->supervisor, NEWS_STOPPING);
	listeners_release(&d->listeners);
	children_stop(&d->children);
	while (d->children.count != 0 && clock_now() < deadline) {
		ppoll(NULL, 0, &moment, &d->normal);
		bury_children(d);
	}
}

static bool is_detached(const struct request *r)
{
	return r->mode == MODE_DAEMON || r->mode == MODE_FLUSH;
}

static int open_sockets(struct daemon *d, struct status *st)
{
	const struct request *r = d->request;
	struct strings usual = { 0 };
	int result = listeners_take_passed(&d->listeners, st);
	bool wants_usual = r->mode == MODE_DAEMON && r->listen.count == 0;
	if (wants_usual)
		strings_add(&usual, ":25");
	if (result == 0)
		result = listeners_open(&d->listeners, wants_usual ? &usual : &r->listen, st);
	strings_release(&usual);
	if (result == 0 && r->mode == MODE_SERVICE)
		result = spooler_listen(&d->listeners, &d->context.config, st);
	return result;
}

/*
 * Where it is, it would keep a file system from being unmounted. But if the file of settings
 * has a name that counts from there, it could not be read again.
 */
static void leave_folder(const struct daemon *d)
{
	const char *file = d->request->config_file;
	if ((file == NULL || file[0] == '/') && chdir("/") != 0)
		return;
}

/* Returns the exit code. */
static int live(struct daemon *d)
{
	if (is_detached(d->request)) {
		pid_t pid = process_fork();
		if (pid != 0)
			return pid > 0 ? EX_OK : EX_OSERR;
		process_detach();
		leave_folder(d);
	}
	catch_signals(d);
	find_folders(d);
	supervisor_open(&d->supervisor);
	supervisor_tell(&d->supervisor, NEWS_READY);
	work(d);
	end_in_order(d);
	supervisor_close(&d->supervisor);
	close_wakes(d);
	return EX_OK;
}

int cmd_daemon(const struct request *r)
{
	struct daemon d = { .request = r, .is_first_run = true, .supervisor.fd = -1 };
	struct status st;
	int code = context_init(&d.context, r, &st) != 0 || open_sockets(&d, &st) != 0
			   ? say_status(&st)
			   : live(&d);
	listeners_release(&d.listeners);
	children_release(&d.children);
	context_release(&d.context);
	return code;
}
