/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/spooler_box.h"

#include "base/file.h"
#include "base/mem.h"
#include "config/queue_folder.h"
#include "queue/queue_folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ALIASES_MAX = 1 << 20 };

static const char *const readable[] = {
	"/etc/ld.so.cache",
	"/etc/localtime",
	"/etc/mailname",
	"/lib",
	"/lib64",
	"/usr/lib",
	"/usr/lib64",
	"/usr/local/lib",
	"/usr/share/zoneinfo",
};

/* Paths, the first WRITTEN of which may be written to. */
struct box {
	struct strings paths;
	size_t written;
};

static const char *home_of(const struct context *c)
{
	return c->home.len != 0 ? buf_str(&c->home) : NULL;
}

static void add_log(const struct account *a, struct strings *out)
{
	if (a->log != NULL && a->log[0] == '/')
		strings_add(out, a->log);
}

static void find_written(const struct context *c, struct strings *out)
{
	const struct config *config = &c->config;
	queue_folders(config, home_of(c), out);
	add_log(&config->defaults, out);
	for (size_t i = 0; i < config->count; i++)
		add_log(&config->accounts[i], out);
}

/* The files that an aliases file includes, from its text: the administrator wrote it. */
static void find_included(const char *aliases, struct strings *out)
{
	static const char mark[] = ":include:";
	struct buf text = { 0 };
	struct stat facts;
	struct status unsaid;
	if (file_read_all(aliases, ALIASES_MAX, &text, &facts, &unsaid) == 0) {
		for (const char *at = strstr(buf_str(&text), mark); at != NULL;
		     at = strstr(at, mark)) {
			at += sizeof mark - 1;
			at += strspn(at, " \t");
			strings_add_slice(out, slice_n(at, strcspn(at, " \t\r\n,\"")));
		}
	}
	buf_release(&text);
}

static void find_aliases(const struct account *a, struct strings *out)
{
	for (size_t i = 0; i < a->aliases.count; i++) {
		strings_add(out, a->aliases.at[i]);
		find_included(a->aliases.at[i], out);
	}
}

static void find_paths(const struct context *c, struct box *box)
{
	find_written(c, &box->paths);
	box->written = box->paths.count;
	for (size_t i = 0; i < sizeof readable / sizeof readable[0]; i++)
		strings_add(&box->paths, readable[i]);
	for (size_t i = 0; i < c->config.count; i++)
		find_aliases(&c->config.accounts[i], &box->paths);
}

static void make_queue(const char *path)
{
	struct queue q;
	struct status unsaid;
	if (queue_open(&q, path, true, &unsaid) == 0)
		queue_make_folders(&q, &unsaid);
	queue_release(&q);
}

static void make_log(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
		      S_IRUSR | S_IWUSR);
	if (fd >= 0)
		close(fd);
}

void spooler_box_prepare(const struct context *c)
{
	struct strings queues = { 0 }, logs = { 0 };
	queue_folders(&c->config, home_of(c), &queues);
	find_written(c, &logs);
	for (size_t i = 0; i < logs.count; i++) {
		if (i < queues.count)
			make_queue(logs.at[i]);
		else
			make_log(logs.at[i]);
	}
	strings_release(&queues);
	strings_release(&logs);
}

int spooler_box_enter(const struct context *c, enum sandbox_reach *reach, struct status *st)
{
	struct box box = { 0 };
	find_paths(c, &box);
	struct sandbox_rule *rules = mem_zero(box.paths.count + 1, sizeof *rules);
	for (size_t i = 0; i < box.paths.count; i++)
		rules[i] = (struct sandbox_rule){ box.paths.at[i], i < box.written };
	const struct sandbox sandbox = { .rules = rules, .count = box.paths.count };
	int result = sandbox_enter(&sandbox, reach, st);
	free(rules);
	strings_release(&box.paths);
	return result;
}
