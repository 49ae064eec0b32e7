/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/deliver.h"

#include "base/mem.h"
#include "delivery/settings.h"
#include "scratch.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* One message for bob and carol, and what a delivery by CONFIG made of it. */
struct run {
	struct config config;
	struct envelope envelope;
	struct message message;
	struct delivery_report report;
};

static void deliver_it(struct run *r, const struct account *a, const char *home)
{
	struct delivery d = { .config = &r->config,
			      .account = a,
			      .envelope = &r->envelope,
			      .message = &r->message,
			      .home = home };
	deliver(&d, &r->report);
}

static void run(struct run *r, const char *config, const char *home)
{
	struct status st;
	struct slice content = slice_of("Subject: x\r\n\r\nhello\r\n");
	*r = (struct run){ .envelope.sender = mem_copy("alice@example.com") };
	envelope_add(&r->envelope, "bob@example.net");
	envelope_add(&r->envelope, "carol@example.net");
	store_init(&r->message.content);
	assert_int_equal(store_add(&r->message.content, content, &st), 0);
	facts_add(&r->message.facts, content);
	settings_load(&r->config, config);
	deliver_it(r, &r->config.accounts[0], home);
	assert_int_equal(envelope_undecided(&r->envelope), 0);
}

static void assert_fates(const struct run *r, enum status_kind bob, enum status_kind carol)
{
	assert_string_equal(status_label(r->envelope.at[0].kind), status_label(bob));
	assert_string_equal(status_label(r->envelope.at[1].kind), status_label(carol));
}

static void release(struct run *r)
{
	envelope_release(&r->envelope);
	store_release(&r->message.content);
	config_release(&r->config);
}

static void a_maildir_takes_everything(void **state)
{
	(void)state;
	struct scratch dir;
	struct run r;
	scratch_open(&dir);
	run(&r, "host = maildir:~/mail\n", dir.folder);
	assert_fates(&r, STATUS_OK, STATUS_OK);
	assert_string_equal(r.report.host, "~/mail");
	assert_string_equal(r.report.tls, "");
	assert_int_equal(access(scratch_path(&dir, "mail/new"), F_OK), 0);
	release(&r);
	scratch_close(&dir);
}

static void without_a_host_nothing_is_sent(void **state)
{
	(void)state;
	char name[] = "lost";
	struct account a = { .name = name };
	struct run r = { 0 };
	store_init(&r.message.content);
	envelope_add(&r.envelope, "bob@example.net");
	deliver_it(&r, &a, NULL);
	assert_int_equal(r.envelope.at[0].kind, STATUS_BAD_CONFIG);
	assert_non_null(strstr(r.envelope.at[0].reply, "'lost' has no host"));
	release(&r);
}

static void a_host_that_fails_leaves_it_to_the_next(void **state)
{
	(void)state;
	struct scratch dir;
	struct run r;
	struct buf config = { 0 };
	scratch_open(&dir);
	buf_addf(&config,
		 "tls = none\nhost = unix:%s/none, maildir:/proc/none/x, maildir:%s/m\n",
		 dir.folder, dir.folder);
	run(&r, buf_str(&config), NULL);
	assert_fates(&r, STATUS_OK, STATUS_OK);
	release(&r);
	buf_reset(&config);
	buf_addf(&config, "tls = none\nhost = maildir:/proc/none/x, unix:%s/none\n",
		 dir.folder);
	run(&r, buf_str(&config), NULL);
	assert_fates(&r, STATUS_TEMPORARY, STATUS_TEMPORARY);
	assert_int_equal(r.envelope.at[0].stage, STAGE_CONNECT);
	assert_non_null(strstr(r.envelope.at[0].peer, "/none"));
	release(&r);
	buf_release(&config);
	scratch_close(&dir);
}

static void a_maildir_takes_any_address(void **state)
{
	(void)state;
	struct scratch dir;
	struct buf config = { 0 };
	struct run r = { .envelope.sender = mem_copy("") };
	scratch_open(&dir);
	buf_addf(&config, "host = maildir:%s/m\n", dir.folder);
	settings_load(&r.config, buf_str(&config));
	envelope_add(&r.envelope, "j\xc3\xb6rg@example.net");
	store_init(&r.message.content);
	deliver_it(&r, &r.config.accounts[0], NULL);
	assert_int_equal(r.envelope.at[0].kind, STATUS_OK);
	release(&r);
	buf_release(&config);
	scratch_close(&dir);
}

/* A server in a process of its own: ANSWERS in their order, one a command, `|` between; the
 * content is one command. */
static bool is_command(const char *line, bool *in_data)
{
	bool ends = *in_data && strcmp(line, ".\r\n") == 0;
	if (*in_data && !ends)
		return false;
	*in_data = !ends && strcmp(line, "DATA\r\n") == 0;
	return true;
}

static void answer(FILE *client, struct slice answers)
{
	char line[1000];
	struct slice next;
	bool in_data = false;
	slice_next(&answers, '|', &next);
	fprintf(client, "%.*s\r\n", (int)next.len, next.data);
	while (fgets(line, sizeof line, client) != NULL) {
		if (!is_command(line, &in_data))
			continue;
		if (!slice_next(&answers, '|', &next))
			return;
		fprintf(client, "%.*s\r\n", (int)next.len, next.data);
		in_data &= next.len != 0 && next.data[0] == '3';
	}
}

static int listen_at(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0 && strlen(path) < sizeof a.sun_path);
	memcpy(a.sun_path, path, strlen(path) + 1);
	assert_int_equal(bind(fd, (const struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 5), 0);
	return fd;
}

/* Serve the connections that SESSIONS describes, one after another, then no more. */
static pid_t serve(const char *path, const char *const *sessions)
{
	int fd = listen_at(path);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		alarm(10);
	for (; child == 0 && *sessions != NULL; sessions++) {
		FILE *client = fdopen(accept(fd, NULL, NULL), "r+");
		setvbuf(client, NULL, _IONBF, 0);
		answer(client, slice_of(*sessions));
		fclose(client);
	}
	if (child == 0)
		_exit(0);
	close(fd);
	return child;
}

/* Pipelining: QUIT is on its way before it is known that somebody is left over. */
#define ROOM_FOR_ONE                                                                           \
	"220 x|250-x\r\n250 PIPELINING|250 ok|250 ok|452 4.5.3 too many|354 go|250 taken|221 " \
	"bye"

static const struct {
	const char *name;
	const char *sessions[4]; /* greeting, EHLO, MAIL, RCPT, RCPT, DATA, content, QUIT */
	enum status_kind bob, carol;
} servers[] = {
	{ "good",
	  { "220 x|250 x|250 ok|250 ok|250 ok|354 go|250 taken|221 bye" },
	  STATUS_OK,
	  STATUS_OK },
	{ "one refused",
	  { "220 x|250 x|250 ok|550 who?|250 ok|354 go|250 taken|221 bye" },
	  STATUS_NO_USER,
	  STATUS_OK },
	{ "no room for two",
	  { "220 x|250 x|250 ok|250 ok|452 4.5.3 too many|354 go|250 taken|"
	    "250 ok|250 ok|354 go|250 taken|221 bye" },
	  STATUS_OK,
	  STATUS_OK },
	{ "no room for two in a session",
	  { ROOM_FOR_ONE, "220 x|250 x|250 ok|250 ok|354 go|250 taken|221 bye" },
	  STATUS_OK,
	  STATUS_OK },
	{ "no room, and then refused",
	  { ROOM_FOR_ONE, "220 x|250 x|250 ok|550 who?|221 bye" },
	  STATUS_OK,
	  STATUS_NO_USER },
	{ "no room, and then nobody",
	  { ROOM_FOR_ONE, "421 busy" },
	  STATUS_OK,
	  STATUS_TEMPORARY },
	{ "too large",
	  { "220 x|250-x\r\n250 SIZE 10|221 bye" },
	  STATUS_REJECTED,
	  STATUS_REJECTED },
	{ "silent at the end",
	  { "220 x|250 x|250 ok|250 ok|250 ok|354 go" },
	  STATUS_MAYBE_SENT,
	  STATUS_MAYBE_SENT },
	{ "busy", { "421 busy" }, STATUS_TEMPORARY, STATUS_TEMPORARY },
	{ "no SMTP", { "SSH-2.0-x" }, STATUS_BROKEN_PEER, STATUS_BROKEN_PEER },
};

static void each_recipient_is_decided_by_servers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
		struct scratch dir;
		struct run r;
		struct buf config = { 0 };
		scratch_open(&dir);
		print_message("          %s\n", servers[i].name);
		const char *path = scratch_path(&dir, "socket");
		pid_t child = serve(path, servers[i].sessions);
		buf_addf(&config, "tls = none\nhello = me.example\nhost = unix:%s\n", path);
		run(&r, buf_str(&config), NULL);
		assert_fates(&r, servers[i].bob, servers[i].carol);
		assert_string_equal(r.report.host, path);
		assert_int_equal(waitpid(child, NULL, 0), child);
		release(&r);
		buf_release(&config);
		scratch_close(&dir);
	}
}

/* Who may have it already is not tried elsewhere; who certainly has not, is. */
static void nothing_is_sent_twice(void **state)
{
	(void)state;
	static const struct {
		const char *sessions[2];
		enum status_kind bob, carol;
	} firsts[] = {
		{ { "220 x|250 x|250 ok|250 ok|250 ok|354 go|250 taken|" },
		  STATUS_OK,
		  STATUS_OK },
		{ { "220 x|250 x|250 ok|250 ok|250 ok|354 go" },
		  STATUS_MAYBE_SENT,
		  STATUS_MAYBE_SENT },
		{ { "220 x|250 x|250 ok|550 who?|250 ok|354 go|421 bye" },
		  STATUS_NO_USER,
		  STATUS_OK },
		{ { "220 x|250 x|250 ok|250 ok|250 ok" }, STATUS_OK, STATUS_OK },
		{ { "220 x|250 x|250 ok|250 ok|250 ok|354 go|554 spam" },
		  STATUS_REJECTED,
		  STATUS_REJECTED },
	};
	for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
		struct scratch dir;
		struct run r;
		struct buf config = { 0 };
		scratch_open(&dir);
		const char *path = scratch_path(&dir, "socket");
		pid_t child = serve(path, firsts[i].sessions);
		buf_addf(&config,
			 "tls = none\nhello = me.example\nhost = unix:%s, maildir:%s/m\n", path,
			 dir.folder);
		run(&r, buf_str(&config), NULL);
		assert_fates(&r, firsts[i].bob, firsts[i].carol);
		/* The second host got it in the third and fourth case. */
		assert_int_equal(access(scratch_path(&dir, "m"), F_OK) == 0, i == 2 || i == 3);
		assert_int_equal(waitpid(child, NULL, 0), child);
		release(&r);
		buf_release(&config);
		scratch_close(&dir);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_maildir_takes_everything),
		cmocka_unit_test(without_a_host_nothing_is_sent),
		cmocka_unit_test(a_host_that_fails_leaves_it_to_the_next),
		cmocka_unit_test(a_maildir_takes_any_address),
		cmocka_unit_test(each_recipient_is_decided_by_servers),
		cmocka_unit_test(nothing_is_sent_twice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
