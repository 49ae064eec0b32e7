/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions that are resumed, and those that must not be: tls_start on both ends of a wire. */
#include "net/ticket.h"

#include "base/cache.h"
#include "base/clock.h"
#include "certs.h"
#include "scratch.h"
#include "tls_peer.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { DAY = 24 * 60 * 60 };

static struct scratch world;
static struct cert self, brief;
static const char *folder, *ca, *same_ca, *key;
static struct strings pins, other_pins;

static void pin(struct strings *list, bool of_key)
{
	struct buf text = { 0 };
	cert_pin(&self, of_key, &text);
	strings_add(list, buf_str(&text));
	buf_release(&text);
}

static int make_world(void **state)
{
	(void)state;
	struct buf pem = { 0 };
	scratch_open(&world);
	self = cert_make(&(struct wish){ .cn = "mail", .dns = { "mail.test", "mx.test" } },
			 NULL);
	brief = cert_make(&(struct wish){ .cn = "brief", .dns = { "mail.test" }, .to = 2 },
			  NULL);
	cert_pem(&self, &pem);
	cert_pem(&brief, &pem);
	ca = scratch_write(&world, "ca.pem", 0600, buf_str(&pem));
	same_ca = scratch_write(&world, "copy.pem", 0600, buf_str(&pem));
	buf_reset(&pem);
	cert_key_pem(&self, &pem);
	key = scratch_write(&world, "key.pem", 0600, buf_str(&pem));
	buf_release(&pem);
	folder = scratch_path(&world, "tickets");
	pin(&pins, false);
	pin(&other_pins, true);
	return 0;
}

static int release_world(void **state)
{
	(void)state;
	cert_release(&self);
	cert_release(&brief);
	strings_release(&pins);
	strings_release(&other_pins);
	scratch_close(&world);
	return 0;
}

/* Each test begins without tickets. */
static int sweep(void **state)
{
	(void)state;
	clock_set_wall(0);
	cache_sweep(folder, "", -100);
	return 0;
}

static size_t kept(void)
{
	size_t count = 0;
	DIR *dir = opendir(folder);
	if (dir == NULL)
		return 0;
	for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
		count += e->d_name[0] != '.';
	closedir(dir);
	return count;
}

static struct tls_settings plain_settings(void)
{
	return (struct tls_settings){ .name = "mail.test",
				      .ca = ca,
				      .verify = true,
				      .min_version = 12,
				      .tickets = folder,
				      .peer = "mail.test:587" };
}

/* One run: shake hands, hear a line, close. Was the session resumed? */
static bool visit_for(struct tls_peer *p, const struct tls_settings *settings,
		      struct tls_facts *facts)
{
	struct status st = { 0 };
	struct slice line;
	struct stream *s = tls_peer_stream(p);
	stream_set_deadline(s, clock_in(10));
	if (tls_start(&s, settings, facts, &st) != 0)
		fail_msg("%s", st.text);
	tls_peer_turn(p);
	tls_peer_say(p, "220 hello\r\n");
	assert_int_equal(stream_getline(s, 100, &line, &st), 0);
	stream_free(s);
	assert_int_equal(facts->resumed, gnutls_session_is_resumed(p->session) != 0);
	tls_peer_again(p);
	return facts->resumed;
}

static bool visit(struct tls_peer *p, const struct tls_settings *settings)
{
	struct tls_facts facts;
	return visit_for(p, settings, &facts);
}

static void resume_with(const char *priority)
{
	struct tls_peer p;
	struct tls_settings settings = plain_settings();
	struct tls_facts first, next;
	tls_peer_init(&p, &self, 1);
	p.priority = priority;
	assert_false(visit_for(&p, &settings, &first));
	assert_int_equal(kept(), 1);
	for (int i = 0; i < 3; i++) {
		assert_true(visit_for(&p, &settings, &next));
		assert_int_equal(kept(), 1);
		assert_string_equal(next.subject, first.subject);
		assert_string_equal(next.issuer, first.issuer);
		assert_string_equal(next.verified, first.verified);
		assert_string_equal(next.version, first.version);
		assert_true(next.expires == first.expires);
		/* A day may have ended between the two. */
		assert_in_range(next.days_left, first.days_left - 1, first.days_left);
	}
	tls_peer_release(&p);
}

static void test_resume(void **state)
{
	(void)state;
	resume_with("NORMAL:-VERS-ALL:+VERS-TLS1.3");
	sweep(NULL);
	resume_with("NORMAL:-VERS-ALL:+VERS-TLS1.2");
}

static void change_name(struct tls_settings *s)
{
	s->name = "mx.test";
}

static void change_other_name(struct tls_settings *s)
{
	s->other_name = "mx.test";
}

static void change_peer(struct tls_settings *s)
{
	s->peer = "mail.test:465";
}

static void change_ca(struct tls_settings *s)
{
	s->ca = same_ca;
}

static void touch_ca(struct tls_settings *s)
{
	static time_t second = 1000000000;
	struct timespec when[2] = { { second, 0 }, { second, 0 } };
	second++;
	assert_int_equal(utimensat(-1, s->ca, when, 0), 0);
}

static void add_pins(struct tls_settings *s)
{
	s->pins = &pins;
}

static void change_pins(struct tls_settings *s)
{
	s->pins = &other_pins;
}

static void change_min(struct tls_settings *s)
{
	s->min_version = 13;
}

static void change_priority(struct tls_settings *s)
{
	s->priority = "NORMAL";
}

static void change_verify(struct tls_settings *s)
{
	s->verify = false;
}

static void add_certificate(struct tls_settings *s)
{
	s->certificate = ca;
	s->key = key;
}

static void add_empty_name(struct tls_settings *s)
{
	s->other_name = "";
}

/* Every change makes it another session; what came before is still there afterwards. */
static void (*const changes[])(struct tls_settings *) = {
	change_name, change_other_name, add_empty_name, change_peer,
	change_ca,   touch_ca,          add_pins,       change_pins,
	change_min,  change_priority,   change_verify,  add_certificate,
};

static void test_changes(void **state)
{
	(void)state;
	struct tls_peer p;
	struct tls_settings settings = plain_settings();
	tls_peer_init(&p, &self, 1);
	assert_false(visit(&p, &settings));
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct tls_settings changed = plain_settings();
		changes[i](&changed);
		if (visit(&p, &changed))
			fail_msg("change %zu does not count", i);
		if (!visit(&p, &changed))
			fail_msg("change %zu is not kept", i);
		if (changes[i] == touch_ca)
			visit(&p, &settings);
		assert_true(visit(&p, &settings));
	}
	tls_peer_release(&p);
}

static void test_other_server(void **state)
{
	(void)state;
	struct tls_peer one, two;
	struct tls_settings settings = plain_settings();
	tls_peer_init(&one, &self, 1);
	tls_peer_init(&two, &self, 1);
	assert_false(visit(&one, &settings));
	assert_false(visit(&two, &settings)); /* it declines */
	assert_true(visit(&two, &settings));
	tls_peer_release(&one);
	tls_peer_release(&two);
}

static void test_no_ticket_after_a_failed_check(void **state)
{
	(void)state;
	struct tls_peer p;
	struct status st;
	struct tls_facts facts;
	struct tls_settings settings = plain_settings();
	settings.name = "other.test";
	tls_peer_init(&p, &self, 1);
	for (int i = 0; i < 2; i++) {
		struct stream *s = tls_peer_stream(&p);
		stream_set_deadline(s, clock_in(10));
		assert_int_equal(tls_start(&s, &settings, &facts, &st), -1);
		assert_int_equal(st.kind, STATUS_NOT_SECURE);
		assert_false(facts.resumed);
		stream_free(s);
		assert_int_equal(kept(), 0);
		tls_peer_again(&p);
	}
	tls_peer_release(&p);
}

/* A week after the check there is another one, however often a ticket was renewed. */
static void test_week(void **state)
{
	(void)state;
	struct tls_peer p;
	struct tls_settings settings = plain_settings();
	time_t now = clock_wall();
	tls_peer_init(&p, &self, 1);
	assert_false(visit(&p, &settings));
	for (int day = 2; day < 7; day += 2) {
		clock_set_wall(now + day * DAY);
		assert_true(visit(&p, &settings));
	}
	clock_set_wall(now + 7 * DAY + 10);
	assert_false(visit(&p, &settings));
	tls_peer_release(&p);
}

/* Where dates count, the certificate's end is the session's. */
static void test_expiry(void **state)
{
	(void)state;
	struct tls_peer p;
	struct tls_settings settings = plain_settings(), unchecked = plain_settings();
	time_t now = clock_wall();
	unchecked.verify = false;
	tls_peer_init(&p, &brief, 1);
	assert_false(visit(&p, &settings));
	assert_false(visit(&p, &unchecked));
	clock_set_wall(now + 3 * DAY);
	assert_false(visit(&p, &settings));
	assert_true(visit(&p, &unchecked));
	tls_peer_release(&p);
}

/* The file is whole, and what it holds is none of GnuTLS's sessions. */
static void test_strange_session(void **state)
{
	(void)state;
	static const char *const sessions[] = { "x", "a session of somebody else's",
						"\xfa\xe1" };
	struct tls_peer p;
	struct tls_settings settings = plain_settings();
	struct ticket t;
	gnutls_session_t none;
	tls_peer_init(&p, &self, 1);
	for (size_t i = 0; i < sizeof sessions / sizeof *sessions; i++) {
		struct buf content = { 0 };
		assert_int_equal(gnutls_init(&none, GNUTLS_CLIENT), 0);
		ticket_offer(&t, &settings, none);
		gnutls_deinit(none);
		ticket_file_write(&(struct ticket_file){ .name = t.name,
							 .until = clock_wall() + 100,
							 .session = slice_of(sessions[i]) },
				  &content);
		cache_put(folder, t.name, buf_slice(&content));
		buf_release(&content);
		assert_false(visit(&p, &settings));
	}
	tls_peer_release(&p);
}

static void test_without_a_folder(void **state)
{
	(void)state;
	struct tls_peer p;
	struct tls_settings settings = plain_settings();
	settings.tickets = NULL;
	tls_peer_init(&p, &self, 1);
	assert_false(visit(&p, &settings));
	assert_false(visit(&p, &settings));
	settings.tickets = "/proc/none/tickets";
	assert_false(visit(&p, &settings));
	assert_false(visit(&p, &settings));
	assert_int_equal(kept(), 0);
	tls_peer_release(&p);
}

/* The ticket is still on its way when the session ends. */
static void test_no_waiting(void **state)
{
	(void)state;
	struct tls_peer p;
	struct status st;
	struct tls_settings settings = plain_settings();
	tls_peer_init(&p, &self, 1);
	struct stream *s = tls_peer_stream(&p);
	int64_t begin = clock_now();
	stream_set_deadline(s, clock_in(10));
	assert_int_equal(tls_start(&s, &settings, NULL, &st), 0);
	stream_free(s);
	assert_true(clock_now() - begin < 1000);
	assert_int_equal(kept(), 0);
	tls_peer_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_resume, sweep),
		cmocka_unit_test_setup(test_changes, sweep),
		cmocka_unit_test_setup(test_other_server, sweep),
		cmocka_unit_test_setup(test_no_ticket_after_a_failed_check, sweep),
		cmocka_unit_test_setup(test_week, sweep),
		cmocka_unit_test_setup(test_expiry, sweep),
		cmocka_unit_test_setup(test_strange_session, sweep),
		cmocka_unit_test_setup(test_without_a_folder, sweep),
		cmocka_unit_test_setup(test_no_waiting, sweep),
	};
	return cmocka_run_group_tests(tests, make_world, release_world);
}
