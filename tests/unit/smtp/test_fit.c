/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/fit.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HEAD        "From: a@b\r\nSubject: x\r\n\r\n"
#define UTF8_HEAD   "From: a@b\r\nSubject: gr\xc3\xbc\xc3\x9f\r\n\r\n"
#define UTF8_FROM   "From: \xc3\xa4@b\r\n\r\n"
#define SIGNED_HEAD "DKIM-Signature: v=1\r\n" UTF8_HEAD
#define HUNDRED                                                                                \
	"012345678901234567890123456789012345678901234567890123456789012345678901234567890123" \
	"4567890123456789"
#define LONG_LINE                                                                              \
	HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED "\r\n"

static const struct {
	const char *name;
	const char *head, *body;
	struct capabilities caps;
	const char *sender;
	enum status_kind kind;
	const char *enhanced; /* where it is refused */
	const char *holds;    /* what is sent holds this; NULL: it is what came in */
	bool smtputf8;
} cases[] = {
	{ "plain", HEAD, "text\r\n", { 0 }, "a@b", STATUS_OK, NULL, NULL, false },
	{ "null sender", HEAD, "text\r\n", { 0 }, "", STATUS_OK, NULL, NULL, false },
	{ "8-bit taken",
	  HEAD,
	  "\xc3\xbc\r\n",
	  { .eightbitmime = true },
	  "a@b",
	  STATUS_OK,
	  NULL,
	  NULL,
	  false },
	{ "8-bit encoded",
	  HEAD,
	  "\xc3\xbc and more text\r\n",
	  { 0 },
	  "a@b",
	  STATUS_OK,
	  NULL,
	  "=C3=BC and",
	  false },
	{ "long line",
	  HEAD,
	  LONG_LINE,
	  { .eightbitmime = true },
	  "a@b",
	  STATUS_OK,
	  NULL,
	  "=\r\n",
	  false },
	{ "too large",
	  HEAD,
	  "text\r\n",
	  { .size = true, .size_limit = 10 },
	  "a@b",
	  STATUS_REJECTED,
	  "5.3.4",
	  NULL,
	  false },
	{ "just fits",
	  HEAD,
	  "text\r\n",
	  { .size = true, .size_limit = 31 },
	  "a@b",
	  STATUS_OK,
	  NULL,
	  NULL,
	  false },
	{ "no limit", HEAD, "text\r\n", { .size = true }, "a@b", STATUS_OK, NULL, NULL, false },
	{ "too large once encoded",
	  HEAD,
	  "\xc3\xbc and more text\r\n",
	  { .size = true, .size_limit = 60 },
	  "a@b",
	  STATUS_REJECTED,
	  "5.3.4",
	  NULL,
	  false },
	{ "sender without SMTPUTF8",
	  HEAD,
	  "",
	  { .eightbitmime = true },
	  "\xc3\xa4@b",
	  STATUS_BAD_MESSAGE,
	  "5.6.7",
	  NULL,
	  false },
	{ "sender with SMTPUTF8",
	  HEAD,
	  "",
	  { .eightbitmime = true, .smtputf8 = true },
	  "\xc3\xa4@b",
	  STATUS_OK,
	  NULL,
	  NULL,
	  true },
	{ "subject",
	  UTF8_HEAD,
	  "text\r\n",
	  { .eightbitmime = true },
	  "a@b",
	  STATUS_OK,
	  NULL,
	  "=?",
	  false },
	{ "subject is read everywhere",
	  UTF8_HEAD,
	  "",
	  { .eightbitmime = true, .smtputf8 = true },
	  "a@b",
	  STATUS_OK,
	  NULL,
	  "=?",
	  false },
	{ "signature kept",
	  SIGNED_HEAD,
	  "",
	  { .eightbitmime = true, .smtputf8 = true },
	  "a@b",
	  STATUS_OK,
	  NULL,
	  NULL,
	  true },
	{ "From needs SMTPUTF8",
	  UTF8_FROM,
	  "",
	  { .eightbitmime = true, .smtputf8 = true },
	  "a@b",
	  STATUS_OK,
	  NULL,
	  NULL,
	  true },
	{ "From without SMTPUTF8",
	  UTF8_FROM,
	  "",
	  { .eightbitmime = true },
	  "a@b",
	  STATUS_BAD_MESSAGE,
	  "5.6.7",
	  NULL,
	  false },
};

static void make_message(struct message *m, const char *head, const char *body)
{
	struct status st;
	*m = (struct message){ 0 };
	store_init(&m->content);
	assert_int_equal(store_add(&m->content, slice_of(head), &st), 0);
	assert_int_equal(store_add(&m->content, slice_of(body), &st), 0);
	facts_add(&m->head, slice_of(head));
	facts_add(&m->body, slice_of(body));
	m->facts = facts_sum(&m->head, &m->body);
}

/* All of M as it goes over the wire, before any dot is doubled. */
static void read_message(const struct message *m, struct buf *out)
{
	struct edits_cursor cursor = { 0 };
	struct buf scratch = { 0 };
	struct slice piece;
	struct status st;
	if (m->converted != NULL)
		convert_rewind(m->converted, &cursor);
	do {
		int result = m->converted != NULL
				     ? convert_read(m->converted, &cursor, &piece, &st)
				     : store_read(&m->content, out->len, &scratch, &piece, &st);
		assert_int_equal(result, 0);
		buf_add_slice(out, piece);
	} while (piece.len != 0);
	edits_cursor_release(&cursor);
	buf_release(&scratch);
}

static void check_sent(const struct fitted *f, const char *head, const char *body,
		       const char *holds)
{
	struct buf sent = { 0 }, came = { 0 };
	read_message(&f->message, &sent);
	buf_addf(&came, "%s%s", head, body);
	if (holds == NULL)
		assert_string_equal(buf_str(&sent), buf_str(&came));
	else
		assert_non_null(strstr(buf_str(&sent), holds));
	assert_int_equal(f->message.facts.size, sent.len);
	buf_release(&sent);
	buf_release(&came);
}

static void a_message_is_sent_as_the_server_takes_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct message m;
		struct fitted f;
		struct envelope e = { .sender = mem_copy(cases[i].sender) };
		struct session session = { .caps = cases[i].caps };
		struct status st = { .kind = STATUS_OK };
		struct buf enhanced = { 0 };
		print_message("          %s\n", cases[i].name);
		make_message(&m, cases[i].head, cases[i].body);
		int result = fit_message(&f, &m, &e, &session, &st);
		assert_int_equal(st.kind, cases[i].kind);
		assert_int_equal(result, cases[i].kind == STATUS_OK ? 0 : -1);
		status_enhanced(&st, &enhanced);
		if (result != 0) {
			assert_string_equal(buf_str(&enhanced), cases[i].enhanced);
		} else {
			assert_int_equal(f.message.smtputf8, cases[i].smtputf8);
			check_sent(&f, cases[i].head, cases[i].body, cases[i].holds);
		}
		fit_release(&f);
		envelope_release(&e);
		store_release(&m.content);
		buf_release(&enhanced);
	}
}

static void addresses_that_do_not_fit_do_not_stop_others(void **state)
{
	struct envelope e = { 0 };
	struct session session = { 0 };
	(void)state;
	envelope_add(&e, "a@b");
	envelope_add(&e, "\xc3\xa4@b");
	session.caps.smtputf8 = true;
	fit_recipients(&e, &session);
	assert_int_equal(envelope_undecided(&e), 2);
	session.caps.smtputf8 = false;
	fit_recipients(&e, &session);
	assert_int_equal(envelope_undecided(&e), 1);
	assert_int_equal(e.at[1].kind, STATUS_BAD_MESSAGE);
	assert_int_equal(e.at[1].enhanced[2], 7);
	envelope_release(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_sent_as_the_server_takes_it),
		cmocka_unit_test(addresses_that_do_not_fit_do_not_stop_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
