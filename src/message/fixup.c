/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/fixup.h"

#include "base/clock.h"
#include "base/number.h"
#include "base/random.h"
#include "message/date.h"
#include "message/phrase.h"

#include <string.h>

enum {
	LINE_COLUMNS = 78, /* RFC 5322, 2.1.1 */
	DECIMAL = 10,
	ID_RANDOM_BYTES = 16, /* what makes a Message-ID unique in the world */
};

/* Fields from index FIRST up to, not with, END. */
struct block {
	size_t first;
	size_t end;
};

struct new_field {
	const char *name;
	void (*write)(const struct fixup *f, struct buf *out);
};

static const char *const recipient_fields[] = { "To", "Cc", "Bcc", NULL };
static const char *const resent_recipient_fields[] = { "Resent-To", "Resent-Cc", "Resent-Bcc",
						       NULL };
static const char *const sender_fields[] = { "From", "Sender", NULL };
static const char *const resent_sender_fields[] = { "Resent-From", "Resent-Sender", NULL };
static const char *const resent_fields[] = {
	"Resent-Date", "Resent-From",       "Resent-Sender",   "Resent-To", "Resent-Cc",
	"Resent-Bcc",  "Resent-Message-ID", "Resent-Reply-To", NULL
};
static const char *const qualified_fields[] = {
	"From",          "Sender",          "Reply-To",  "To",        "Cc", "Resent-From",
	"Resent-Sender", "Resent-Reply-To", "Resent-To", "Resent-Cc", NULL,
};

/* The place of F's name in NAMES, or of the NULL that ends them. */
static size_t place_in(const char *const *names, const struct field *f)
{
	size_t i = 0;
	while (names[i] != NULL && !slice_is_nocase(field_name(f), names[i]))
		i++;
	return i;
}

static bool is_one_of(const char *const *names, const struct field *f)
{
	return names[place_in(names, f)] != NULL;
}

static struct block whole(const struct header *h)
{
	return (struct block){ 0, h->count };
}

static bool is_empty(struct block b)
{
	return b.first == b.end;
}

static const struct field *find_in(const struct header *h, struct block b, const char *name)
{
	const struct field *f = header_find(h, name, b.first);
	return f != NULL && f < h->at + b.end ? f : NULL;
}

/* Resent- fields that RFC 5322 does not know neither begin a block nor end it. */
static struct block topmost_resent_block(const struct header *h)
{
	struct block b = { 0 };
	while (b.first < h->count && !is_one_of(resent_fields, &h->at[b.first]))
		b.first++;
	unsigned seen = 0;
	for (b.end = b.first; b.end < h->count; b.end++) {
		const struct field *f = &h->at[b.end];
		size_t place = place_in(resent_fields, f);
		bool again = (seen & 1U << place) != 0;
		if (again || !slice_starts_nocase(field_name(f), "Resent-"))
			break;
		if (resent_fields[place] != NULL)
			seen |= 1U << place;
	}
	return b;
}

static int read_recipients(const struct field *f, struct mailboxes *list, struct status *st)
{
	struct status why;
	if (address_parse_list(field_body(f), list, &why) == 0)
		return 0;
	struct slice name = field_name(f);
	return status_set(st, STATUS_BAD_MESSAGE, "%s in the field '%.*s'", why.text,
			  (int)name.len, name.data);
}

int fixup_recipients(const struct header *h, struct mailboxes *list, struct status *st)
{
	struct block b = topmost_resent_block(h);
	const char *const *names = resent_recipient_fields;
	if (is_empty(b)) {
		b = whole(h);
		names = recipient_fields;
	}
	for (size_t i = b.first; i < b.end; i++) {
		const struct field *f = &h->at[i];
		if (is_one_of(names, f) && read_recipients(f, list, st) != 0)
			return -1;
	}
	return 0;
}

/* The field that says who sends the message now, or NULL. */
static const struct field *present_from(const struct header *h)
{
	struct block b = topmost_resent_block(h);
	return is_empty(b) ? header_find(h, "From", 0) : find_in(h, b, "Resent-From");
}

void fixup_from_address(const struct header *h, const char *domain, struct buf *out)
{
	const struct field *from = present_from(h);
	struct mailboxes list = { 0 };
	struct status unread;
	if (from != NULL && address_parse_list(field_body(from), &list, &unread) == 0 &&
	    list.count != 0)
		mailbox_path(&list.at[0], domain, out);
	mailboxes_release(&list);
}

/* Append BODY with "@" and DOMAIN behind each bare address of LIST; the rest byte for byte. */
static void add_qualified(struct slice body, const struct mailboxes *list, const char *domain,
			  struct buf *out)
{
	size_t copied = 0;
	for (size_t i = 0; i < list->count; i++) {
		const struct mailbox *m = &list->at[i];
		if (m->domain[0] != '\0')
			continue;
		buf_add_slice(out, slice_cut(body, copied, m->spec_end));
		buf_add_char(out, '@');
		buf_add_str(out, domain);
		copied = m->spec_end;
	}
	buf_add_slice(out, slice_cut(body, copied, body.len));
}

static void qualify_field(struct field *f, const char *domain)
{
	struct mailboxes list = { 0 };
	struct status unread;
	struct slice body = field_body(f);
	if (address_parse_list(body, &list, &unread) == 0) {
		struct buf qualified = { 0 };
		add_qualified(body, &list, domain, &qualified);
		if (qualified.len != body.len)
			field_replace_body(f, buf_slice(&qualified));
		buf_release(&qualified);
	}
	mailboxes_release(&list);
}

static void qualify(struct header *h, const char *domain)
{
	for (size_t i = 0; i < h->count; i++) {
		if (is_one_of(qualified_fields, &h->at[i]))
			qualify_field(&h->at[i], domain);
	}
}

static void rename_senders(struct header *h, const struct renaming *r)
{
	struct block b = topmost_resent_block(h);
	const char *const *names = is_empty(b) ? sender_fields : resent_sender_fields;
	if (is_empty(b))
		b = whole(h);
	for (size_t i = b.first; i < b.end; i++) {
		if (is_one_of(names, &h->at[i]))
			rewrite_renamed(&h->at[i], r);
	}
}

static void rewrite_present_from(struct header *h, const struct from_rewrite *r)
{
	const struct field *from = present_from(h);
	if (from != NULL)
		rewrite_from(h, (size_t)(from - h->at), r);
}

static void hide_recipients(struct header *h)
{
	size_t at = 0;
	while (at < h->count && !is_one_of(recipient_fields, &h->at[at]))
		at++;
	for (size_t i = 0; recipient_fields[i] != NULL; i++)
		header_remove(h, recipient_fields[i]);
	header_insert(h, at, "To", slice_of("undisclosed-recipients:;"));
}

static void write_from_address(const struct fixup *f, struct buf *out)
{
	if (f->from[0] != '\0')
		buf_add_str(out, f->from);
	else
		buf_addf(out, "MAILER-DAEMON@%s", f->id_domain);
}

/* Columns of the last line of a field called NAME that so far has BODY. */
static size_t last_line(const char *name, struct slice body)
{
	size_t start = body.len;
	while (start != 0 && body.data[start - 1] != '\n')
		start--;
	return body.len - start + (start == 0 ? strlen(name) + 2 : 0);
}

static void write_from(const struct fixup *f, struct buf *out)
{
	struct buf address = { 0 };
	write_from_address(f, &address);
	phrase_write(out, f->from_name != NULL ? f->from_name : "");
	if (out->len == 0) {
		buf_add_slice(out, buf_slice(&address));
	} else {
		size_t columns = last_line("From", buf_slice(out)) + address.len + 3;
		buf_addf(out, "%s <%s>", columns > LINE_COLUMNS ? "\r\n" : "",
			 buf_str(&address));
	}
	buf_release(&address);
}

static void write_date(const struct fixup *f, struct buf *out)
{
	(void)f;
	date_write(out, clock_wall());
}

static void write_id(const struct fixup *f, struct buf *out)
{
	buf_add_char(out, '<');
	random_hex(out, ID_RANDOM_BYTES);
	buf_add_char(out, '.');
	number_add(out, DECIMAL, 1, (uint64_t)clock_wall_us());
	buf_add_char(out, '@');
	buf_add_str(out, f->id_domain);
	buf_add_char(out, '>');
}

static const struct new_field original_fields[] = {
	{ "From", write_from },
	{ "Date", write_date },
	{ "Message-ID", write_id },
	{ NULL, NULL },
};

static const struct new_field new_resent_fields[] = {
	{ "Resent-Date", write_date },
	{ "Resent-Message-ID", write_id },
	{ NULL, NULL },
};

/* Put those of FIELDS that B lacks in front of it. */
static void add_missing(struct header *h, struct block b, const struct new_field *fields,
			const struct fixup *f)
{
	size_t at = b.first;
	for (; fields->name != NULL; fields++) {
		if (find_in(h, b, fields->name) != NULL)
			continue;
		struct buf body = { 0 };
		fields->write(f, &body);
		header_insert(h, at++, fields->name, buf_slice(&body));
		b.end++;
		buf_release(&body);
	}
}

void fixup_apply(struct header *h, const struct fixup *f)
{
	for (size_t i = 0; i < f->remove->count; i++)
		header_remove(h, f->remove->at[i]);
	if (f->undisclosed)
		hide_recipients(h);
	if (f->renaming != NULL)
		rename_senders(h, f->renaming);
	rewrite_present_from(h, &f->rewrite);
	if (f->domain != NULL)
		qualify(h, f->domain);
	struct block resent = topmost_resent_block(h);
	if (!is_empty(resent))
		add_missing(h, resent, new_resent_fields, f);
	add_missing(h, whole(h), original_fields, f);
}
