/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * listeners - the sockets that a service waits on
 */
#ifndef CMD_LISTENERS_H
#define CMD_LISTENERS_H

#include "base/buf.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

enum listener_kind {
	LISTENER_SMTP,   /* speaks SMTP */
	LISTENER_SUBMIT, /* the unix socket of callers without credentials */
};

struct listener {
	int fd; /* owned */
	enum listener_kind kind;
};

/* Zero it before use. */
struct listeners {
	struct listener *at; /* owned */
	size_t count;
	size_t room;
};

void listeners_add(struct listeners *l, int fd, enum listener_kind kind);
void listeners_release(struct listeners *l);

/* The first descriptor of KIND, or -1. */
int listeners_find(const struct listeners *l, enum listener_kind kind);

/*
 * Listen for SMTP at each of TEXTS (config/listen.h). Errors: STATUS_BAD_USAGE, and
 * STATUS_SYSTEM for an address that cannot be had.
 */
int listeners_open(struct listeners *l, const struct strings *texts, struct status *st);

/*
 * Take the sockets that systemd or the like has passed on: those of the internet speak SMTP.
 * Errors: those of supervisor_sockets.
 */
int listeners_take_passed(struct listeners *l, struct status *st);

#endif
