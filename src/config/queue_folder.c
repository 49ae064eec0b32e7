/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/queue_folder.h"

#include "config/own_folder.h"

#include <stdlib.h>
#include <string.h>

void queue_folder(const struct config *c, const struct account *a, const char *home,
		  struct buf *out)
{
	char *usual = own_folder(FOLDER_QUEUE, c->source == CONFIG_SYSTEM, home);
	const char *chosen = a->queue_dir != NULL ? a->queue_dir : usual;
	struct slice path = chosen != NULL ? slice_of(chosen) : (struct slice){ 0 };
	while (path.len > 1 && path.data[path.len - 1] == '/')
		path = slice_cut(path, 0, path.len - 1);
	buf_add_slice(out, path);
	free(usual);
}

static void add_folder(const struct config *c, const struct account *a, const char *home,
		       struct strings *out)
{
	struct buf folder = { 0 };
	queue_folder(c, a, home, &folder);
	bool known = folder.len == 0;
	for (size_t i = 0; !known && i < out->count; i++)
		known = strcmp(out->at[i], buf_str(&folder)) == 0;
	if (!known)
		strings_add(out, buf_str(&folder));
	buf_release(&folder);
}

void queue_folders(const struct config *c, const char *home, struct strings *out)
{
	add_folder(c, &c->defaults, home, out);
	for (size_t i = 0; i < c->count; i++)
		add_folder(c, &c->accounts[i], home, out);
}
