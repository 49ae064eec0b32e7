/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/addressing.h"

#include "base/identity.h"
#include "base/mem.h"
#include "message/address.h"
#include "message/fixup.h"
#include "message/idn.h"

void addressing_domain(const struct account *a, struct buf *out)
{
	if (a->domain != NULL)
		buf_add_str(out, a->domain);
	else
		identity_mail_domain(out);
}

void addressing_id_domain(const char *domain, struct buf *out)
{
	struct status untranslated;
	if (idn_to_ascii(domain, out, &untranslated) != 0)
		buf_add_str(out, domain);
}

static void add_login(const struct request *r, struct buf *out)
{
	if (r->login != NULL)
		buf_add_str(out, r->login);
	else
		identity_login(out);
}

/* What struct occasion borrows. */
struct known {
	struct buf sender;
	struct buf from;
	struct buf login;
	struct strings recipients;
};

static struct occasion occasion_of(const struct request *r, const struct known *k)
{
	return (struct occasion){
		.name = r->account,
		.sender = buf_str(&k->sender),
		.from_field = buf_str(&k->from),
		.recipients = &k->recipients,
		.login = buf_str(&k->login),
	};
}

static void known_release(struct known *k)
{
	buf_release(&k->sender);
	buf_release(&k->from);
	buf_release(&k->login);
	strings_release(&k->recipients);
}

static void add_paths(const struct mailboxes *list, const char *domain, struct strings *out)
{
	struct buf path = { 0 };
	for (size_t i = 0; i < list->count; i++) {
		buf_reset(&path);
		mailbox_path(&list->at[i], domain, &path);
		strings_add(out, buf_str(&path));
	}
	buf_release(&path);
}

/* Whom the message is for, to choose an account by; complaints come when it is chosen. */
static void find_recipients(const struct request *r, const struct header *h, const char *domain,
			    struct strings *out)
{
	struct mailboxes list = { 0 };
	struct status later;
	for (size_t i = 0; i < r->recipients.count; i++)
		address_parse_list(slice_of(r->recipients.at[i]), &list, &later);
	if (r->header_recipients)
		fixup_recipients(h, &list, &later);
	add_paths(&list, domain, out);
	mailboxes_release(&list);
}

static int find_known(const struct request *r, const struct config *c, const struct header *h,
		      struct known *k, struct status *st)
{
	struct buf domain = { 0 };
	int result = 0;
	addressing_domain(&c->defaults, &domain);
	if (r->sender != NULL)
		result = address_parse_one(slice_of(r->sender), buf_str(&domain), true,
					   &k->sender, st);
	fixup_from_address(h, buf_str(&domain), &k->from);
	bool all = r->mode == MODE_WHICH;
	if (all || config_needs_recipients(c))
		find_recipients(r, h, buf_str(&domain), &k->recipients);
	if (all || config_needs_login(c))
		add_login(r, &k->login);
	buf_release(&domain);
	return result;
}

const struct account *addressing_account(const struct request *r, const struct config *c,
					 const struct header *h, struct status *st)
{
	struct known k = { 0 };
	const struct account *chosen = NULL;
	if (find_known(r, c, h, &k, st) == 0) {
		const struct occasion o = occasion_of(r, &k);
		chosen = config_choose(c, &o, st);
	}
	known_release(&k);
	return chosen;
}

int addressing_explain(const struct request *r, const struct config *c, struct buf *out,
		       struct status *st)
{
	const struct header none = { 0 };
	struct known k = { 0 };
	int result = find_known(r, c, &none, &k, st);
	if (result == 0) {
		const struct occasion o = occasion_of(r, &k);
		config_explain(c, &o, out);
	}
	known_release(&k);
	return result;
}

/* Append PATH to OUT as an envelope has it, if it may stand there. */
static int add_path(const struct buf *path, struct buf *out, struct status *st)
{
	if (idn_path(buf_str(path), out, st) != 0)
		return -1;
	return address_check(buf_str(out), st);
}

static void login_address(const struct request *r, const char *domain, struct buf *out)
{
	add_login(r, out);
	buf_addf(out, "@%s", domain);
}

/* The address in PATH gives way to the one that it is an alias of. */
static void apply_alias(const struct aliasing *g, struct buf *path)
{
	struct mailboxes list = { 0 };
	struct status unread;
	struct buf other = { 0 };
	if (address_parse_list(buf_slice(path), &list, &unread) == 0 && list.count == 1 &&
	    aliasing_sender(g, &list.at[0], &other)) {
		buf_release(path);
		*path = other;
	}
	mailboxes_release(&list);
}

static int find_sender(const struct request *r, const struct aliasing *g,
		       const struct header *h, struct buf *out, struct status *st)
{
	const char *own = account_sender(g->account);
	if (r->sender == NULL && own != NULL)
		return address_parse_one(slice_of(own), g->domain, false, out, st);
	if (r->sender == NULL)
		fixup_from_address(h, g->domain, out);
	else if (address_parse_one(slice_of(r->sender), g->domain, true, out, st) != 0)
		return -1;
	if (r->sender == NULL && out->len == 0)
		login_address(r, g->domain, out);
	apply_alias(g, out);
	return 0;
}

static int add_mailboxes(struct aliasing *g, struct envelope *e, const struct mailboxes *list,
			 struct status *st)
{
	int result = 0;
	for (size_t i = 0; i < list->count && result == 0; i++)
		result = aliasing_add(g, e, &list->at[i], st);
	return result;
}

static int add_list(struct aliasing *g, struct envelope *e, struct slice text,
		    struct status *st)
{
	struct mailboxes list = { 0 };
	int result = address_parse_list(text, &list, st);
	if (result == 0)
		result = add_mailboxes(g, e, &list, st);
	mailboxes_release(&list);
	return result;
}

/* As arguments, so in the header: see request.c. */
static int refuse_dash(const char *address, struct status *st)
{
	size_t quote = address[0] == '"';
	if (address[quote] != '-')
		return 0;
	return status_set(st, STATUS_BAD_USAGE, "'%s': an address with a leading dash",
			  address);
}

static int add_header_recipients(struct aliasing *g, struct envelope *e, const struct header *h,
				 struct status *st)
{
	struct mailboxes list = { 0 };
	int result = fixup_recipients(h, &list, st);
	for (size_t i = 0; i < list.count && result == 0; i++)
		result = refuse_dash(list.at[i].local, st);
	if (result == 0)
		result = add_mailboxes(g, e, &list, st);
	mailboxes_release(&list);
	return result;
}

static int set_sender(const struct request *r, const struct aliasing *g, const struct header *h,
		      struct envelope *e, struct status *st)
{
	struct buf sender = { 0 }, final = { 0 };
	int result = find_sender(r, g, h, &sender, st);
	if (result == 0 && sender.len != 0)
		result = add_path(&sender, &final, st);
	if (result == 0)
		result = refuse_dash(buf_str(&final), st);
	e->sender = buf_take(&final);
	buf_release(&sender);
	return result;
}

/* What was named were empty lists. */
static int nobody(const struct request *r, struct status *st)
{
	if (!r->header_recipients)
		return status_set(st, STATUS_BAD_USAGE, "no recipient: name one, or use -t");
	status_set(st, STATUS_BAD_MESSAGE, "the message names no recipient");
	return status_hint(st, "with -t, To, Cc or Bcc has to name one");
}

int addressing_envelope(const struct request *r, struct aliasing *g, const struct header *h,
			struct envelope *e, struct status *st)
{
	const struct account *a = g->account;
	int result = set_sender(r, g, h, e, st);
	for (size_t i = 0; i < r->recipients.count && result == 0; i++)
		result = add_list(g, e, slice_of(r->recipients.at[i]), st);
	if (result == 0 && r->header_recipients)
		result = add_header_recipients(g, e, h, st);
	if (result != 0)
		return -1;
	if (e->count == 0)
		return nobody(r, st);
	e->notify = r->notify;
	e->ret = r->ret;
	e->envid = mem_copy(r->envid);
	e->wishes = (struct wishes){ a->require_tls, a->hold_for, a->deliver_by, a->priority };
	return 0;
}
