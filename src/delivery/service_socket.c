/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/service_socket.h"

#include "base/clock.h"
#include "queue/queue_id.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	BACKLOG = 128,
	LOOK_SECONDS = 5, /* for a look whether another service lives */
	END_SECONDS = 2,  /* for one to end that was just killed */
	PAUSE_MS = 100,
	FOR_ALL = S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH,
	FOLDER_MODE = S_IRWXU | S_IRGRP | S_IXGRP | S_IROTH | S_IXOTH,
};

static const char folder[] = RUNSTATEDIR "/postrider";
static const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = SERVICE_SOCKET };

static int make_socket(int *fd, struct status *st)
{
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return *fd >= 0 ? 0 : status_sys(st, STATUS_SYSTEM, errno, "cannot make a socket");
}

static bool is_socket(struct stat *facts)
{
	return lstat(SERVICE_SOCKET, facts) == 0 && S_ISSOCK(facts->st_mode);
}

/* Is it the socket of a service that does not live any more? Then it is gone now. */
static bool remove_stale(void)
{
	int fd;
	struct stat before, now;
	struct status st = { 0 };
	if (!is_socket(&before))
		return false;
	if (service_socket_connect(&fd, LOOK_SECONDS, &st) == 0) {
		close(fd);
		return false;
	}
	return st.sys == ECONNREFUSED && is_socket(&now) && now.st_ino == before.st_ino &&
	       unlink(SERVICE_SOCKET) == 0;
}

/* What is left of a service that was killed may take a moment to end. */
static bool link_after_others(const char *path)
{
	int64_t deadline = clock_in(END_SECONDS);
	while (link(path, SERVICE_SOCKET) != 0) {
		if (errno != EEXIST)
			return false;
		if (remove_stale())
			continue;
		if (clock_now() >= deadline) {
			errno = EEXIST;
			return false;
		}
		poll(NULL, 0, PAUSE_MS);
	}
	return true;
}

/* Others' umasks do not count: everybody may connect. */
static bool listen_at(int fd, const struct sockaddr_un *name)
{
	return bind(fd, (const struct sockaddr *)name, sizeof *name) == 0 &&
	       chmod(name->sun_path, FOR_ALL) == 0 && listen(fd, BACKLOG) == 0;
}

/*
 * A socket that does not listen yet looks as dead as one whose service died. So it has another
 * name until it does, and nobody sees a living one that refuses.
 */
static bool make_and_name(int fd)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	snprintf(name.sun_path, sizeof name.sun_path, "%s.%s", SERVICE_SOCKET,
		 queue_id_new().text);
	bool done = listen_at(fd, &name) && link_after_others(name.sun_path);
	int why = errno;
	unlink(name.sun_path);
	errno = why;
	return done;
}

static int make_named(int fd, struct status *st)
{
	if (mkdir(folder, FOLDER_MODE) == 0 && chmod(folder, FOLDER_MODE) != 0)
		return status_sys(st, STATUS_SYSTEM, errno, "cannot make '%s'", folder);
	if (make_and_name(fd))
		return 0;
	if (errno == EEXIST)
		return status_set(st, STATUS_BAD_CONFIG, "another service listens on '%s'",
				  SERVICE_SOCKET);
	status_sys(st, STATUS_SYSTEM, errno, "cannot make '%s'", SERVICE_SOCKET);
	return status_hint(st, "the folder has to be the service's: see THE SERVICE in "
			       "postrider(1)");
}

int service_socket_make(int *fd, struct status *st)
{
	if (make_socket(fd, st) != 0)
		return -1;
	if (make_named(*fd, st) == 0)
		return 0;
	close(*fd);
	return -1;
}

static bool has_option(int fd, int option, int wanted)
{
	int value = 0;
	socklen_t len = sizeof value;
	return getsockopt(fd, SOL_SOCKET, option, &value, &len) == 0 && value == wanted;
}

bool service_socket_is(int fd)
{
	return has_option(fd, SO_DOMAIN, AF_UNIX) && has_option(fd, SO_TYPE, SOCK_STREAM) &&
	       has_option(fd, SO_ACCEPTCONN, 1);
}

/* A socket whose queue is full makes connect wait for as long as it may write. */
int service_socket_connect(int *fd, int seconds, struct status *st)
{
	const struct timeval patience = { .tv_sec = seconds };
	int result;
	if (make_socket(fd, st) != 0)
		return -1;
	setsockopt(*fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	do {
		result = connect(*fd, (const struct sockaddr *)&address, sizeof address);
	} while (result != 0 && errno == EINTR);
	if (result == 0)
		return 0;
	status_sys(st, STATUS_TEMPORARY, errno, "cannot reach the service at '%s'",
		   SERVICE_SOCKET);
	close(*fd);
	return -1;
}
