/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum {
	FIRST_PASSED = 3, /* by the protocol */
	PASSED_MAX = 1024,
	PATIENCE_S = 1,
	US_IN_MS = 1000,
};

/* TEXT is a decimal number from 0 to MAX, and nothing else. */
static bool read_number(const char *text, int64_t max, int64_t *number)
{
	*number = 0;
	for (const char *c = text; *c != '\0'; c++) {
		if (*c < '0' || *c > '9' || *number > (max - (*c - '0')) / 10)
			return false;
		*number = *number * 10 + (*c - '0');
	}
	return text[0] != '\0';
}

/* The variable NAME holds the number of this process. */
static bool is_for_us(const char *name)
{
	int64_t pid;
	const char *text = getenv(name);
	return text != NULL && read_number(text, INT32_MAX, &pid) && pid == getpid();
}

/* An absolute path, or a name without one that begins with '@' for NUL. */
static bool read_address(struct supervisor *s, const char *text)
{
	size_t len = strlen(text);
	if ((text[0] != '/' && text[0] != '@') || len < 2 || len >= sizeof s->address.sun_path)
		return false;
	s->address.sun_family = AF_UNIX;
	memcpy(s->address.sun_path, text, len);
	s->address_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	if (text[0] == '@')
		s->address.sun_path[0] = '\0';
	else
		s->address_len++;
	return true;
}

static void open_socket(struct supervisor *s)
{
	struct timeval patience = { .tv_sec = PATIENCE_S };
	s->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s->fd >= 0)
		setsockopt(s->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

/* Half of what the supervisor waits for, as sd_watchdog_enabled(3) advises. */
static int64_t watch_interval(void)
{
	int64_t us;
	const char *text = getenv("WATCHDOG_USEC");
	if (text == NULL || !read_number(text, INT64_MAX, &us) || us == 0)
		return 0;
	if (getenv("WATCHDOG_PID") != NULL && !is_for_us("WATCHDOG_PID"))
		return 0;
	return us < 2 * US_IN_MS ? 1 : us / (2 * US_IN_MS);
}

void supervisor_open(struct supervisor *s)
{
	*s = (struct supervisor){ .fd = -1 };
	const char *address = getenv("NOTIFY_SOCKET");
	if (address != NULL && read_address(s, address))
		open_socket(s);
	if (s->fd >= 0)
		s->watch_ms = watch_interval();
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

void supervisor_close(struct supervisor *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static void send_text(const struct supervisor *s, struct slice text)
{
	ssize_t sent;
	if (s->fd < 0)
		return;
	do {
		sent = sendto(s->fd, text.data, text.len, MSG_NOSIGNAL,
			      (const struct sockaddr *)&s->address, s->address_len);
	} while (sent < 0 && errno == EINTR);
}

static int64_t monotonic_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void supervisor_tell(const struct supervisor *s, enum supervisor_news news)
{
	static const char *const words[] = {
		[NEWS_READY] = "READY=1",
		[NEWS_RELOADING] = "RELOADING=1",
		[NEWS_STOPPING] = "STOPPING=1",
		[NEWS_ALIVE] = "WATCHDOG=1",
	};
	struct buf text = { 0 };
	buf_add_str(&text, words[news]);
	if (news == NEWS_RELOADING)
		buf_addf(&text, "\nMONOTONIC_USEC=%lld", (long long)monotonic_us());
	send_text(s, buf_slice(&text));
	buf_release(&text);
}

void supervisor_status(const struct supervisor *s, const char *text)
{
	enum { LIMIT = 512 };
	struct buf line = { 0 };
	buf_add_str(&line, "STATUS=");
	text_printable(&line, slice_of(text), LIMIT);
	send_text(s, buf_slice(&line));
	buf_release(&line);
}

static int count_sockets(size_t *count, struct status *st)
{
	int64_t number = 0;
	const char *text = getenv("LISTEN_FDS");
	if (!is_for_us("LISTEN_PID") || text == NULL)
		return 0;
	if (!read_number(text, PASSED_MAX, &number))
		return status_set(st, STATUS_BAD_CONFIG,
				  "cannot take over sockets: LISTEN_FDS is '%s'", text);
	*count = (size_t)number;
	return 0;
}

/* Closed when another program is started. */
static int keep_to_ourselves(const struct passed_sockets *p, struct status *st)
{
	for (size_t i = 0; i < p->count; i++) {
		int fd = p->first + (int)i;
		int flags = fcntl(fd, F_GETFD);
		if (flags < 0 || fcntl(fd, F_SETFD, flags | FD_CLOEXEC) != 0)
			return status_sys(st, STATUS_BAD_CONFIG, errno,
					  "cannot take over socket %d", fd);
	}
	return 0;
}

static int read_names(struct passed_sockets *p, struct status *st)
{
	const char *text = getenv("LISTEN_FDNAMES");
	struct slice rest = slice_of(text != NULL ? text : ""), name;
	while (text == NULL && p->names.count < p->count)
		strings_add(&p->names, "unknown");
	while (text != NULL && slice_next(&rest, ':', &name))
		strings_add_slice(&p->names, name);
	if (p->names.count != p->count)
		return status_set(st, STATUS_BAD_CONFIG,
				  "cannot take over sockets: %zu of them have %zu names",
				  p->count, p->names.count);
	return 0;
}

static int find_sockets(struct passed_sockets *p, struct status *st)
{
	if (count_sockets(&p->count, st) != 0)
		return -1;
	if (p->count == 0)
		return 0;
	return keep_to_ourselves(p, st) != 0 || read_names(p, st) != 0 ? -1 : 0;
}

int supervisor_sockets(struct passed_sockets *p, struct status *st)
{
	*p = (struct passed_sockets){ .first = FIRST_PASSED };
	int result = find_sockets(p, st);
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return result;
}

void passed_sockets_release(struct passed_sockets *p)
{
	strings_release(&p->names);
	p->count = 0;
}
