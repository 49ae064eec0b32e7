/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/cmd.h"
#include "cmd/context.h"
#include "cmd/say.h"
#include "delivery/addressing.h"

#include <string.h>
#include <sysexits.h>

static int undeliverable(const char *address, const char *why, struct buf *out)
{
	struct buf shown = { 0 };
	text_printable(&shown, slice_of(address), 256);
	buf_addf(out, "%s... undeliverable: %s\n", buf_str(&shown), why);
	buf_release(&shown);
	return EX_NOUSER;
}

/* Where mail for R, whom NAMED leads to, would go. Returns the exit code. */
static int tell(const struct account *a, const struct recipient *r, const char *named,
		struct buf *out)
{
	if (r->decided)
		return undeliverable(r->address, r->reply, out);
	buf_addf(out, "%s... deliverable: account %s, host %s", r->address, a->name,
		 a->host.count != 0 ? a->host.at[0] : "(none)");
	if (strcmp(r->address, named) != 0)
		buf_addf(out, ", for %s", named);
	buf_add_char(out, '\n');
	return EX_OK;
}

/* A line for each address that M stands for. Returns the exit code. */
static int verify(struct aliasing *g, const struct mailbox *m, struct buf *out)
{
	struct envelope e = { 0 };
	struct buf named = { 0 };
	struct status st;
	int code = EX_OK;
	mailbox_path(m, g->domain, &named);
	aliasing_reset(g);
	bool failed = aliasing_add(g, &e, m, &st) != 0;
	if (failed)
		code = undeliverable(buf_str(&named), st.text, out);
	for (size_t i = 0; !failed && i < e.count; i++) {
		int one = tell(g->account, &e.at[i], buf_str(&named), out);
		code = code != EX_OK ? code : one;
	}
	buf_release(&named);
	envelope_release(&e);
	return code;
}

/* TEXT is a list without an address. */
static int nobody(const char *text)
{
	struct status st;
	status_set(&st, STATUS_BAD_USAGE, "-bv: '%s' names no recipient", text);
	return say_status(&st);
}

static int verify_list(struct aliasing *g, const char *text, struct buf *out)
{
	struct mailboxes list = { 0 };
	struct status st;
	int worst = EX_OK;
	if (address_parse_list(slice_of(text), &list, &st) != 0)
		worst = undeliverable(text, st.text, out);
	else if (list.count == 0)
		worst = nobody(text);
	for (size_t i = 0; i < list.count; i++) {
		int code = verify(g, &list.at[i], out);
		worst = worst != EX_OK ? worst : code;
	}
	mailboxes_release(&list);
	return worst;
}

static int verify_all(const struct request *r, struct aliasing *g)
{
	struct buf out = { 0 };
	int worst = EX_OK;
	for (size_t i = 0; i < r->recipients.count; i++) {
		int code = verify_list(g, r->recipients.at[i], &out);
		worst = worst != EX_OK ? worst : code;
	}
	int written = say_output(&out);
	return worst != EX_OK ? worst : written;
}

static int verify_by(const struct request *r, const struct account *a)
{
	struct aliasing g = { 0 };
	struct buf domain = { 0 };
	struct status st;
	addressing_domain(a, &domain);
	int code = aliasing_open(&g, a, buf_str(&domain), &st) == 0 ? verify_all(r, &g)
								    : say_status(&st);
	aliasing_release(&g);
	buf_release(&domain);
	return code;
}

int cmd_verify(const struct request *r)
{
	struct context c;
	struct status st;
	const struct header none = { 0 };
	const struct account *a = NULL;
	if (r->recipients.count == 0) {
		status_set(&st, STATUS_BAD_USAGE, "-bv: name an address");
		return say_status(&st);
	}
	if (context_init(&c, r, &st) == 0)
		a = addressing_account(r, &c.config, &none, &st);
	int code = a != NULL ? verify_by(r, a) : say_status(&st);
	context_release(&c);
	return code;
}
