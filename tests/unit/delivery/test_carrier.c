/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/carrier.h"

#include "base/clock.h"
#include "delivery/round.h"

#include <setjmp.h>
#include <signal.h>
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

/* Two accounts, one server, which is a socket in the home. */
#define ACCOUNTS                                                                               \
	"tls = none\nhello = me.test\nhost = unix:%s/server\n[account one]\n[account two]\n"

struct place {
	struct round *round;
	struct carrier carrier;
	struct server server;
	struct status st;
};

/* Greet each client, say yes to whatever he says, and end when he does. */
static void serve(int fd)
{
	alarm(20);
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		char line[1000];
		FILE *client = fdopen(accept(fd, NULL, NULL), "r+");
		setvbuf(client, NULL, _IONBF, 0);
		fputs("220 x\r\n", client);
		while (fgets(line, sizeof line, client) != NULL)
			fputs("250 ok\r\n", client);
		fclose(client);
	}
}

static pid_t start_server(struct place *p)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	const char *path = scratch_path(&p->round->at->scratch, "server");
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(strlen(path) < sizeof a.sun_path);
	memcpy(a.sun_path, path, strlen(path) + 1);
	assert_int_equal(bind(fd, (const struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 5), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		serve(fd);
	close(fd);
	return child;
}

static const struct account *account(const struct place *p, const char *name)
{
	return config_find(&p->round->config, name);
}

static void get(struct place *p, const char *name)
{
	if (carrier_get(&p->carrier, account(p, name), &p->server, NULL, NULL, &p->st) != 0)
		fail_msg("%s", p->st.text);
}

static void open_hop(struct place *p)
{
	if (hop_open(&p->carrier.hop, clock_in(10), NULL, &p->st) != 0)
		fail_msg("%s", p->st.text);
	assert_true(p->carrier.hop.is_open);
}

static void begin(struct place *p, void **state)
{
	*p = (struct place){ .round = *state };
	round_configure(p->round, ACCOUNTS);
	struct route route = { .account = account(p, "one") };
	struct endpoint host;
	assert_int_equal(endpoint_parse(route.account->host.at[0], &host, &p->st), 0);
	assert_int_equal(route_find(&route, &host, NULL, &p->st), 0);
	p->server = route.at[0];
	route_release(&route);
}

static void it_is_used_again(void **state)
{
	struct place p;
	begin(&p, state);
	pid_t server = start_server(&p);
	get(&p, "one");
	assert_false(p.carrier.hop.is_open);
	open_hop(&p);
	const struct stream *stream = p.carrier.hop.session.stream;
	for (size_t i = 0; i < 3; i++) {
		get(&p, "one");
		assert_true(p.carrier.hop.is_open);
		assert_ptr_equal(p.carrier.hop.session.stream, stream);
	}
	carrier_drop(&p.carrier);
	carrier_drop(&p.carrier);
	assert_false(p.carrier.is_ready);
	kill(server, SIGKILL);
	assert_int_equal(waitpid(server, NULL, 0), server);
}

/* By another account, to another server, or after so many messages, it is another connection.
 */
static void it_is_not_used_for_others(void **state)
{
	struct place p;
	begin(&p, state);
	pid_t server = start_server(&p);
	for (size_t i = 0; i < 5; i++) {
		const struct server before = p.server;
		get(&p, "one");
		open_hop(&p);
		if (i == 1)
			p.server.tls = TLS_STARTTLS;
		if (i == 2)
			strcpy(p.server.tls_name, "other.test");
		if (i == 3)
			p.carrier.hop.session.mails = CARRIER_MESSAGES;
		if (i == 4)
			hop_close(&p.carrier.hop, false);
		get(&p, i == 0 ? "two" : "one");
		assert_false(p.carrier.hop.is_open);
		assert_string_equal(p.carrier.hop.account->name, i == 0 ? "two" : "one");
		carrier_drop(&p.carrier);
		p.server = before;
	}
	kill(server, SIGKILL);
	assert_int_equal(waitpid(server, NULL, 0), server);
}

static void what_was_never_opened(void **state)
{
	struct place p;
	begin(&p, state);
	carrier_drop(&p.carrier);
	get(&p, "one");
	get(&p, "two");
	assert_int_equal(hop_open(&p.carrier.hop, clock_in(10), NULL, &p.st), -1);
	assert_int_equal(p.st.stage, STAGE_CONNECT);
	get(&p, "two");
	carrier_drop(&p.carrier);
}

int main(void)
{
#define IN_A_ROUND(f) cmocka_unit_test_setup_teardown(f, round_open, round_close)
	const struct CMUnitTest tests[] = {
		IN_A_ROUND(it_is_used_again),
		IN_A_ROUND(it_is_not_used_for_others),
		IN_A_ROUND(what_was_never_opened),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
