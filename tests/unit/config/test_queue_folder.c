/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/queue_folder.h"

#include "base/mem.h"
#include "config/options.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
	struct scratch scratch;
	struct config config;
};

static int set_up(void **state)
{
	struct fixture *f = mem_zero(1, sizeof *f);
	scratch_open(&f->scratch);
	unsetenv("XDG_STATE_HOME");
	unsetenv("XDG_CONFIG_HOME");
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	config_release(&f->config);
	scratch_close(&f->scratch);
	free(f);
	return 0;
}

static void load(struct fixture *f, const char *text)
{
	struct status st;
	const char *file = scratch_write(&f->scratch, "x.ini", 0600, text);
	config_release(&f->config);
	if (config_load(&f->config, file, "/home/u", NULL, 0, &st) != 0)
		fail_msg("%s", st.text);
}

/* The folders of the defaults and of the accounts "a" and "b", or all, once, are EXPECTED. */
static void expect(struct fixture *f, const char *home, const char *const expected[3])
{
	const struct account *const accounts[] = {
		&f->config.defaults,
		config_find(&f->config, "a"),
		config_find(&f->config, "b"),
	};
	for (size_t i = 0; i < 3; i++) {
		struct buf folder = { 0 };
		queue_folder(&f->config, accounts[i], home, &folder);
		assert_string_equal(buf_str(&folder), expected[i]);
		buf_release(&folder);
	}
}

static void expect_all(struct fixture *f, const char *home, const char *expected)
{
	struct strings all = { 0 };
	struct buf line = { 0 };
	queue_folders(&f->config, home, &all);
	for (size_t i = 0; i < all.count; i++)
		buf_addf(&line, "%s%s", i != 0 ? " " : "", all.at[i]);
	assert_string_equal(buf_str(&line), expected);
	strings_release(&all);
	buf_release(&line);
}

#define MINE    "/home/u/.local/state/postrider/queue"
#define SECTION "[account a]\nhost = h\n[account b]\nhost = h\n"

static void keys_name_folders(void **state)
{
	static const struct {
		const char *text;
		const char *expected[3];
		const char *all;
	} cases[] = {
		{ SECTION, { MINE, MINE, MINE }, MINE },
		{ "queue-dir = /q\n" SECTION, { "/q", "/q", "/q" }, "/q" },
		{ SECTION "queue-dir = ~/q/\n",
		  { MINE, MINE, "/home/u/q" },
		  MINE " /home/u/q" },
		{ "queue-dir = /q//\n" SECTION "queue-dir = /q\n", { "/q", "/q", "/q" }, "/q" },
		{ "queue-dir = /q\n" SECTION "queue-dir =\n",
		  { "/q", "/q", MINE },
		  "/q " MINE },
		{ "queue-dir = /\n" SECTION, { "/", "/", "/" }, "/" },
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		load(f, cases[i].text);
		expect(f, "/home/u", cases[i].expected);
		expect_all(f, "/home/u", cases[i].all);
	}
}

static void the_environment_counts(void **state)
{
	struct fixture *f = *state;
	static const char *const moved[] = { "/s/postrider/queue", "/s/postrider/queue", "/q" };
	load(f, SECTION "queue-dir = /q\n");
	setenv("XDG_STATE_HOME", "/s", 1);
	expect(f, NULL, moved);
	expect_all(f, NULL, "/s/postrider/queue /q");
}

static void without_a_home_there_is_no_place(void **state)
{
	struct fixture *f = *state;
	static const char *const none[] = { "", "", "/q" };
	load(f, SECTION "queue-dir = /q\n");
	expect(f, NULL, none);
	expect_all(f, NULL, "/q");
}

static void the_systems_file_has_the_systems_queue(void **state)
{
	struct fixture *f = *state;
	struct buf folder = { 0 };
	load(f, SECTION "queue-dir = /q\n");
	f->config.source = CONFIG_SYSTEM;
	queue_folder(&f->config, &f->config.defaults, "/home/u", &folder);
	assert_non_null(strstr(buf_str(&folder), "/spool/postrider"));
	buf_reset(&folder);
	queue_folder(&f->config, config_find(&f->config, "b"), "/home/u", &folder);
	assert_string_equal(buf_str(&folder), "/q");
	buf_release(&folder);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(keys_name_folders),
		CASE(the_environment_counts),
		CASE(without_a_home_there_is_no_place),
		CASE(the_systems_file_has_the_systems_queue),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
