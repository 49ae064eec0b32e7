/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/address.h"

#include "base/mem.h"
#include "message/address_lexer.h"
#include "message/address_spec.h"

#include <stdlib.h>

/* How much of the text an error sentence quotes. */
enum { EXCERPT = 40 };

/* What stands before a '<' or a ':', if one of these follows; else an address. */
struct phrase {
	size_t start;
	size_t end;
	bool any_at;
};

struct reader {
	struct lexer lexer;
	struct mailboxes *list;
	bool any_group;
	bool in_group;
	size_t group_start; /* offset of the present group's name */
	size_t group_first; /* index of its first mailbox */
};

static void mailbox_release(struct mailbox *m)
{
	free(m->local);
	free(m->domain);
}

static void mailboxes_truncate(struct mailboxes *list, size_t count)
{
	while (list->count > count)
		mailbox_release(&list->at[--list->count]);
}

void mailboxes_release(struct mailboxes *list)
{
	mailboxes_truncate(list, 0);
	free(list->at);
	*list = (struct mailboxes){ 0 };
}

/* Skip the source route in <@a,@b:c@d>, as RFC 5321 asks for (appendix C). */
static int skip_route(struct lexer *l, size_t from)
{
	if (l->kind != TOKEN_AT)
		return 0;
	while (l->kind == TOKEN_AT || l->kind == TOKEN_ATOM || l->kind == TOKEN_DOT ||
	       l->kind == TOKEN_LITERAL || l->kind == TOKEN_COMMA)
		lexer_next(l);
	if (l->kind != TOKEN_COLON)
		return lexer_fail(l, from, "missing address");
	lexer_next(l);
	return 0;
}

static int read_angle(struct lexer *l, struct mailbox *m)
{
	size_t from = l->start;
	lexer_next(l);
	if (skip_route(l, from) != 0 || address_spec_read(l, from, m) != 0)
		return -1;
	if (l->kind != TOKEN_GREATER)
		return lexer_fail(l, from, "missing '>'");
	lexer_next(l);
	return 0;
}

/* Is the token one that follows upon a mailbox? */
static bool ends_mailbox(const struct lexer *l)
{
	return l->kind == TOKEN_COMMA || l->kind == TOKEN_SEMICOLON || l->kind == TOKEN_END;
}

/*
 * Skip to what decides what stands here: the '<' of an address, the ':' of a group, or the end
 * of a plain address. Display names may hold anything else: "a@b.example <a@b.example>" is
 * common.
 */
static struct phrase skip_phrase(struct lexer *l)
{
	struct phrase p = { .start = l->start, .end = l->start };
	while (!ends_mailbox(l) && l->kind != TOKEN_LESS && l->kind != TOKEN_COLON &&
	       l->kind != TOKEN_GREATER && l->kind != TOKEN_BAD) {
		p.any_at = p.any_at || l->kind == TOKEN_AT;
		p.end = l->end;
		lexer_next(l);
	}
	return p;
}

/* A name with an @ opens no group: "r@x Bcc: e@x" is what is left of an attack. */
static int open_group(struct reader *r, const struct phrase *name)
{
	struct lexer *l = &r->lexer;
	if (r->in_group || name->any_at || name->end == name->start)
		return lexer_fail(l, name->start, "unexpected ':'");
	r->any_group = true;
	r->in_group = true;
	r->group_start = name->start;
	r->group_first = r->list->count;
	lexer_next(l);
	return 0;
}

/* A mailbox, or the name of a group up to its colon. */
static int read_entry(struct reader *r)
{
	struct lexer *l = &r->lexer;
	struct lexer begin = *l;
	struct phrase name = skip_phrase(l);
	if (l->kind == TOKEN_BAD)
		return -1;
	if (l->kind == TOKEN_COLON)
		return open_group(r, &name);
	struct mailbox m = { 0 };
	bool angle = l->kind == TOKEN_LESS;
	int result;
	if (angle) {
		m.name = slice_cut(l->text, name.start, name.end);
		result = read_angle(l, &m);
	} else {
		*l = begin;
		result = address_spec_read(l, l->start, &m);
	}
	if (result == 0 && !ends_mailbox(l))
		result = lexer_fail(l, l->start, angle ? "missing ','" : "missing ',' or '<'");
	if (result != 0) {
		mailbox_release(&m);
		return -1;
	}
	r->list->at = mem_grow(r->list->at, r->list->count, &r->list->room, sizeof m);
	r->list->at[r->list->count++] = m;
	return 0;
}

/*
 * A ';' outside a group separates as a comma does: Outlook's users type lists so. A group
 * without its ';' is let pass when it is empty, for "undisclosed-recipients:" is common; with
 * members it may be the sign of an attack.
 */
static int read_list(struct reader *r)
{
	struct lexer *l = &r->lexer;
	lexer_next(l);
	while (l->kind != TOKEN_END) {
		bool separator = l->kind == TOKEN_COMMA || l->kind == TOKEN_SEMICOLON;
		if (l->kind == TOKEN_SEMICOLON)
			r->in_group = false;
		if (separator)
			lexer_next(l);
		else if (read_entry(r) != 0)
			return -1;
	}
	if (r->in_group && r->list->count != r->group_first)
		return lexer_fail(l, r->group_start, "missing ';'");
	return 0;
}

static int report(struct slice where, const char *problem, struct status *st)
{
	struct buf excerpt = { 0 };
	text_printable(&excerpt, where, EXCERPT);
	status_set(st, STATUS_BAD_MESSAGE, "cannot read the address list at '%s': %s",
		   buf_str(&excerpt), problem);
	buf_release(&excerpt);
	return -1;
}

/* As address_parse_list; *ANY_GROUP says whether there was a group. */
static int parse(struct slice text, struct mailboxes *list, bool *any_group, struct status *st)
{
	struct reader r = { .lexer = { .text = text }, .list = list };
	size_t before = list->count;
	int result = read_list(&r);
	*any_group = r.any_group;
	if (result == 0)
		return 0;
	mailboxes_truncate(list, before);
	return report(slice_cut(text, r.lexer.start, text.len), r.lexer.problem, st);
}

int address_parse_list(struct slice text, struct mailboxes *list, struct status *st)
{
	bool any_group;
	return parse(text, list, &any_group, st);
}

void mailbox_path(const struct mailbox *m, const char *domain, struct buf *out)
{
	if (m->domain[0] != '\0')
		domain = m->domain;
	buf_add_str(out, m->local);
	if (domain != NULL) {
		buf_add_char(out, '@');
		buf_add_str(out, domain);
	}
}

int address_parse_one(struct slice text, const char *domain, bool allow_null, struct buf *out,
		      struct status *st)
{
	if (allow_null && (text.len == 0 || slice_is(text, "<>")))
		return 0;
	struct mailboxes list = { 0 };
	struct buf path = { 0 };
	bool any_group;
	int result = parse(text, &list, &any_group, st);
	if (result == 0 && (list.count != 1 || any_group))
		result = report(text, "not one address", st);
	if (result == 0) {
		mailbox_path(&list.at[0], domain, &path);
		result = address_check(buf_str(&path), st);
	}
	if (result == 0)
		buf_add_slice(out, buf_slice(&path));
	buf_release(&path);
	mailboxes_release(&list);
	return result;
}
