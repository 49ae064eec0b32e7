/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/supervisor.h"

#include "scratch.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static struct scratch world;
static struct buf address; /* for NOTIFY_SOCKET */
static int ear = -1;

static void set_number(const char *name, long number)
{
	char text[32];
	snprintf(text, sizeof text, "%ld", number);
	assert_int_equal(setenv(name, text, 1), 0);
}

/* Listen as a supervisor at TEXT; '@' stands for a NUL. */
static void listen_at(const char *text)
{
	struct sockaddr_un where = { .sun_family = AF_UNIX };
	size_t len = strlen(text);
	assert_true(len < sizeof where.sun_path);
	memcpy(where.sun_path, text, len);
	if (text[0] == '@')
		where.sun_path[0] = '\0';
	else
		len++;
	ear = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(ear, (struct sockaddr *)&where,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
			 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", text, 1), 0);
}

static int make_world(void **state)
{
	(void)state;
	scratch_open(&world);
	return 0;
}

static int release_world(void **state)
{
	(void)state;
	static const char *const names[] = {
		"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
		"LISTEN_PID",    "LISTEN_FDS",    "LISTEN_FDNAMES"
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unsetenv(names[i]);
	if (ear >= 0)
		close(ear);
	ear = -1;
	buf_release(&address);
	scratch_close(&world);
	return 0;
}

/* The next thing said; "" if nothing was. */
static const char *heard(void)
{
	static char text[1024];
	ssize_t n = recv(ear, text, sizeof text - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void tell_all(const struct supervisor *s)
{
	supervisor_tell(s, NEWS_READY);
	supervisor_tell(s, NEWS_ALIVE);
	supervisor_status(s, "3 waiting");
	supervisor_tell(s, NEWS_STOPPING);
}

static void assert_all_heard(void)
{
	assert_string_equal(heard(), "READY=1");
	assert_string_equal(heard(), "WATCHDOG=1");
	assert_string_equal(heard(), "STATUS=3 waiting");
	assert_string_equal(heard(), "STOPPING=1");
	assert_string_equal(heard(), "");
}

static void test_news_at_a_path(void **state)
{
	(void)state;
	struct supervisor s;
	listen_at(scratch_path(&world, "notify"));
	supervisor_open(&s);
	assert_null(getenv("NOTIFY_SOCKET"));
	assert_int_equal(s.watch_ms, 0);
	tell_all(&s);
	assert_all_heard();
	supervisor_close(&s);
	tell_all(&s);
	assert_string_equal(heard(), "");
	supervisor_close(&s);
}

static void test_news_at_a_name(void **state)
{
	(void)state;
	struct supervisor s;
	buf_addf(&address, "@postrider-unit-%ld", (long)getpid());
	listen_at(buf_str(&address));
	supervisor_open(&s);
	tell_all(&s);
	assert_all_heard();
	supervisor_close(&s);
}

static long long now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void test_reload_says_when(void **state)
{
	(void)state;
	static const char beginning[] = "RELOADING=1\nMONOTONIC_USEC=";
	struct supervisor s;
	listen_at(scratch_path(&world, "notify"));
	supervisor_open(&s);
	long long before = now_us();
	supervisor_tell(&s, NEWS_RELOADING);
	const char *said = heard();
	assert_memory_equal(said, beginning, strlen(beginning));
	long long when = atoll(said + strlen(beginning));
	assert_true(when >= before && when <= now_us());
	supervisor_close(&s);
}

static void test_status_is_one_line(void **state)
{
	(void)state;
	char large[2000];
	struct supervisor s;
	memset(large, 'x', sizeof large - 1);
	large[sizeof large - 1] = '\0';
	listen_at(scratch_path(&world, "notify"));
	supervisor_open(&s);
	supervisor_status(&s, "a\nREADY=1");
	assert_string_equal(heard(), "STATUS=a?READY=1");
	supervisor_status(&s, "");
	assert_string_equal(heard(), "STATUS=");
	supervisor_status(&s, large);
	assert_int_equal(strlen(heard()), strlen("STATUS=") + 512);
	supervisor_close(&s);
}

static void test_nobody_listens(void **state)
{
	(void)state;
	char large[200];
	memset(large, 'x', sizeof large - 1);
	large[0] = '/';
	large[sizeof large - 1] = '\0';
	const char *const places[] = { NULL,       "",
				       "/",        "@",
				       "relative", "vsock:2:1234",
				       large,      scratch_path(&world, "gone") };
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		struct supervisor s;
		if (places[i] != NULL)
			setenv("NOTIFY_SOCKET", places[i], 1);
		setenv("WATCHDOG_USEC", "1000000", 1);
		supervisor_open(&s);
		tell_all(&s);
		assert_int_equal(s.fd >= 0, i == sizeof places / sizeof *places - 1);
		assert_int_equal(s.watch_ms, s.fd >= 0 ? 500 : 0);
		assert_null(getenv("NOTIFY_SOCKET"));
		assert_null(getenv("WATCHDOG_USEC"));
		supervisor_close(&s);
	}
}

/* A supervisor that no longer reads must not stop us. */
static void test_a_full_socket_does_not_block(void **state)
{
	(void)state;
	struct supervisor s;
	listen_at(scratch_path(&world, "notify"));
	supervisor_open(&s);
	struct timeval at_once = { .tv_usec = 1000 };
	assert_int_equal(setsockopt(s.fd, SOL_SOCKET, SO_SNDTIMEO, &at_once, sizeof at_once),
			 0);
	for (int i = 0; i < 2000; i++)
		supervisor_tell(&s, NEWS_ALIVE);
	supervisor_close(&s);
}

static void test_patience_is_limited(void **state)
{
	(void)state;
	struct supervisor s;
	struct timeval patience = { 0 };
	socklen_t len = sizeof patience;
	listen_at(scratch_path(&world, "notify"));
	supervisor_open(&s);
	assert_int_equal(getsockopt(s.fd, SOL_SOCKET, SO_SNDTIMEO, &patience, &len), 0);
	assert_int_equal(patience.tv_sec, 1);
	assert_int_equal(fcntl(s.fd, F_GETFD), FD_CLOEXEC);
	supervisor_close(&s);
}

static const struct {
	const char *usec;
	const char *pid; /* NULL: not set; "own" */
	int64_t ms;
} watches[] = {
	{ "30000000", NULL, 15000 },
	{ "30000000", "own", 15000 },
	{ "30000000", "1", 0 },
	{ "30000000", "", 0 },
	{ "30000000", "own1", 0 },
	{ "1", NULL, 1 },
	{ "0", NULL, 0 },
	{ "", NULL, 0 },
	{ "-1", NULL, 0 },
	{ "10s", NULL, 0 },
	{ "9223372036854775807", NULL, 4611686018427387 },
	{ "9223372036854775808", NULL, 0 },
	{ "99999999999999999999", NULL, 0 },
};

static void test_watchdog(void **state)
{
	(void)state;
	listen_at(scratch_path(&world, "notify"));
	for (size_t i = 0; i < sizeof watches / sizeof *watches; i++) {
		struct supervisor s;
		setenv("NOTIFY_SOCKET", scratch_path(&world, "notify"), 1);
		setenv("WATCHDOG_USEC", watches[i].usec, 1);
		if (watches[i].pid != NULL && strcmp(watches[i].pid, "own") == 0)
			set_number("WATCHDOG_PID", getpid());
		else if (watches[i].pid != NULL)
			setenv("WATCHDOG_PID", watches[i].pid, 1);
		supervisor_open(&s);
		if (s.watch_ms != watches[i].ms)
			fail_msg("WATCHDOG_USEC=%s", watches[i].usec);
		assert_null(getenv("WATCHDOG_USEC"));
		assert_null(getenv("WATCHDOG_PID"));
		supervisor_close(&s);
	}
}

enum { OPEN_SOCKETS = 2 };

static const struct passing {
	const char *what;
	const char *pid; /* "own", or as it is */
	const char *fds;
	const char *names;
	int count; /* -1: refused */
	const char *first, *second;
} passings[] = {
	{ "none", NULL, NULL, NULL, 0, NULL, NULL },
	{ "one", "own", "1", NULL, 1, "unknown", NULL },
	{ "two with names", "own", "2", "submit:smtp", 2, "submit", "smtp" },
	{ "two with the same name", "own", "2", "a:a", 2, "a", "a" },
	{ "an empty name", "own", "2", "submit:", 2, "submit", "" },
	{ "one with an empty name", "own", "1", "", 1, "", NULL },
	{ "two without names", "own", "2", NULL, 2, "unknown", "unknown" },
	{ "not for us", "1", "2", "submit:smtp", 0, NULL, NULL },
	{ "for nobody", NULL, "2", "submit:smtp", 0, NULL, NULL },
	{ "for a strange process", "x", "2", NULL, 0, NULL, NULL },
	{ "no number given", "own", NULL, "submit:smtp", 0, NULL, NULL },
	{ "zero", "own", "0", NULL, 0, NULL, NULL },
	{ "zero with a name", "own", "0", "a", 0, NULL, NULL },
	{ "empty number", "own", "", NULL, -1, NULL, NULL },
	{ "negative", "own", "-1", NULL, -1, NULL, NULL },
	{ "no number", "own", "two", NULL, -1, NULL, NULL },
	{ "a blank", "own", " 1", NULL, -1, NULL, NULL },
	{ "far too many", "own", "99999999999999999999", NULL, -1, NULL, NULL },
	{ "more than there are", "own", "1024", NULL, -1, NULL, NULL },
	{ "too few names", "own", "2", "submit", -1, NULL, NULL },
	{ "too many names", "own", "1", "submit:smtp", -1, NULL, NULL },
};

static bool is_as_expected(const struct passing *c, const struct passed_sockets *p)
{
	const char *const names[OPEN_SOCKETS] = { c->first, c->second };
	if (p->first != 3 || p->count != (size_t)c->count || p->names.count != p->count)
		return false;
	for (int i = 0; i < c->count; i++) {
		if (strcmp(p->names.at[i], names[i]) != 0 ||
		    fcntl(p->first + i, F_GETFD) != FD_CLOEXEC)
			return false;
	}
	return true;
}

/* As a service that was started with two sockets. */
static bool takes_over(const struct passing *c)
{
	struct passed_sockets p;
	struct status st = { 0 };
	int one = socket(AF_UNIX, SOCK_STREAM, 0);
	for (int i = 0; i < OPEN_SOCKETS; i++)
		dup2(one, 3 + i);
	if (c->pid != NULL && strcmp(c->pid, "own") == 0)
		set_number("LISTEN_PID", getpid());
	else if (c->pid != NULL)
		setenv("LISTEN_PID", c->pid, 1);
	if (c->fds != NULL)
		setenv("LISTEN_FDS", c->fds, 1);
	if (c->names != NULL)
		setenv("LISTEN_FDNAMES", c->names, 1);
	int result = supervisor_sockets(&p, &st);
	bool right = c->count < 0 ? result == -1 && st.kind == STATUS_BAD_CONFIG
				  : result == 0 && is_as_expected(c, &p);
	passed_sockets_release(&p);
	return right && getenv("LISTEN_PID") == NULL && getenv("LISTEN_FDS") == NULL &&
	       getenv("LISTEN_FDNAMES") == NULL;
}

static void test_sockets(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof passings / sizeof *passings; i++) {
		int status = 0;
		pid_t child = fork();
		if (child == 0)
			_exit(takes_over(&passings[i]) ? 0 : 1);
		assert_int_equal(waitpid(child, &status, 0), child);
		if (status != 0)
			fail_msg("%s", passings[i].what);
	}
}

int main(void)
{
#define IN_A_FOLDER(f) cmocka_unit_test_setup_teardown(f, make_world, release_world)
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(test_news_at_a_path),
		IN_A_FOLDER(test_news_at_a_name),
		IN_A_FOLDER(test_reload_says_when),
		IN_A_FOLDER(test_status_is_one_line),
		IN_A_FOLDER(test_nobody_listens),
		IN_A_FOLDER(test_a_full_socket_does_not_block),
		IN_A_FOLDER(test_patience_is_limited),
		IN_A_FOLDER(test_watchdog),
		IN_A_FOLDER(test_sockets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
