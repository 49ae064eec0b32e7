/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/cache_folder.h"

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
	const char *user; /* the folder that goes with the user's file */
} cases[] = {
	{ NULL, "/home/u", "/home/u/.cache/postrider" },
	{ "/x/cache", "/home/u", "/x/cache/postrider" },
	{ "/x/cache", NULL, "/x/cache/postrider" },
	{ "relative", "/home/u", "/home/u/.cache/postrider" },
	{ "", "/home/u", "/home/u/.cache/postrider" },
	{ "relative", NULL, NULL },
	{ NULL, NULL, NULL },
	{ NULL, "", NULL },
	{ NULL, "relative", NULL },
};

static void test_folders(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (cases[i].xdg != NULL)
			setenv("XDG_CACHE_HOME", cases[i].xdg, 1);
		else
			unsetenv("XDG_CACHE_HOME");
		char *user = cache_folder(false, cases[i].home);
		char *system = cache_folder(true, cases[i].home);
		if (cases[i].user == NULL)
			assert_null(user);
		else
			assert_string_equal(user, cases[i].user);
		assert_non_null(strstr(system, "/cache/postrider"));
		assert_null(strstr(system, "/home"));
		free(user);
		free(system);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_folders) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
