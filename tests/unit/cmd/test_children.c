/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/children.h"

#include "base/process.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

/* One that ends with CODE; negative: that waits for a signal. */
static pid_t begin(struct children *c, enum child_kind kind, uid_t uid, int code)
{
	pid_t pid = process_fork();
	if (pid == 0 && code < 0)
		pause();
	if (pid == 0)
		_exit(code);
	children_add(c, (struct child){ .pid = pid, .kind = kind, .uid = uid });
	return pid;
}

static int bury(struct children *c, struct child *who)
{
	int code = -1000;
	for (size_t i = 0; i < 1000 && !children_bury(c, who, &code); i++)
		usleep(5 * 1000);
	return code;
}

static void counting(void **state)
{
	(void)state;
	struct children c = { 0 };
	assert_int_equal(children_count(&c, CHILD_RUN), 0);
	for (int i = 0; i < 50; i++)
		children_add(&c, (struct child){ .pid = 1000 + i,
						 .kind = i % 5 == 0 ? CHILD_RUN : CHILD_SESSION,
						 .uid = (uid_t)(i % 3) });
	assert_int_equal(children_count(&c, CHILD_RUN), 10);
	assert_int_equal(children_count(&c, CHILD_SESSION), 40);
	assert_int_equal(children_of(&c, 0) + children_of(&c, 1) + children_of(&c, 2), 40);
	assert_int_equal(children_of(&c, 1), 14);
	assert_int_equal(children_of(&c, 7), 0);
	children_release(&c);
	assert_int_equal(c.count, 0);
}

static void burying(void **state)
{
	(void)state;
	struct children c = { 0 };
	struct child who;
	int code;
	assert_false(children_bury(&c, &who, &code));
	pid_t waits = begin(&c, CHILD_RUN, 1, -1);
	pid_t ends = begin(&c, CHILD_SESSION, 2, 3);
	assert_int_equal(bury(&c, &who), 3);
	assert_true(who.pid == ends && who.kind == CHILD_SESSION && who.uid == 2);
	assert_int_equal(c.count, 1);
	assert_false(children_bury(&c, &who, &code));
	assert_int_equal(kill(waits, SIGKILL), 0);
	assert_int_equal(bury(&c, &who), -SIGKILL);
	assert_true(who.pid == waits && who.kind == CHILD_RUN);
	assert_int_equal(c.count, 0);
	children_release(&c);
}

/* One that nobody noted is buried all the same, and changes no count. */
static void a_strangers_end(void **state)
{
	(void)state;
	struct children c = { 0 };
	struct child who;
	children_add(&c, (struct child){ .pid = 1, .kind = CHILD_SESSION });
	pid_t pid = process_fork();
	if (pid == 0)
		_exit(5);
	assert_int_equal(bury(&c, &who), 5);
	assert_int_equal(who.pid, pid);
	assert_int_equal(children_count(&c, CHILD_SESSION), 1);
	children_release(&c);
}

static void stopping(void **state)
{
	(void)state;
	struct children c = { 0 };
	struct child who;
	for (size_t i = 0; i < 5; i++)
		begin(&c, i % 2 == 0 ? CHILD_RUN : CHILD_SESSION, 0, -1);
	children_stop(&c);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(bury(&c, &who), -SIGTERM);
	assert_int_equal(c.count, 0);
	children_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counting),
		cmocka_unit_test(burying),
		cmocka_unit_test(a_strangers_end),
		cmocka_unit_test(stopping),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
