/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * context - what every front door that needs the config begins with
 */
#ifndef CMD_CONTEXT_H
#define CMD_CONTEXT_H

#include "base/buf.h"
#include "base/status.h"
#include "cmd/transcript.h"
#include "config/cmdline.h"
#include "config/config.h"

#include <stdbool.h>

struct context {
	struct buf home;
	struct config config;
	struct transcript transcript;
	bool away; /* the config cannot be read, the service does the work: hand_over_fits */
};

/* Load the config that R asks for, and see to it that no core file shows what is in it. Release
 * C in any case. */
int context_init(struct context *c, const struct request *r, struct status *st);
void context_release(struct context *c);

#endif
