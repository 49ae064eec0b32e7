/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/drop_import.h"

#include "delivery/handoff.h"
#include "delivery/settings.h"
#include "queue/queue_case.h"
#include "queue/queue_take.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* Who owns what, and all that may lie in the folder, tests/e2e/test_drop.py tries. */

#define FIRST  "1K0V6GNVMGAD1YSPGMSSJGZM"
#define SECOND "1K0V6GPTP41J6HJ1MPY2TGKG"

struct world {
	struct queue_case *queue;
	struct config config;
	struct drop_import import;
	struct frames_writer stream; /* a message */
	bool stop;
	bool is_refused; /* no child may confine itself */
	size_t aside;
	int said; /* grows by an octet with each message that somebody is told of */
};

static int confine(void *context, struct status *st)
{
	const struct world *w = context;
	return w->is_refused ? status_set(st, STATUS_SYSTEM, "no") : 0;
}

static void told(void *context, const struct spool *s, const struct status *st)
{
	const struct world *w = context;
	(void)s;
	(void)st;
	if (write(w->said, "x", 1) != 1)
		abort();
}

static size_t count_said(const struct world *w)
{
	struct stat facts;
	assert_int_equal(fstat(w->said, &facts), 0);
	return (size_t)facts.st_size;
}

static void aside(void *context, const struct status *st)
{
	struct world *w = context;
	assert_non_null(strstr(st->text, "corrupt"));
	w->aside++;
}

static void open_world(struct world *w, void **state)
{
	struct request r = { .delivery = -1 };
	struct status st;
	*w = (struct world){ .queue = *state };
	settings_load(&w->config, "host = h\ndomain = y.test\naliases =\n");
	assert_int_equal(mkdirat(w->queue->queue.fd, QUEUE_DROP, 01733), 0);
	w->said = openat(w->queue->queue.fd, "said", O_WRONLY | O_CREAT | O_APPEND, 0600);
	assert_true(w->said >= 0);
	w->import = (struct drop_import){
		.config = &w->config,
		.queue = &w->queue->queue,
		.stop = &w->stop,
		.confine = confine,
		.told = told,
		.aside = aside,
		.context = w,
	};
	strings_add(&r.recipients, "a@x.test");
	assert_int_equal(handoff_encode_request(&r, &w->stream, &st), 0);
	frames_body(&w->stream, slice_of("Subject: x\n\nbody\n"));
	frames_end(&w->stream);
	strings_release(&r.recipients);
}

static void close_world(struct world *w)
{
	close(w->said);
	config_release(&w->config);
	buf_release(&w->stream.out);
}

static void put(struct world *w, const char *folder, const char *name)
{
	queue_case_write(queue_case_path(w->queue, folder, name), buf_slice(&w->stream.out));
}

/* How many files are in q/, drop/, import/ and corrupt/? */
static void assert_counts(struct world *w, size_t q, size_t drop, size_t import, size_t corrupt)
{
	assert_int_equal(queue_case_count(w->queue, QUEUE_MESSAGES), q);
	assert_int_equal(queue_case_count(w->queue, QUEUE_DROP), drop);
	assert_int_equal(queue_case_count(w->queue, QUEUE_IMPORTS), import);
	assert_int_equal(queue_case_count(w->queue, QUEUE_CORRUPT), corrupt);
	assert_int_equal(queue_case_count(w->queue, QUEUE_DRAFTS), 0);
}

static void files_become_messages(void **state)
{
	struct world w;
	struct queue_entry e;
	struct status st;
	open_world(&w, state);
	put(&w, QUEUE_DROP, FIRST);
	put(&w, QUEUE_DROP, SECOND);
	put(&w, QUEUE_DROP, "." FIRST);
	drop_import(&w.import);
	assert_counts(&w, 2, 1, 0, 0);
	assert_int_equal(queue_take(&w.queue->queue, FIRST, &e, &st), QUEUE_TAKEN);
	assert_int_equal(e.uid, getuid());
	assert_int_equal(e.origin, FROM_SERVICE);
	queue_entry_release(&e);
	drop_import(&w.import);
	assert_counts(&w, 2, 1, 0, 0);
	close_world(&w);
}

static void an_id_is_given_once(void **state)
{
	struct world w;
	open_world(&w, state);
	for (size_t again = 0; again < 3; again++) {
		put(&w, QUEUE_DROP, FIRST);
		drop_import(&w.import);
		assert_counts(&w, 1, 0, 0, again);
		assert_int_equal(w.aside, again);
	}
	close_world(&w);
}

/* A file in import/ is of an import before; one in drop/ of that name waits for its end. */
static void what_was_interrupted_is_finished(void **state)
{
	struct world w;
	open_world(&w, state);
	assert_int_equal(mkdirat(w.queue->queue.fd, QUEUE_IMPORTS, 0700), 0);
	put(&w, QUEUE_IMPORTS, FIRST);
	put(&w, QUEUE_DROP, FIRST);
	drop_import(&w.import);
	assert_counts(&w, 1, 1, 0, 0);
	drop_import(&w.import);
	assert_counts(&w, 1, 0, 0, 1);
	assert_true(queue_move(&w.queue->queue, queue_path(QUEUE_MESSAGES, FIRST).text,
			       queue_path(QUEUE_IMPORTS, FIRST).text));
	drop_import(&w.import);
	assert_counts(&w, 1, 0, 0, 1);
	close_world(&w);
}

static void what_cannot_be_done_now_stays(void **state)
{
	struct world w;
	open_world(&w, state);
	w.is_refused = true;
	put(&w, QUEUE_DROP, FIRST);
	drop_import(&w.import);
	assert_counts(&w, 0, 0, 1, 0);
	w.is_refused = false;
	w.stop = true;
	drop_import(&w.import);
	assert_counts(&w, 0, 0, 1, 0);
	w.stop = false;
	int lock = queue_lock_key(&w.queue->queue, QUEUE_DROP);
	assert_true(lock >= 0);
	drop_import(&w.import);
	assert_counts(&w, 0, 0, 1, 0);
	close(lock);
	drop_import(&w.import);
	assert_counts(&w, 1, 0, 0, 0);
	close_world(&w);
}

static void name_one(size_t number, char into[sizeof FIRST])
{
	snprintf(into, sizeof FIRST, "%.12s%012zu", FIRST, number);
}

static void what_stays_hides_nothing(void **state)
{
	enum { STAY = 20000, GO = 10 };
	struct world w;
	char name[1 + sizeof FIRST] = ".";
	open_world(&w, state);
	w.is_refused = true;
	for (size_t i = 0; i < STAY + GO; i++) {
		name_one(i, &name[1]);
		const char *path = queue_path(QUEUE_DROP, i < STAY ? name : name + 1).text;
		int fd = openat(w.queue->queue.fd, path, O_WRONLY | O_CREAT, 0640);
		assert_true(fd >= 0);
		close(fd);
	}
	drop_import(&w.import);
	assert_counts(&w, 0, STAY, GO, 0);
	close_world(&w);
}

static void without_an_account_it_waits(void **state)
{
	struct world w;
	struct config none;
	open_world(&w, state);
	settings_load(&none, "domain = y.test\naliases =\n");
	w.import.config = &none;
	put(&w, QUEUE_DROP, FIRST);
	for (size_t again = 0; again < 3; again++) {
		drop_import(&w.import);
		assert_counts(&w, 0, 0, 1, 0);
		assert_int_equal(count_said(&w), 1);
	}
	w.import.again = true;
	drop_import(&w.import);
	assert_counts(&w, 0, 0, 1, 0);
	assert_int_equal(count_said(&w), 2);
	w.import.config = &w.config;
	w.import.again = false;
	drop_import(&w.import);
	assert_counts(&w, 0, 0, 1, 0);
	w.import.again = true;
	drop_import(&w.import);
	assert_counts(&w, 1, 0, 0, 0);
	assert_int_equal(count_said(&w), 3);
	config_release(&none);
	close_world(&w);
}

/* A second one of its name would be tried for ever, as the place where it could wait is taken.
 */
static void one_of_a_name_waits(void **state)
{
	struct world w;
	struct config none;
	open_world(&w, state);
	settings_load(&none, "domain = y.test\naliases =\n");
	w.import.config = &none;
	for (size_t before = 0; before < 3; before++) {
		put(&w, QUEUE_DROP, FIRST);
		drop_import(&w.import);
		assert_counts(&w, 0, 0, 1, before);
		assert_int_equal(w.aside, before);
	}
	config_release(&none);
	close_world(&w);
}

int main(void)
{
#define IN_A_QUEUE(f) cmocka_unit_test_setup_teardown(f, queue_case_open, queue_case_close)
	const struct CMUnitTest tests[] = {
		IN_A_QUEUE(files_become_messages),
		IN_A_QUEUE(an_id_is_given_once),
		IN_A_QUEUE(what_was_interrupted_is_finished),
		IN_A_QUEUE(what_cannot_be_done_now_stays),
		IN_A_QUEUE(what_stays_hides_nothing),
		IN_A_QUEUE(without_an_account_it_waits),
		IN_A_QUEUE(one_of_a_name_waits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
