/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/addressing.h"

#include "base/identity.h"
#include "base/mem.h"
#include "delivery/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TWO_ACCOUNTS                                                                           \
	"account = home\ndomain = example.org\nhost = relay.example\naliases =\n"              \
	"[account work]\nfrom = alice@work.example, *@lists.example\n"                         \
	"[account home]\nfrom = *@home.example\n"
#define ONE_ACCOUNT "host = relay.example\ndomain = example.org\naliases =\n"
#define WITH_FROM                                                                              \
	"host = relay.example\ndomain = example.org\naliases =\nfrom = *@x.example, "          \
	"me@own.example\n"

static const struct {
	const char *name, *config;
	char *account, *sender; /* -a, -f */
	const char *header;
	bool header_recipients;
	const char *recipients; /* arguments, `|` between */
	/* What comes of it; an account of NULL is a failure. */
	const char *chosen, *from, *to;
	enum status_kind kind;
} cases[] = {
	{ "the only account", ONE_ACCOUNT, NULL, NULL, "From: bob@b.example\r\n", false,
	  "a@b.example", "default", "bob@b.example", "a@b.example ", 0 },
	{ "-f", ONE_ACCOUNT, NULL, (char[]){ "eve" }, "From: bob@b.example\r\n", false,
	  "a@b.example", "default", "eve@example.org", "a@b.example ", 0 },
	{ "the null sender", ONE_ACCOUNT, NULL, (char[]){ "" }, "From: bob@b.example\r\n",
	  false, "a@b.example", "default", "", "a@b.example ", 0 },
	{ "the null sender in brackets", ONE_ACCOUNT, NULL, (char[]){ "<>" }, "", false,
	  "a@b.example", "default", "", "a@b.example ", 0 },
	{ "the account's own sender", WITH_FROM, NULL, NULL, "From: bob@b.example\r\n", false,
	  "a@b.example", "default", "me@own.example", "a@b.example ", 0 },
	{ "-f chooses", TWO_ACCOUNTS, NULL, (char[]){ "x@lists.example" },
	  "From: x@home.example\r\n", false, "a@b.example", "work", "x@lists.example",
	  "a@b.example ", 0 },
	{ "From chooses", TWO_ACCOUNTS, NULL, NULL, "From: A <alice@work.example>\r\n", false,
	  "a@b.example", "work", "alice@work.example", "a@b.example ", 0 },
	{ "-a chooses", TWO_ACCOUNTS, (char[]){ "work" }, NULL, "From: x@home.example\r\n",
	  false, "a@b.example", "work", "alice@work.example", "a@b.example ", 0 },
	{ "`account` chooses", TWO_ACCOUNTS, NULL, NULL, "From: x@other.example\r\n", false,
	  "a@b.example", "home", "x@other.example", "a@b.example ", 0 },
	{ "lists, names, bare ones, doubles", ONE_ACCOUNT, NULL, NULL, "From: b@b.example\r\n",
	  false, "root, Bob <bob@B.example>|bob@b.example|x@y.example", "default",
	  "b@b.example", "root@example.org bob@B.example x@y.example ", 0 },
	{ "-t", ONE_ACCOUNT, NULL, NULL,
	  "From: b@b.example\r\nTo: one, G: two@x.example, three;\r\nCc: (c) four\r\nBcc: "
	  "five\r\n",
	  true, "six|one", "default", "b@b.example",
	  "six@example.org one@example.org two@x.example three@example.org four@example.org "
	  "five@example.org ",
	  0 },
	{ "without -t the header counts for nothing", ONE_ACCOUNT, NULL, NULL,
	  "From: b@b.example\r\nTo: one\r\n", false, "two", "default", "b@b.example",
	  "two@example.org ", 0 },
	{ "-t and nobody", ONE_ACCOUNT, NULL, NULL, "From: b@b.example\r\n", true, NULL, NULL,
	  NULL, NULL, STATUS_BAD_MESSAGE },
	{ "-t and a group of nobody", ONE_ACCOUNT, NULL, NULL,
	  "From: b@b.example\r\nTo: nobody:;\r\n", true, NULL, NULL, NULL, NULL,
	  STATUS_BAD_MESSAGE },
	{ "a bad recipient", ONE_ACCOUNT, NULL, NULL, "From: b@b.example\r\n", false, "a@b>c",
	  NULL, NULL, NULL, STATUS_BAD_MESSAGE },
	{ "a line end in a recipient", ONE_ACCOUNT, NULL, NULL, "From: b@b.example\r\n", false,
	  "a@b.example\r\nDATA", NULL, NULL, NULL, STATUS_BAD_MESSAGE },
	{ "a line end in -f", ONE_ACCOUNT, NULL, (char[]){ "a@b\r\nRSET" }, "", false,
	  "a@b.example", NULL, NULL, NULL, STATUS_BAD_MESSAGE },
	{ "a parameter in -f", ONE_ACCOUNT, NULL, (char[]){ "a@b> NOTIFY=NEVER" }, "", false,
	  "a@b.example", NULL, NULL, NULL, STATUS_BAD_MESSAGE },
	{ "two in -f", ONE_ACCOUNT, NULL, (char[]){ "a@b, c@d" }, "", false, "a@b.example",
	  NULL, NULL, NULL, STATUS_BAD_MESSAGE },
	{ "a bad recipient in the header", ONE_ACCOUNT, NULL, NULL,
	  "From: b@b.example\r\nTo: a b c\r\n", true, NULL, NULL, NULL, NULL,
	  STATUS_BAD_MESSAGE },
	{ "a dash in the header", ONE_ACCOUNT, NULL, NULL,
	  "From: b@b.example\r\nTo: one, -oQ/tmp@x.example\r\n", true, NULL, NULL, NULL, NULL,
	  STATUS_BAD_USAGE },
	{ "a dash in quotes in the header", ONE_ACCOUNT, NULL, NULL,
	  "From: b@b.example\r\nBcc: \"-f x\"@x.example\r\n", true, NULL, NULL, NULL, NULL,
	  STATUS_BAD_USAGE },
	{ "a dash in From", ONE_ACCOUNT, NULL, NULL, "From: -fx@b.example\r\n", false,
	  "a@b.example", NULL, NULL, NULL, STATUS_BAD_USAGE },
	{ "a dash in a From that nobody is told of", ONE_ACCOUNT, NULL, (char[]){ "" },
	  "From: -fx@b.example\r\n", false, "a@b.example", "default", "", "a@b.example ", 0 },
	{ "no such account", TWO_ACCOUNTS, (char[]){ "wrk" }, NULL, "", false, "a@b.example",
	  NULL, NULL, NULL, STATUS_BAD_USAGE },
};

struct outcome {
	const struct account *account;
	struct envelope envelope;
	struct status st;
};

static void address(const struct request *r, const struct config *c, const char *header,
		    struct outcome *out)
{
	struct header h = { 0 };
	struct buf domain = { 0 };
	struct aliasing g = { 0 };
	assert_int_equal(header_parse(&h, slice_of(header), &out->st), 0);
	out->account = addressing_account(r, c, &h, &out->st);
	if (out->account != NULL) {
		addressing_domain(out->account, &domain);
		if (aliasing_open(&g, out->account, buf_str(&domain), &out->st) != 0 ||
		    addressing_envelope(r, &g, &h, &out->envelope, &out->st) != 0)
			out->account = NULL;
	}
	aliasing_release(&g);
	buf_release(&domain);
	header_release(&h);
}

static void assert_envelope(size_t i, const struct outcome *o)
{
	struct buf to = { 0 };
	if (cases[i].chosen == NULL) {
		assert_null(o->account);
		assert_int_equal(o->st.kind, cases[i].kind);
		return;
	}
	if (o->account == NULL)
		fail_msg("%s", o->st.text);
	for (size_t n = 0; n < o->envelope.count; n++)
		buf_addf(&to, "%s ", o->envelope.at[n].address);
	assert_string_equal(o->account->name, cases[i].chosen);
	assert_string_equal(o->envelope.sender, cases[i].from);
	assert_string_equal(buf_str(&to), cases[i].to);
	buf_release(&to);
}

static void envelopes_come_of_arguments_and_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct config c;
		struct outcome o = { 0 };
		struct request r = { .account = cases[i].account,
				     .sender = cases[i].sender,
				     .header_recipients = cases[i].header_recipients };
		struct slice rest = slice_of(cases[i].recipients), part;
		print_message("          %s\n", cases[i].name);
		while (slice_next(&rest, '|', &part))
			strings_add_slice(&r.recipients, part);
		settings_load(&c, cases[i].config);
		address(&r, &c, cases[i].header, &o);
		assert_envelope(i, &o);
		envelope_release(&o.envelope);
		strings_release(&r.recipients);
		config_release(&c);
	}
}

static void without_any_sender_it_is_the_login(void **state)
{
	(void)state;
	struct config c;
	struct outcome o = { 0 };
	struct request r = { .sender = NULL };
	struct buf expected = { 0 };
	strings_add(&r.recipients, "root");
	settings_load(&c, ONE_ACCOUNT);
	address(&r, &c, "", &o);
	identity_login(&expected);
	buf_add_str(&expected, "@example.org");
	assert_non_null(o.account);
	assert_string_equal(o.envelope.sender, buf_str(&expected));
	buf_release(&expected);
	envelope_release(&o.envelope);
	strings_release(&r.recipients);
	config_release(&c);
}

static void wishes_for_reports_are_kept(void **state)
{
	(void)state;
	char ret[] = "HDRS", envid[] = "x y";
	struct config c;
	struct outcome o = { 0 };
	struct request r = { .notify = NOTIFY_DELAY, .ret = ret, .envid = envid };
	strings_add(&r.recipients, "root");
	settings_load(&c, ONE_ACCOUNT);
	address(&r, &c, "From: a@b.example\r\n", &o);
	assert_int_equal(o.envelope.notify, NOTIFY_DELAY);
	assert_string_equal(o.envelope.ret, "HDRS");
	assert_string_equal(o.envelope.envid, "x y");
	envelope_release(&o.envelope);
	strings_release(&r.recipients);
	config_release(&c);
}

static void the_domain_is_the_accounts_or_the_hosts(void **state)
{
	(void)state;
	char domain[] = "example.org";
	struct account a = { .domain = domain };
	struct buf out = { 0 }, host = { 0 };
	addressing_domain(&a, &out);
	assert_string_equal(buf_str(&out), "example.org");
	buf_reset(&out);
	a.domain = NULL;
	addressing_domain(&a, &out);
	identity_mail_domain(&host);
	assert_string_equal(buf_str(&out), buf_str(&host));
	buf_release(&out);
	buf_release(&host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(envelopes_come_of_arguments_and_headers),
		cmocka_unit_test(without_any_sender_it_is_the_login),
		cmocka_unit_test(wishes_for_reports_are_kept),
		cmocka_unit_test(the_domain_is_the_accounts_or_the_hosts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
