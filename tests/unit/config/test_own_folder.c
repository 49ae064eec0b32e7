/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/own_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *xdg;
	const char *home;
	const char *cache, *queue; /* that go with the user's file */
} cases[] = {
	{ NULL, "/home/u", "/home/u/.cache/postrider", "/home/u/.local/state/postrider/queue" },
	{ "/x/y", "/home/u", "/x/y/postrider", "/x/y/postrider/queue" },
	{ "/x/y", NULL, "/x/y/postrider", "/x/y/postrider/queue" },
	{ "relative", "/home/u", "/home/u/.cache/postrider",
	  "/home/u/.local/state/postrider/queue" },
	{ "", "/home/u", "/home/u/.cache/postrider", "/home/u/.local/state/postrider/queue" },
	{ "relative", NULL, NULL, NULL },
	{ NULL, NULL, NULL, NULL },
	{ NULL, "", NULL, NULL },
	{ NULL, "relative", NULL, NULL },
};

static void set_or_unset(const char *name, const char *value)
{
	if (value != NULL)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

static void expect(enum own_folder which, const char *home, const char *expected)
{
	char *found = own_folder(which, false, home);
	if (expected == NULL)
		assert_null(found);
	else
		assert_string_equal(found, expected);
	free(found);
}

/* FOLDER_STATE is the folder that QUEUE is in. */
static void expect_above(const char *home, const char *queue)
{
	char *folder = queue != NULL ? strdup(queue) : NULL;
	if (folder != NULL)
		*strrchr(folder, '/') = '\0';
	expect(FOLDER_STATE, home, folder);
	free(folder);
}

static void the_users_folders(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		set_or_unset("XDG_CACHE_HOME", cases[i].xdg);
		set_or_unset("XDG_STATE_HOME", "/elsewhere");
		expect(FOLDER_CACHE, cases[i].home, cases[i].cache);
		set_or_unset("XDG_CACHE_HOME", "/elsewhere");
		set_or_unset("XDG_STATE_HOME", cases[i].xdg);
		expect(FOLDER_QUEUE, cases[i].home, cases[i].queue);
		expect_above(cases[i].home, cases[i].queue);
	}
}

static void the_systems_folders(void **state)
{
	static const char *const ends[] = {
		[FOLDER_CACHE] = "/cache/postrider",
		[FOLDER_QUEUE] = "/spool/postrider",
		[FOLDER_STATE] = "/lib/postrider",
	};
	(void)state;
	setenv("XDG_CACHE_HOME", "/x/y", 1);
	setenv("XDG_STATE_HOME", "/x/y", 1);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		char *found = own_folder((enum own_folder)i, true, "/home/u");
		assert_non_null(strstr(found, ends[i]));
		assert_null(strstr(found, "/home"));
		assert_null(strstr(found, "/x/y"));
		free(found);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_users_folders),
		cmocka_unit_test(the_systems_folders),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
