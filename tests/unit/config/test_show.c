/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/config.h"

#include "base/file.h"
#include "config/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DATA "tests/data/config/"

static void assert_golden(const char *path, const struct buf *out)
{
	struct buf golden = { 0 };
	struct stat facts;
	struct status st = { 0 };
	assert_int_equal(file_read_all(path, 1 << 20, &golden, &facts, &st), 0);
	assert_string_equal(buf_str(out), buf_str(&golden));
	buf_release(&golden);
}

static void load(struct config *c)
{
	struct status st = { 0 };
	const struct override hello = { option_find("from-name"), (char[]){ "Alice \"A\"" } };
	setenv("POSTRIDER_TEST_PASSWORD", "hush", 1);
	int result = config_load(c, DATA "show.ini", NULL, &hello, 1, &st);
	assert_string_equal(st.text, "");
	assert_int_equal(result, 0);
}

static void as_text(void **state)
{
	struct config c;
	struct buf out = { 0 };
	(void)state;
	load(&c);
	config_show(&c, &out);
	assert_null(strstr(buf_str(&out), "hush"));
	assert_golden(DATA "show.txt", &out);
	buf_release(&out);
	config_release(&c);
}

static void as_json(void **state)
{
	struct config c;
	struct buf out = { 0 };
	(void)state;
	load(&c);
	config_show_json(&c, &out);
	buf_add_char(&out, '\n');
	assert_null(strstr(buf_str(&out), "hush"));
	assert_golden(DATA "show.json", &out);
	buf_release(&out);
	config_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_text),
		cmocka_unit_test(as_json),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
