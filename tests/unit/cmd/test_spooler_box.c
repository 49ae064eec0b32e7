/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/spooler_box.h"

#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct world {
	struct scratch scratch;
	struct context context;
};

static void open_world(struct world *w)
{
	struct buf text = { 0 };
	struct status st;
	*w = (struct world){ 0 };
	scratch_open(&w->scratch);
	const char *folder = w->scratch.folder;
	scratch_write(&w->scratch, "list", 0600, "c@x.test\n");
	scratch_write(&w->scratch, "secret", 0600, "hush");
	buf_addf(&text, "ann: bob, :include:%s/list\n", folder);
	scratch_write(&w->scratch, "aliases", 0600, buf_str(&text));
	buf_reset(&text);
	buf_addf(&text, "host = h\nqueue-dir = %s/queue\naliases = %s/aliases\nlog = %s/log\n",
		 folder, folder, folder);
	const char *config = scratch_write(&w->scratch, "postrider.ini", 0600, buf_str(&text));
	if (config_load(&w->context.config, config, NULL, NULL, 0, &st) != 0)
		fail_msg("%s", st.text);
	buf_release(&text);
}

static void close_world(struct world *w)
{
	config_release(&w->context.config);
	scratch_close(&w->scratch);
}

static bool can_open(const struct world *w, const char *name, int flags)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s", w->scratch.folder, name);
	int fd = open(path, flags, 0600);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool can_connect(void)
{
	const struct sockaddr_storage nobody = { .ss_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	return fd >= 0 &&
	       (connect(fd, (const struct sockaddr *)&nobody, 16) == 0 || errno != EACCES);
}

/* In a child: the number of the first line that does not hold; 0: all do. */
static int look_around(struct world *w)
{
	static const struct {
		const char *name;
		int flags;
		bool can;
	} files[] = {
		{ "queue/q/new", O_WRONLY | O_CREAT, true },
		{ "queue/corrupt/new", O_WRONLY | O_CREAT, true },
		{ "log", O_WRONLY | O_APPEND | O_CREAT, true },
		{ "aliases", O_RDONLY, true },
		{ "list", O_RDONLY, true },
		{ "list", O_WRONLY, false },
		{ "postrider.ini", O_RDONLY, false },
		{ "secret", O_RDONLY, false },
		{ "new", O_WRONLY | O_CREAT, false },
		{ "../../etc/passwd", O_RDONLY, false },
	};
	enum sandbox_reach reach;
	struct status st;
	spooler_box_prepare(&w->context);
	if (spooler_box_enter(&w->context, &reach, &st) != 0)
		return 100;
	if (reach == SANDBOX_NONE)
		return 200;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		if (can_open(w, files[i].name, files[i].flags) != files[i].can)
			return (int)i + 1;
	}
	return reach == SANDBOX_FULL && can_connect() ? 50 : 0;
}

static void only_what_a_message_takes_can_be_reached(void **state)
{
	(void)state;
	struct world w;
	int how;
	open_world(&w);
	pid_t pid = fork();
	if (pid == 0)
		_exit(look_around(&w));
	assert_int_equal(waitpid(pid, &how, 0), pid);
	close_world(&w);
	assert_true(WIFEXITED(how));
	if (WEXITSTATUS(how) == 200)
		skip();
	assert_int_equal(WEXITSTATUS(how), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_a_message_takes_can_be_reached),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
