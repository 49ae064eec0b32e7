/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/submission.h"

#include "base/mem.h"
#include "delivery/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define CONFIG "host = relay.example\ndomain = example.org\n"
#define HEADER "From: a@b.example\nDate: x\nMessage-ID: <1@b.example>\n"
#define CANON  "From: a@b.example\r\nDate: x\r\nMessage-ID: <1@b.example>\r\n"

/* The reading end of a pipe that a child of ours writes TEXT into, byte by byte if it is SLOW.
 */
static int writer(struct slice text, bool slow)
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child != 0) {
		close(ends[1]);
		return ends[0];
	}
	close(ends[0]);
	while (text.len != 0) {
		ssize_t n = write(ends[1], text.data, slow ? 1 : text.len);
		if (n < 0)
			_exit(1);
		text = slice_cut(text, (size_t)n, text.len);
		if (slow)
			usleep(200);
	}
	_exit(0);
}

struct run {
	struct config config;
	struct request request;
	struct submission submission;
	struct status st;
	int result;
};

static void submit(struct run *run, const char *config, int fd)
{
	settings_load(&run->config, config);
	strings_add(&run->request.recipients, "bob@example.net");
	submission_init(&run->submission, &run->request, &run->config);
	run->result = submission_read(&run->submission, fd, &run->st);
	close(fd);
}

static void finish(struct run *run)
{
	submission_release(&run->submission);
	strings_release(&run->request.recipients);
	config_release(&run->config);
}

static void content_of(const struct submission *s, struct buf *out)
{
	struct buf scratch = { 0 };
	struct slice piece;
	struct status st;
	do {
		assert_int_equal(store_read(&s->entry.message.content, out->len, &scratch,
					    &piece, &st),
				 0);
		buf_add_slice(out, piece);
	} while (piece.len != 0);
	buf_release(&scratch);
}

static const struct {
	const char *name, *input, *content;
	bool dot_is_data;
} cases[] = {
	{ "LF", HEADER "\nbody\n", CANON "\r\nbody\r\n", false },
	{ "CRLF", CANON "\r\nbody\r\n", CANON "\r\nbody\r\n", false },
	{ "no last line end", HEADER "\nbody", CANON "\r\nbody\r\n", false },
	{ "no body", HEADER, CANON "\r\n", false },
	{ "no body, an empty line", HEADER "\n", CANON "\r\n", false },
	{ "dots", HEADER "\n.\n..\nx\n", CANON "\r\n.\r\n..\r\nx\r\n", false },
	{ "a dot ends it", HEADER "\nbody\n.\n", CANON "\r\nbody\r\n", false },
	{ "a dot does not end it", HEADER "\nbody\n.\n", CANON "\r\nbody\r\n.\r\n", true },
	{ "a From line", "From a@b Mon\n" HEADER "\nbody\n", CANON "\r\nbody\r\n", false },
	{ "Bcc goes", HEADER "Bcc: x@y.example\nTo: bob\n\nbody\n",
	  CANON "To: bob@example.org\r\n\r\nbody\r\n", false },
};

static void messages_come_in_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		for (int slow = 0; slow < 2; slow++) {
			struct run run = { .request.dot_is_data = cases[i].dot_is_data };
			struct buf content = { 0 };
			print_message("          %s\n", cases[i].name);
			submit(&run, CONFIG, writer(slice_of(cases[i].input), slow));
			assert_int_equal(run.result, 0);
			content_of(&run.submission, &content);
			assert_string_equal(buf_str(&content), cases[i].content);
			assert_string_equal(run.submission.entry.message.id, "<1@b.example>");
			assert_int_equal(run.submission.entry.message.facts.size, content.len);
			assert_int_equal(run.submission.entry.message.content.size,
					 content.len);
			finish(&run);
			buf_release(&content);
		}
	}
}

static void the_facts_are_those_of_all(void **state)
{
	(void)state;
	static const struct {
		const char *body;
		struct facts facts; /* but for the size */
	} bodies[] = {
		{ "x\n", { .longest_line = 25 } },
		{ "x\n.y\n", { .longest_line = 25, .dot_line = true } },
		{ "gr\xc3\xbc\xc3\x9f\n", { .longest_line = 25, .eight_bit = true } },
		{ "0123456789012345678901234567890123456789\n", { .longest_line = 40 } },
		{ "x\n.\n", { .longest_line = 25 } },
	};
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct run run = { .result = 0 };
		struct buf input = { 0 };
		buf_addf(&input, HEADER "\n%s", bodies[i].body);
		submit(&run, CONFIG, writer(buf_slice(&input), false));
		assert_int_equal(run.result, 0);
		const struct facts *f = &run.submission.entry.message.facts;
		assert_int_equal(f->longest_line, bodies[i].facts.longest_line);
		assert_int_equal(f->dot_line, bodies[i].facts.dot_line);
		assert_int_equal(f->eight_bit, bodies[i].facts.eight_bit);
		finish(&run);
		buf_release(&input);
	}
}

static void what_is_missing_is_added(void **state)
{
	(void)state;
	char name[] = "Alice";
	struct run run = { .request.full_name = name };
	struct buf content = { 0 };
	submit(&run, CONFIG "from = alice@example.com\nfrom-name = Other\n",
	       writer(slice_of(""), false));
	assert_int_equal(run.result, 0);
	content_of(&run.submission, &content);
	assert_non_null(strstr(buf_str(&content), "From: Alice <alice@example.com>\r\n"));
	assert_non_null(strstr(buf_str(&content), "Date: "));
	assert_non_null(strstr(buf_str(&content), "Message-ID: <"));
	assert_non_null(strstr(buf_str(&content), "@example.org>\r\n"));
	assert_int_equal(run.submission.entry.message.id[0], '<');
	assert_string_equal(run.submission.entry.envelope.sender, "alice@example.com");
	finish(&run);
	buf_release(&content);
}

/* Else each message would need a server with SMTPUTF8, for a field that nobody wrote. */
static void an_id_that_is_added_is_ascii(void **state)
{
	(void)state;
	struct run run = { 0 };
	struct buf content = { 0 };
	submit(&run,
	       "host = relay.example\ndomain = b\xc3\xbc"
	       "cher.example\n",
	       writer(slice_of("From: a@b.example\nTo: root\n\nx\n"), false));
	assert_int_equal(run.result, 0);
	content_of(&run.submission, &content);
	assert_non_null(strstr(buf_str(&content), "@xn--bcher-kva.example>\r\n"));
	assert_non_null(strstr(buf_str(&content), "To: root@b\xc3\xbc"
						  "cher.example\r\n"));
	finish(&run);
	buf_release(&content);
}

static void a_message_may_be_too_large(void **state)
{
	(void)state;
	size_t header = strlen(CANON) + 2;
	for (size_t over = 0; over < 2; over++) {
		for (size_t body = 100; body < 400000; body += 333333) {
			struct run run = { .result = 0 };
			struct buf input = { 0 }, config = { 0 };
			buf_add_str(&input, HEADER "\n");
			for (size_t i = 0; i + 2 < body; i++)
				buf_add_char(&input, 'x');
			buf_add_char(&input, '\n');
			buf_addf(&config, CONFIG "max-size = %zu\n", header + body - over);
			submit(&run, buf_str(&config), writer(buf_slice(&input), false));
			assert_int_equal(run.result, over ? -1 : 0);
			if (over) {
				assert_int_equal(run.st.kind, STATUS_BAD_MESSAGE);
				assert_int_equal(run.st.enhanced[1] * 10 + run.st.enhanced[2],
						 34);
			} else {
				assert_int_equal(run.submission.entry.message.content.size,
						 header + body);
			}
			finish(&run);
			buf_release(&input);
			buf_release(&config);
		}
	}
}

static void what_cannot_be_read_is_not_sent(void **state)
{
	(void)state;
	const int fds[] = { open("/", O_RDONLY | O_CLOEXEC), -1,
			    open("/dev/null", O_WRONLY | O_CLOEXEC) };
	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) {
		struct run run = { .result = 0 };
		submit(&run, CONFIG, fds[i]);
		assert_int_equal(run.result, -1);
		assert_int_equal(run.st.kind, STATUS_DISK);
		assert_true(run.st.sys == EISDIR || run.st.sys == EBADF);
		assert_null(run.submission.account);
		finish(&run);
	}
}

/* A caller's pipe may be non-blocking, and slow. */
static void a_non_blocking_caller_is_waited_for(void **state)
{
	(void)state;
	struct run run = { .result = 0 };
	struct buf content = { 0 };
	int fd = writer(slice_of(HEADER "\nslowly\n"), true);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	submit(&run, CONFIG, fd);
	assert_int_equal(run.result, 0);
	content_of(&run.submission, &content);
	assert_string_equal(buf_str(&content), CANON "\r\nslowly\r\n");
	finish(&run);
	buf_release(&content);
}

/* On a terminal a line of one dot ends the message, and nobody waits for more. */
static void a_dot_ends_what_is_typed(void **state)
{
	(void)state;
	struct run run = { .result = 0 };
	struct buf content = { 0 };
	int keyboard = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(keyboard >= 0);
	assert_int_equal(grantpt(keyboard) | unlockpt(keyboard), 0);
	int terminal = open(ptsname(keyboard), O_RDWR | O_NOCTTY);
	assert_true(terminal >= 0);
	const char *typed = HEADER "\nhello\n.\n";
	assert_int_equal(write(keyboard, typed, strlen(typed)), strlen(typed));
	submit(&run, CONFIG, terminal);
	assert_int_equal(run.result, 0);
	content_of(&run.submission, &content);
	assert_string_equal(buf_str(&content), CANON "\r\nhello\r\n");
	finish(&run);
	buf_release(&content);
	close(keyboard);
}

static const struct {
	const char *input;
	enum status_kind kind;
} bad[] = {
	{ "Subject: a%b\n\nx\n", STATUS_BAD_MESSAGE }, /* the % becomes a NUL */
	{ "From: a@b.example\nTo: a b c\n\nx\n", STATUS_BAD_MESSAGE },
};

static void bad_messages_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct run run = { .request.header_recipients = true };
		struct buf input = { 0 };
		buf_add_str(&input, bad[i].input);
		char *percent = strchr(input.data, '%');
		if (percent != NULL)
			*percent = '\0';
		submit(&run, CONFIG, writer(buf_slice(&input), false));
		assert_int_equal(run.result, -1);
		assert_int_equal(run.st.kind, bad[i].kind);
		finish(&run);
		buf_release(&input);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_come_in_whole),
		cmocka_unit_test(the_facts_are_those_of_all),
		cmocka_unit_test(what_is_missing_is_added),
		cmocka_unit_test(an_id_that_is_added_is_ascii),
		cmocka_unit_test(a_message_may_be_too_large),
		cmocka_unit_test(what_cannot_be_read_is_not_sent),
		cmocka_unit_test(a_non_blocking_caller_is_waited_for),
		cmocka_unit_test(a_dot_ends_what_is_typed),
		cmocka_unit_test(bad_messages_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
