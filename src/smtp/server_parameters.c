/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/server_parameters.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "message/envelope.h"
#include "smtp/server_path.h"
#include "smtp/server_reply.h"

#include <stdlib.h>
#include <string.h>

/* RFC 3461, 4.2 and 4.4 */
enum { MAX_ORCPT = 500, MAX_ENVID = 100 };

struct parameter {
	const char *keyword;
	bool dsn; /* known where DSN is offered */
	/* INTO is the server_mail or server_rcpt. False if VALUE makes no sense; it has no data
	 * if there was no '='. */
	bool (*take)(void *into, struct slice value);
};

/* Of 20 digits (RFC 1870, 4), some are no 64-bit number: that size fits nothing. */
static bool take_size(void *into, struct slice value)
{
	struct server_mail *m = into;
	uint64_t n = 0;
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] < '0' || value.data[i] > '9')
			return false;
		uint64_t digit = (uint64_t)(value.data[i] - '0');
		n = n > (UINT64_MAX - digit) / 10 ? UINT64_MAX : n * 10 + digit;
	}
	m->size = n;
	return value.len != 0 && value.len <= 20;
}

static bool take_body(void *into, struct slice value)
{
	struct server_mail *m = into;
	m->eight_bit = slice_is_nocase(value, "8BITMIME");
	return m->eight_bit || slice_is_nocase(value, "7BIT");
}

static bool take_smtputf8(void *into, struct slice value)
{
	((struct server_mail *)into)->smtputf8 = true;
	return value.data == NULL;
}

/* Whoever the client says the author was (RFC 4954, 5): we have no use for it. */
static bool take_auth(void *into, struct slice value)
{
	(void)into;
	return value.len != 0;
}

static bool take_ret(void *into, struct slice value)
{
	struct server_mail *m = into;
	m->ret = slice_is_nocase(value, "FULL")   ? "FULL"
		 : slice_is_nocase(value, "HDRS") ? "HDRS"
						  : NULL;
	return m->ret != NULL;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/*
 * Append TEXT without its xtext escapes (RFC 3461, 4) to OUT. What it stands for ends up in
 * reports, so no control character may be hidden in it; bytes over 127 only as they are.
 */
static bool decode_xtext(struct slice text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		int c = (unsigned char)text.data[i];
		if (c == '+') {
			if (text.len - i < 3)
				return false;
			int high = hex_digit(text.data[i + 1]),
			    low = hex_digit(text.data[i + 2]);
			c = high < 0 || low < 0 ? -1 : high * 16 + low;
			if (c >= 0x7f)
				return false;
			i += 2;
		}
		if (c < ' ' || c == 0x7f)
			return false;
		buf_add_char(out, (char)c);
	}
	return text.len != 0;
}

/* Set *TEXT, which must not be set yet, to VALUE decoded. */
static bool take_xtext(char **text, struct slice value)
{
	struct buf plain = { 0 };
	bool fine = decode_xtext(value, &plain) && utf8_valid(buf_slice(&plain));
	if (fine)
		*text = buf_take(&plain);
	buf_release(&plain);
	return fine;
}

static bool take_envid(void *into, struct slice value)
{
	struct server_mail *m = into;
	return value.len <= MAX_ENVID && ascii_only(value) && take_xtext(&m->envid, value);
}

/* Of those that are registered for mail, all are like this. */
static bool is_address_type(struct slice type)
{
	for (size_t i = 0; i < type.len; i++) {
		char c = ascii_lower(type.data[i]);
		if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-')
			return false;
	}
	return type.len != 0;
}

/* "rfc822;bob@x" */
static bool take_orcpt(void *into, struct slice value)
{
	struct server_rcpt *r = into;
	size_t type = slice_find(value, ';');
	return value.len <= MAX_ORCPT && is_address_type(slice_cut(value, 0, type)) &&
	       type + 1 < value.len && take_xtext(&r->orcpt, value);
}

static unsigned notify_word(struct slice word)
{
	static const struct {
		const char *word;
		unsigned bit;
	} words[] = {
		{ "NEVER", NOTIFY_NEVER },
		{ "SUCCESS", NOTIFY_SUCCESS },
		{ "FAILURE", NOTIFY_FAILURE },
		{ "DELAY", NOTIFY_DELAY },
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (slice_is_nocase(word, words[i].word))
			return words[i].bit;
	}
	return 0;
}

/* NEVER stands alone (RFC 3461, 4.1). */
static bool take_notify(void *into, struct slice value)
{
	struct server_rcpt *r = into;
	struct slice word;
	while (slice_next(&value, ',', &word)) {
		unsigned bit = notify_word(word);
		if (bit == 0)
			return false;
		r->notify |= bit;
	}
	bool never = (r->notify & NOTIFY_NEVER) != 0;
	return r->notify != 0 && (!never || r->notify == NOTIFY_NEVER);
}

static const struct parameter mail_parameters[] = {
	{ "SIZE", false, take_size },
	{ "BODY", false, take_body },
	{ "SMTPUTF8", false, take_smtputf8 },
	{ "AUTH", false, take_auth },
	{ "RET", true, take_ret },
	{ "ENVID", true, take_envid },
};

static const struct parameter rcpt_parameters[] = {
	{ "NOTIFY", true, take_notify },
	{ "ORCPT", true, take_orcpt },
};

struct parameter_list {
	const struct parameter *at; /* static */
	size_t count;
	bool dsn;
};

static bool next_word(struct slice *rest, struct slice *word)
{
	struct slice text = slice_trim(*rest);
	size_t end = 0;
	while (end < text.len && text.data[end] != ' ' && text.data[end] != '\t')
		end++;
	*word = slice_cut(text, 0, end);
	*rest = slice_cut(text, end, text.len);
	return end != 0;
}

static int take_parameter(const struct parameter_list *list, struct slice word, void *into,
			  unsigned *seen, struct status *st)
{
	size_t equals = slice_find(word, '=');
	struct slice keyword = slice_cut(word, 0, equals);
	struct slice value =
		equals < word.len ? slice_cut(word, equals + 1, word.len) : slice_n(NULL, 0);
	for (size_t i = 0; i < list->count; i++) {
		const struct parameter *p = &list->at[i];
		if (!slice_is_nocase(keyword, p->keyword) || (p->dsn && !list->dsn))
			continue;
		if ((*seen & 1U << i) != 0)
			return server_refuse(st, 501, 5, 4, "%s is there twice", p->keyword);
		*seen |= 1U << i;
		if (!p->take(into, value))
			return server_refuse(st, 501, 5, 4, "the value of %s makes no sense",
					     p->keyword);
		return 0;
	}
	return server_refuse(st, 555, 5, 4, "the parameter '%.*s' is not known here",
			     (int)(keyword.len < 40 ? keyword.len : 40), keyword.data);
}

static int take_parameters(const struct parameter_list *list, struct slice text, void *into,
			   struct status *st)
{
	unsigned seen = 0;
	struct slice word;
	while (next_word(&text, &word)) {
		if (take_parameter(list, word, into, &seen, st) != 0)
			return -1;
	}
	return 0;
}

/* Take the word before the path ("FROM:") off ARGUMENT, and the path behind it. */
static int take_path(struct slice *argument, const char *word, struct slice *path,
		     struct status *st)
{
	if (!slice_starts_nocase(*argument, word))
		return server_refuse(st, 501, 5, 4, "'%s<address>' is missing", word);
	*argument = slice_cut(*argument, strlen(word), argument->len);
	return server_path_take(argument, path, st);
}

/* RFC 6531, 3.4 */
static int check_script(bool ascii, bool smtputf8, struct status *st)
{
	if (ascii || smtputf8)
		return 0;
	return server_refuse(st, 501, 6, 7, "other letters than ASCII's need SMTPUTF8");
}

int server_mail_read(struct server_mail *m, struct slice argument, bool dsn, struct status *st)
{
	const struct parameter_list list = { mail_parameters,
					     sizeof mail_parameters / sizeof *mail_parameters,
					     dsn };
	bool ascii = ascii_only(argument);
	struct slice path = { 0 };
	if (take_path(&argument, "FROM:", &path, st) != 0 ||
	    take_parameters(&list, argument, m, st) != 0 ||
	    check_script(ascii, m->smtputf8, st) != 0)
		return -1;
	if (path.len != 0)
		return server_path_read(path, DETAIL_MAIL, &m->sender, st);
	m->sender = mem_copy("");
	return 0;
}

int server_rcpt_read(struct server_rcpt *r, struct slice argument, bool dsn, bool smtputf8,
		     struct status *st)
{
	const struct parameter_list list = { rcpt_parameters,
					     sizeof rcpt_parameters / sizeof *rcpt_parameters,
					     dsn };
	struct slice path = { 0 };
	if (check_script(ascii_only(argument), smtputf8, st) != 0 ||
	    take_path(&argument, "TO:", &path, st) != 0 ||
	    take_parameters(&list, argument, r, st) != 0)
		return -1;
	return server_path_read(path, DETAIL_RCPT, &r->address, st);
}

void server_mail_release(struct server_mail *m)
{
	free(m->sender);
	free(m->envid);
	*m = (struct server_mail){ 0 };
}

void server_rcpt_release(struct server_rcpt *r)
{
	free(r->address);
	free(r->orcpt);
	*r = (struct server_rcpt){ 0 };
}
