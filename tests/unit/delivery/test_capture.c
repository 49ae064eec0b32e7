/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/capture.h"

#include "base/file.h"
#include "base/mem.h"
#include "scratch.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void fill(struct envelope *e, struct message *m, struct slice content)
{
	struct status st;
	*e = (struct envelope){ .sender = mem_copy("alice@example.com") };
	envelope_add(e, "bob@example.net");
	envelope_add(e, "gone@example.net");
	envelope_add(e, "carol@example.net");
	recipient_decide(&e->at[1], &(struct status){ .kind = STATUS_NO_USER });
	*m = (struct message){ 0 };
	store_init(&m->content);
	assert_int_equal(store_add(&m->content, content, &st), 0);
}

static void empty(struct envelope *e, struct message *m)
{
	envelope_release(e);
	store_release(&m->content);
}

/* How many files are in FOLDER of the maildir at PATH; the last one's bytes are appended to
 * TEXT. */
static size_t count_files(const char *path, const char *folder, struct buf *text)
{
	struct buf name = { 0 };
	struct status st;
	struct stat facts;
	size_t count = 0;
	buf_addf(&name, "%s/%s", path, folder);
	DIR *dir = opendir(buf_str(&name));
	assert_non_null(dir);
	for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
		if (entry->d_name[0] == '.')
			continue;
		buf_addf(&name, "/%s", entry->d_name);
		if (text != NULL)
			assert_int_equal(file_read_all(buf_str(&name), 10000000, text, &facts,
						       &st),
					 0);
		count++;
	}
	closedir(dir);
	buf_release(&name);
	return count;
}

#define TOP                                                                                    \
	"Return-Path: <alice@example.com>\nDelivered-To: bob@example.net\nDelivered-To: "      \
	"carol@example.net\n"

static void a_message_becomes_a_file(void **state)
{
	(void)state;
	struct scratch dir;
	struct envelope e;
	struct message m;
	struct buf text = { 0 };
	struct status st;
	scratch_open(&dir);
	fill(&e, &m, slice_of("Subject: x\r\n\r\n.dot\r\n\r\n"));
	assert_int_equal(capture("~/mail", dir.folder, &e, &m, NULL, &st), 0);
	const char *path = scratch_path(&dir, "mail");
	assert_int_equal(count_files(path, "new", &text), 1);
	assert_string_equal(buf_str(&text), TOP "Subject: x\n\n.dot\n\n");
	assert_int_equal(count_files(path, "tmp", NULL), 0);
	assert_int_equal(count_files(path, "cur", NULL), 0);
	assert_int_equal(e.at[0].kind, STATUS_OK);
	assert_int_equal(e.at[1].kind, STATUS_NO_USER);
	assert_int_equal(e.at[2].kind, STATUS_OK);
	assert_int_equal(envelope_undecided(&e), 0);
	empty(&e, &m);
	buf_release(&text);
	scratch_close(&dir);
}

static void each_message_has_a_name_of_its_own(void **state)
{
	(void)state;
	struct scratch dir;
	struct status st;
	scratch_open(&dir);
	const char *path = scratch_path(&dir, "m");
	for (size_t i = 0; i < 50; i++) {
		struct envelope e;
		struct message m;
		fill(&e, &m, slice_of("\r\n"));
		assert_int_equal(capture(path, NULL, &e, &m, NULL, &st), 0);
		empty(&e, &m);
	}
	assert_int_equal(count_files(path, "new", NULL), 50);
	scratch_close(&dir);
}

/* Larger than the store's memory, and CR LF at every place of a piece. */
static void a_large_message_is_whole(void **state)
{
	(void)state;
	struct scratch dir;
	struct envelope e;
	struct message m;
	struct status st;
	struct buf content = { 0 }, expected = { 0 }, text = { 0 };
	scratch_open(&dir);
	const char *path = scratch_path(&dir, "m");
	buf_add_str(&expected, TOP);
	for (int i = 0; i < 60000; i++) {
		buf_addf(&content, "%d\r\n", i * 7);
		buf_addf(&expected, "%d\n", i * 7);
	}
	fill(&e, &m, buf_slice(&content));
	assert_int_equal(capture(path, NULL, &e, &m, NULL, &st), 0);
	assert_int_equal(count_files(path, "new", &text), 1);
	assert_int_equal(text.len, expected.len);
	assert_memory_equal(buf_str(&text), buf_str(&expected), text.len);
	empty(&e, &m);
	buf_release(&content);
	buf_release(&expected);
	buf_release(&text);
	scratch_close(&dir);
}

static void what_cannot_be_stored_is_not_visible(void **state)
{
	(void)state;
	struct scratch dir;
	struct envelope e;
	struct message m;
	struct status st;
	scratch_open(&dir);
	scratch_write(&dir, "full/tmp", 0600, "a file where a folder should be");
	scratch_write(&dir, "file", 0600, "");
	const char *const paths[] = { "/proc/none/folder/m", scratch_path(&dir, "full"),
				      scratch_path(&dir, "file"), "/dev/null/m" };
	fill(&e, &m, slice_of("\r\n"));
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		assert_int_equal(capture(paths[i], NULL, &e, &m, NULL, &st), -1);
		assert_int_equal(st.kind, STATUS_DISK);
		assert_int_equal(envelope_undecided(&e), 2);
	}
	m.content.size += 5;
	const char *path = scratch_path(&dir, "m");
	assert_int_equal(capture(path, NULL, &e, &m, NULL, &st), -1);
	assert_int_equal(st.kind, STATUS_DISK);
	assert_int_equal(count_files(path, "new", NULL) + count_files(path, "tmp", NULL), 0);
	assert_int_equal(envelope_undecided(&e), 2);
	m.content.size -= 5;
	empty(&e, &m);
	scratch_close(&dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_becomes_a_file),
		cmocka_unit_test(each_message_has_a_name_of_its_own),
		cmocka_unit_test(a_large_message_is_whole),
		cmocka_unit_test(what_cannot_be_stored_is_not_visible),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
