/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/listeners.h"

#include "base/mem.h"
#include "base/supervisor.h"
#include "config/listen.h"
#include "delivery/service_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

void listeners_add(struct listeners *l, int fd, enum listener_kind kind)
{
	l->at = mem_grow(l->at, l->count, &l->room, sizeof *l->at);
	l->at[l->count++] = (struct listener){ .fd = fd, .kind = kind };
}

void listeners_release(struct listeners *l)
{
	for (size_t i = 0; i < l->count; i++)
		close(l->at[i].fd);
	free(l->at);
	*l = (struct listeners){ 0 };
}

/* A descriptor, or -1 with errno. */
static int open_socket(const struct sockaddr_ip *a)
{
	const int on = 1;
	int family = a->at.any.sa_family;
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	if (bind(fd, &a->at.any, a->len) == 0 && listen(fd, SOMAXCONN) == 0)
		return fd;
	int trouble = errno;
	close(fd);
	errno = trouble;
	return -1;
}

static int open_one(struct listeners *l, const char *text, struct status *st)
{
	struct listen where;
	size_t had = 0;
	int trouble = 0;
	if (listen_parse(text, &where, st) != 0)
		return -1;
	for (size_t i = 0; i < where.count; i++) {
		int fd = open_socket(&where.at[i]);
		if (fd < 0) {
			trouble = errno;
			continue;
		}
		listeners_add(l, fd, LISTENER_SMTP);
		had++;
	}
	if (had != 0)
		return 0;
	return status_sys(st, STATUS_SYSTEM, trouble, "cannot listen at '%s'", text);
}

int listeners_open(struct listeners *l, const struct strings *texts, struct status *st)
{
	for (size_t i = 0; i < texts->count; i++) {
		if (open_one(l, texts->at[i], st) != 0)
			return -1;
	}
	return 0;
}

int listeners_find(const struct listeners *l, enum listener_kind kind)
{
	for (size_t i = 0; i < l->count; i++) {
		if (l->at[i].kind == kind)
			return l->at[i].fd;
	}
	return -1;
}

int listeners_take_passed(struct listeners *l, struct status *st)
{
	struct passed_sockets passed = { 0 };
	int result = supervisor_sockets(&passed, st);
	for (size_t i = 0; result == 0 && i < passed.count; i++) {
		int fd = passed.first + (int)i;
		bool submit = service_socket_is(fd);
		listeners_add(l, fd, submit ? LISTENER_SUBMIT : LISTENER_SMTP);
	}
	passed_sockets_release(&passed);
	return result;
}
