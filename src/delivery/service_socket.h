/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * service_socket - where callers without credentials find the service
 *
 * One path, known when the program was built: what says where mail goes must not come from the
 * caller's environment, and the config he may not read.
 */
#ifndef DELIVERY_SERVICE_SOCKET_H
#define DELIVERY_SERVICE_SOCKET_H

#include "base/status.h"

#include <stdbool.h>

#ifndef RUNSTATEDIR
#	define RUNSTATEDIR "/run"
#endif
#define SERVICE_SOCKET RUNSTATEDIR "/postrider/submit"

/*
 * Listen there: *FD is the caller's, and no program that is started later gets it. The folder
 * is made if it is missing. What a service left there that does not live any more gives way.
 *
 * Errors: STATUS_BAD_CONFIG where another service listens; STATUS_SYSTEM.
 */
int service_socket_make(int *fd, struct status *st);

/* Is FD, which a supervisor passed, a socket of that kind? */
bool service_socket_is(int fd);

/*
 * Connect to the service: *FD is the caller's. Errors: STATUS_TEMPORARY with errno in `sys`:
 * ENOENT and ECONNREFUSED where there is none, EACCES where it is out of reach, EAGAIN where it
 * takes nobody for SECONDS.
 */
int service_socket_connect(int *fd, int seconds, struct status *st);

#endif
