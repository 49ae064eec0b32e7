/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/rewrite.h"

#include "message/path.h"

void rewrite_renamed(struct field *f, const struct renaming *r)
{
	struct mailboxes list = { 0 };
	struct status unread;
	struct slice body = field_body(f);
	struct buf changed = { 0 };
	size_t copied = 0;
	if (address_parse_list(body, &list, &unread) != 0)
		return;
	for (size_t i = 0; i < list.count; i++) {
		const struct mailbox *m = &list.at[i];
		struct buf other = { 0 };
		if (r->find(r->context, m, &other)) {
			buf_add_slice(&changed, slice_cut(body, copied, m->spec_start));
			buf_add_slice(&changed, buf_slice(&other));
			copied = m->spec_end;
		}
		buf_release(&other);
	}
	if (copied != 0) {
		buf_add_slice(&changed, slice_cut(body, copied, body.len));
		field_replace_body(f, buf_slice(&changed));
	}
	buf_release(&changed);
	mailboxes_release(&list);
}

static bool is_from(const struct field *f)
{
	return slice_is_nocase(field_name(f), "From");
}

static bool is_here(const char *domain, const char *host)
{
	struct slice name = slice_of(domain), own = slice_of(host);
	return name.len == 0 || slice_is_nocase(name, "localhost") ||
	       slice_is_nocase(name, "localhost.localdomain") || slice_same_nocase(name, own) ||
	       slice_same_nocase(name, slice_cut(own, 0, slice_find(own, '.')));
}

static bool is_own(const struct mailbox *m, const char *address)
{
	struct buf path = { 0 };
	mailbox_path(m, "", &path);
	bool own = address_same(buf_str(&path), address);
	buf_release(&path);
	return own;
}

/* Does R apply to a field with the mailboxes of LIST, or to one that cannot be read (NULL)? */
static bool applies(const struct from_rewrite *r, const struct mailboxes *list)
{
	bool single = list != NULL && list->count == 1;
	if (r->rule == FROM_ALWAYS)
		return !single || !is_own(&list->at[0], r->address);
	bool nobody = list != NULL && list->count == 0;
	return r->rule == FROM_MISSING &&
	       (nobody || (single && is_here(list->at[0].domain, r->host)));
}

/* Append BODY with ADDRESS as its one mailbox; of several the first gives the name. */
static void write_body(struct slice body, const struct mailboxes *list, const char *address,
		       struct buf *out)
{
	const struct mailbox *first = &list->at[0];
	if (list->count == 1) {
		buf_add_slice(out, slice_cut(body, 0, first->spec_start));
		buf_add_str(out, address);
		buf_add_slice(out, slice_cut(body, first->spec_end, body.len));
	} else {
		buf_add_char(out, ' ');
		buf_add_slice(out, first->name);
		buf_addf(out, first->name.len != 0 ? " <%s>" : "%s", address);
	}
}

static void change(struct header *h, size_t at, const struct mailboxes *list,
		   const struct from_rewrite *r)
{
	struct buf body = { 0 };
	struct slice original = field_body(&h->at[at]);
	bool keep = r->keep_original && is_from(&h->at[at]) &&
		    header_find(h, "Reply-To", 0) == NULL;
	write_body(original, list, r->address, &body);
	if (keep)
		header_insert(h, at + 1, "Reply-To", slice_trim(original));
	field_replace_body(&h->at[at], buf_slice(&body));
	buf_release(&body);
}

void rewrite_from(struct header *h, size_t at, const struct from_rewrite *r)
{
	struct mailboxes list = { 0 };
	struct status unread;
	struct field *f = &h->at[at];
	if (r->rule == FROM_STAYS || r->address == NULL || r->address[0] == '\0')
		return;
	bool readable = address_parse_list(field_body(f), &list, &unread) == 0;
	bool due = applies(r, readable ? &list : NULL);
	if (due && list.count != 0)
		change(h, at, &list, r);
	else if (due && is_from(f))
		header_remove(h, "From");
	mailboxes_release(&list);
}
