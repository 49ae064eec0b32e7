/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/log.h"

#include "base/file.h"
#include "base/status.h"
#include "scratch.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void fill(struct log_entry *e, bool as_json)
{
	struct strings list = { 0 };
	log_begin(e, as_json);
	log_text(e, "plain", "a@example.com");
	log_text(e, "nothing", NULL);
	log_text(e, "empty", "");
	log_text(e, "blank", "two words");
	log_text(e, "quote", "say \"a\\b\"");
	log_text(e, "equal", "a=b");
	log_text(e, "hostile", "x\r\nforged=1\x1b[2J");
	log_text(e, "utf8", "gr\xc3\xbc\xc3\x9f");
	log_text(e, "broken", "\xff");
	log_number(e, "big", INT64_C(5000000000));
	log_number(e, "minus", -1);
	log_list(e, "none", &list);
	strings_add(&list, "one");
	log_list(e, "one", &list);
	strings_add(&list, "two \"x\"");
	log_list(e, "two", &list);
	strings_release(&list);
}

/* What the file at PATH holds is TEXT. */
static void assert_file(const char *path, const char *text)
{
	struct buf all = { 0 };
	struct stat facts;
	struct status st;
	assert_int_equal(file_read_all(path, 10000, &all, &facts, &st), 0);
	assert_string_equal(buf_str(&all), text);
	assert_int_equal(facts.st_mode & 0777, 0600);
	buf_release(&all);
}

static void text_has_one_line_an_entry(void **state)
{
	(void)state;
	struct scratch dir;
	scratch_open(&dir);
	const char *path = scratch_path(&dir, "log");
	struct log_entry e;
	fill(&e, false);
	log_end(&e, path, false);
	const char *line =
		"plain=a@example.com blank=\"two words\" quote=\"say \\\"a\\\\b\\\"\" "
		"equal=\"a=b\" hostile=\"x??forged=1?[2J\" utf8=gr\xc3\xbc\xc3\x9f broken=? "
		"big=5000000000 minus=-1 one=one two=\"one,two \\\"x\\\"\"\n";
	assert_file(path, line);
	struct buf twice = { 0 };
	buf_addf(&twice, "%sa=1\n", line);
	log_begin(&e, false);
	log_number(&e, "a", 1);
	log_end(&e, path, true);
	assert_file(path, buf_str(&twice));
	buf_release(&twice);
	scratch_close(&dir);
}

static void json_has_one_object_a_line(void **state)
{
	(void)state;
	struct scratch dir;
	scratch_open(&dir);
	const char *path = scratch_path(&dir, "log");
	struct log_entry e;
	fill(&e, true);
	log_end(&e, path, false);
	assert_file(path,
		    "{\"plain\":\"a@example.com\",\"blank\":\"two words\","
		    "\"quote\":\"say \\\"a\\\\b\\\"\",\"equal\":\"a=b\","
		    "\"hostile\":\"x\\r\\nforged=1\\u001b[2J\",\"utf8\":\"gr\xc3\xbc\xc3\x9f\","
		    "\"broken\":\"\xef\xbf\xbd\",\"big\":5000000000,\"minus\":-1,\"none\":[],"
		    "\"one\":[\"one\"],\"two\":[\"one\",\"two \\\"x\\\"\"]}\n");
	scratch_close(&dir);
}

static void a_long_value_is_whole(void **state)
{
	(void)state;
	struct log_entry e;
	struct buf value = { 0 };
	for (int i = 0; i < 5000; i++)
		buf_add_str(&value, "\xc3\xbc");
	log_begin(&e, false);
	log_text(&e, "v", buf_str(&value));
	assert_int_equal(e.line.len, 2 + value.len);
	log_end(&e, "none", false);
	assert_null(e.line.data);
	buf_release(&value);
}

/* A log that can't be written is no failure and no noise, and holds nobody up. */
static void no_log_is_no_failure(void **state)
{
	(void)state;
	struct scratch dir;
	scratch_open(&dir);
	const char *pipe_path = scratch_path(&dir, "fifo");
	assert_int_equal(mkfifo(pipe_path, 0600), 0);
	const char *const sinks[] = { "none",     "syslog",  "/proc/none/folder/log",
				      dir.folder, pipe_path, "" };
	for (size_t i = 0; i < sizeof sinks / sizeof *sinks; i++) {
		struct log_entry e;
		log_begin(&e, i % 2 == 0);
		log_text(&e, "key", "value");
		log_end(&e, sinks[i], true);
		assert_null(e.line.data);
	}
	scratch_close(&dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_has_one_line_an_entry),
		cmocka_unit_test(json_has_one_object_a_line),
		cmocka_unit_test(a_long_value_is_whole),
		cmocka_unit_test(no_log_is_no_failure),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
