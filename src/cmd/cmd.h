/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cmd - the front doors: each takes a request and returns the program's exit code
 *
 * Printing and exit codes live in this folder and nowhere below it.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "config/cmdline.h"

int cmd_send(const struct request *r);
int cmd_verify(const struct request *r);
int cmd_check(const struct request *r);
int cmd_show_config(const struct request *r);
int cmd_help(const struct request *r);
int cmd_version(const struct request *r);
int cmd_aliases(const struct request *r);
int cmd_which(const struct request *r);
int cmd_list(const struct request *r);
int cmd_flush(const struct request *r);
int cmd_show_message(const struct request *r);
int cmd_hold(const struct request *r);
int cmd_release(const struct request *r);
int cmd_remove(const struct request *r);
int cmd_serve(const struct request *r);
int cmd_daemon(const struct request *r);
int cmd_oauth_login(const struct request *r);

#endif
