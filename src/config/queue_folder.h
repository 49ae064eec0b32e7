/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_folder - where an account's messages wait
 */
#ifndef CONFIG_QUEUE_FOLDER_H
#define CONFIG_QUEUE_FOLDER_H

#include "config/config.h"

/*
 * Append the queue's folder of A, an account of C or its defaults: `queue-dir`, or the system's
 * queue if C is the system's file, or else the caller's own, which HOME is for. Nothing is
 * appended where there is no place for one. The folder need not exist, and no slash ends it.
 */
void queue_folder(const struct config *c, const struct account *a, const char *home,
		  struct buf *out);

/* Add each folder once: that of the defaults of C, and of all its accounts. */
void queue_folders(const struct config *c, const char *home, struct strings *out);

#endif
