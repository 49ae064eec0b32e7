/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/command.h"

#include "base/clock.h"
#include "scratch.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int run(const char *command, int64_t deadline, struct buf *out, struct status *st)
{
	*st = (struct status){ 0 };
	return command_output("the-key", command, deadline, out, st);
}

static void outcomes(void **state)
{
	static const struct {
		const char *command;
		const char *output; /* NULL: fails */
		const char *sentence;
	} cases[] = {
		{ "echo hush", "hush\n", NULL },
		{ "printf 'a\nb'", "a\nb", NULL },
		{ "true", "", NULL },
		{ "echo noise >&2; echo hush", "hush\n", NULL },
		{ "cat; echo end", "end\n", NULL },
		{ "exec >&-; exit 0", "", NULL },
		{ "exit 3", NULL, "the-key failed with exit status 3" },
		{ "echo hush; echo one >&2; echo no such entry >&2; exit 1", NULL,
		  "the-key failed with exit status 1: no such entry" },
		{ "printf 'a\\033[31mb' >&2; exit 1", NULL,
		  "the-key failed with exit status 1: a?[31mb" },
		{ "kill -9 $$", NULL, "the-key was killed by signal 9" },
		{ "head -c 100000 /dev/zero", NULL, "the-key prints more than 64 KiB" },
		{ "yes", NULL, "the-key prints more than 64 KiB" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out = { 0 };
		struct status st;
		int result = run(cases[i].command, clock_in(30), &out, &st);
		print_message("%s\n", cases[i].command);
		assert_int_equal(result, cases[i].output != NULL ? 0 : -1);
		if (result == 0) {
			assert_string_equal(buf_str(&out), cases[i].output);
		} else {
			assert_string_equal(st.text, cases[i].sentence);
			assert_int_equal(st.kind, STATUS_NOT_ALLOWED);
		}
		buf_release(&out);
	}
}

static void a_missing_program_is_named(void **state)
{
	struct buf out = { 0 };
	struct status st;
	(void)state;
	assert_int_equal(run("/no/such/program", clock_in(30), &out, &st), -1);
	assert_non_null(strstr(st.text, "exit status 127"));
	assert_non_null(strstr(st.text, "not found"));
	buf_release(&out);
}

/* The last line of much noise is short enough to be whole. */
static void only_the_end_of_the_noise_is_kept(void **state)
{
	struct buf out = { 0 };
	struct status st;
	(void)state;
	assert_int_equal(run("yes | head -c 200000 >&2; echo; echo last >&2; exit 1",
			     clock_in(30), &out, &st),
			 -1);
	assert_string_equal(st.text, "the-key failed with exit status 1: last");
	buf_release(&out);
}

static void it_ends_at_the_deadline(void **state)
{
	static const char *const commands[] = {
		"sleep 60",
		"sleep 60 & sleep 60; wait",
		"trap '' TERM; sleep 60; sleep 60",
		"exec >&- 2>&-; sleep 60",
	};
	(void)state;
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		struct buf out = { 0 };
		struct status st;
		int64_t start = clock_now();
		assert_int_equal(run(commands[i], start + 100, &out, &st), -1);
		assert_string_equal(st.text, "the-key did not end in time");
		assert_in_range(clock_now() - start, 100, 5000);
		buf_release(&out);
	}
}

static void a_deadline_in_the_past(void **state)
{
	struct buf out = { 0 };
	struct status st;
	(void)state;
	assert_int_equal(run("sleep 60", clock_now() - 1, &out, &st), -1);
	buf_release(&out);
}

/* What gpg-agent does: it stays, and holds the output open. */
static void what_stays_behind_is_not_waited_for(void **state)
{
	struct buf out = { 0 };
	struct status st;
	int64_t start = clock_now();
	pid_t left = 0;
	(void)state;
	assert_int_equal(run("echo hush; sleep 60 & echo $!", start + 30000, &out, &st), 0);
	assert_true(clock_now() - start < 10000);
	assert_int_equal(sscanf(buf_str(&out), "hush\n%d", &left), 1);
	assert_int_equal(kill(left, SIGKILL), 0);
	buf_release(&out);
}

static void it_gets_none_of_our_state(void **state)
{
	struct scratch s;
	struct buf out = { 0 }, command = { 0 };
	struct status st;
	(void)state;
	scratch_open(&s);
	int fd = open(scratch_write(&s, "x", 0600, "hush"), O_RDONLY | O_CLOEXEC);
	buf_addf(&command, "test ! -e /proc/self/fd/%d && (yes; echo $? >&2) | true; echo end",
		 fd);
	signal(SIGPIPE, SIG_IGN);
	/* With SIGPIPE ignored, yes would complain of a broken pipe. */
	assert_int_equal(run(buf_str(&command), clock_in(30), &out, &st), 0);
	assert_string_equal(buf_str(&out), "end\n");
	signal(SIGPIPE, SIG_DFL);
	close(fd);
	buf_release(&command);
	buf_release(&out);
	scratch_close(&s);
}

static void an_ignored_SIGCHLD_does_not_matter(void **state)
{
	struct buf out = { 0 };
	struct status st;
	(void)state;
	signal(SIGCHLD, SIG_IGN);
	assert_int_equal(run("echo hush", clock_in(30), &out, &st), 0);
	signal(SIGCHLD, SIG_DFL);
	assert_string_equal(buf_str(&out), "hush\n");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outcomes),
		cmocka_unit_test(a_missing_program_is_named),
		cmocka_unit_test(only_the_end_of_the_noise_is_kept),
		cmocka_unit_test(it_ends_at_the_deadline),
		cmocka_unit_test(a_deadline_in_the_past),
		cmocka_unit_test(what_stays_behind_is_not_waited_for),
		cmocka_unit_test(it_gets_none_of_our_state),
		cmocka_unit_test(an_ignored_SIGCHLD_does_not_matter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
