/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/choose.h"

#include "base/suggest.h"
#include "config/options.h"

#include <stddef.h>
#include <string.h>

/* Does TEXT match PATTERN with * and ? in full? After a mismatch the last star takes one more
 * byte. */
static bool glob_matches(struct slice pattern, struct slice text, bool caseless)
{
	size_t p = 0, t = 0, star = pattern.len, resume = 0;
	while (t < text.len) {
		struct slice a = slice_cut(pattern, p, p + 1), b = slice_cut(text, t, t + 1);
		if (slice_is(a, "*")) {
			star = p++;
			resume = t;
		} else if (slice_is(a, "?") || (caseless && slice_same_nocase(a, b)) ||
			   (a.len != 0 && a.data[0] == b.data[0])) {
			p++;
			t++;
		} else if (star < pattern.len) {
			p = star + 1;
			t = ++resume;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.data[p] == '*')
		p++;
	return p == pattern.len;
}

static bool is_given(const char *text)
{
	return text != NULL && *text != '\0';
}

/* Offset of the '@' before the domain, or the length. */
static size_t find_domain(const char *address)
{
	const char *at = strrchr(address, '@');
	return at != NULL ? (size_t)(at - address) : strlen(address);
}

/* PATTERN is one of addresses, or, without an '@', of domains. */
static bool pattern_matches(const char *pattern, const char *address)
{
	struct slice p = slice_of(pattern), a = slice_of(address);
	size_t p_at = find_domain(pattern), a_at = find_domain(address);
	if (strcmp(pattern, "*") == 0)
		return true;
	if (p_at == p.len && a_at < a.len)
		return glob_matches(p, slice_cut(a, a_at + 1, a.len), true);
	return glob_matches(slice_cut(p, 0, p_at), slice_cut(a, 0, a_at), false) &&
	       glob_matches(slice_cut(p, p_at, p.len), slice_cut(a, a_at, a.len), true);
}

/* The first of PATTERNS that matches ADDRESS, or NULL. */
static const char *first_match(const struct strings *patterns, const char *address)
{
	for (size_t i = 0; i < patterns->count; i++) {
		if (pattern_matches(patterns->at[i], address))
			return patterns->at[i];
	}
	return NULL;
}

bool account_matches(const struct account *a, const char *address)
{
	return first_match(&a->from, address) != NULL;
}

const char *account_sender(const struct account *a)
{
	for (size_t i = 0; i < a->from.count; i++) {
		if (strpbrk(a->from.at[i], "*?") == NULL)
			return a->from.at[i];
	}
	return NULL;
}

int choose_unknown(const struct config *c, const char *name, enum status_kind kind,
		   struct status *st)
{
	struct suggest near = { .text = name };
	for (size_t i = 0; i < c->count; i++)
		suggest_offer(&near, c->accounts[i].name);
	status_set(st, kind, "there is no account '%s'", name);
	return near.best != NULL ? status_hint(st, "did you mean '%s'?", near.best) : -1;
}

/* The account that a rule leads to, or NULL, and the pattern that did it, or NULL. */
struct finding {
	const struct account *account;
	const char *pattern;
};

/* The first account for ADDRESS; NULL also for an ADDRESS that is not given. */
static struct finding by_address(const struct config *c, const char *address)
{
	struct finding f = { 0 };
	for (size_t i = 0; is_given(address) && f.pattern == NULL && i < c->count; i++) {
		f.account = &c->accounts[i];
		f.pattern = first_match(&f.account->from, address);
	}
	return f.pattern != NULL ? f : (struct finding){ 0 };
}

static struct finding by_name(const struct config *c, const struct occasion *o)
{
	return (struct finding){ o->name != NULL ? config_find(c, o->name) : NULL, NULL };
}

static struct finding by_sender(const struct config *c, const struct occasion *o)
{
	return by_address(c, o->sender);
}

static struct finding by_from_field(const struct config *c, const struct occasion *o)
{
	return by_address(c, o->from_field);
}

/* The pattern of A that matches the last of RECIPIENTS, if all of them are matched. */
static const char *match_all(const struct account *a, const struct strings *recipients)
{
	const char *pattern = NULL;
	for (size_t i = 0; i < recipients->count; i++) {
		pattern = first_match(&a->to, recipients->at[i]);
		if (pattern == NULL)
			return NULL;
	}
	return pattern;
}

static struct finding by_recipients(const struct config *c, const struct occasion *o)
{
	for (size_t i = 0; o->recipients != NULL && i < c->count; i++) {
		const char *pattern = match_all(&c->accounts[i], o->recipients);
		if (pattern != NULL)
			return (struct finding){ &c->accounts[i], pattern };
	}
	return (struct finding){ 0 };
}

static bool holds(const struct strings *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->at[i], text) == 0)
			return true;
	}
	return false;
}

static struct finding by_login(const struct config *c, const struct occasion *o)
{
	for (size_t i = 0; is_given(o->login) && i < c->count; i++) {
		if (holds(&c->accounts[i].users, o->login))
			return (struct finding){ &c->accounts[i], o->login };
	}
	return (struct finding){ 0 };
}

void config_keep_for(struct config *c, const char *login)
{
	size_t kept = 0;
	for (size_t i = 0; i < c->count; i++) {
		struct account *a = &c->accounts[i];
		if (a->users.count == 0 || holds(&a->users, login))
			c->accounts[kept++] = *a;
		else
			account_release(a);
	}
	c->count = kept;
}

static struct finding by_key(const struct config *c, const struct occasion *o)
{
	(void)o;
	return (struct finding){ c->account != NULL ? config_find(c, c->account) : NULL, NULL };
}

static struct finding by_being_alone(const struct config *c, const struct occasion *o)
{
	(void)o;
	return (struct finding){ c->count == 1 ? &c->accounts[0] : NULL, NULL };
}

static const struct rule {
	const char *what;
	const char *key; /* whose patterns decide, or NULL */
	size_t text;     /* offset of what it goes by in struct occasion; 0: no text */
	struct finding (*find)(const struct config *c, const struct occasion *o);
} rules[] = {
	{ "account of -a", NULL, offsetof(struct occasion, name), by_name },
	{ "sender", "from", offsetof(struct occasion, sender), by_sender },
	{ "From field", "from", offsetof(struct occasion, from_field), by_from_field },
	{ "recipients", "to", 0, by_recipients },
	{ "user", "users", offsetof(struct occasion, login), by_login },
	{ "key 'account'", NULL, 0, by_key },
	{ "only account", NULL, 0, by_being_alone },
};
enum { RULES = sizeof rules / sizeof rules[0] };

static void tell_recipients(const struct strings *recipients, struct buf *out)
{
	for (size_t i = 0; i < recipients->count; i++)
		buf_addf(out, "%s%s", i != 0 ? ", " : "", recipients->at[i]);
}

/* Append what R goes by; nothing if it is not given. */
static void tell_given(const struct rule *r, const struct occasion *o, struct buf *out)
{
	const char *const *text = (const void *)((const char *)o + r->text);
	if (r->text != 0 && *text != NULL)
		buf_add_str(out, *text);
	if (r->find == by_recipients && o->recipients != NULL)
		tell_recipients(o->recipients, out);
}

/* "sender a@b.example: account 'work', from = *@b.example" */
static void explain_rule(const struct rule *r, const struct occasion *o,
			 const struct finding *f, struct buf *out)
{
	struct buf given = { 0 };
	bool alone = r->text == 0 && r->key == NULL;
	tell_given(r, o, &given);
	buf_addf(out, "%s%s%s: ", r->what, given.len != 0 ? " " : "", buf_str(&given));
	if (f->account != NULL)
		buf_addf(out, "account '%s'", f->account->name);
	else if (!alone && given.len == 0)
		buf_add_str(out, "not given");
	else if (r->key != NULL)
		buf_addf(out, "no '%s' matches", r->key);
	else
		buf_add_str(out, "none");
	if (f->pattern != NULL)
		buf_addf(out, ", %s = %s", r->key, f->pattern);
	buf_add_char(out, '\n');
	buf_release(&given);
}

void config_explain(const struct config *c, const struct occasion *o, struct buf *out)
{
	for (size_t i = 0; i < RULES; i++) {
		struct finding f = rules[i].find(c, o);
		explain_rule(&rules[i], o, &f, out);
		if (f.account != NULL || (i == 0 && o->name != NULL))
			return;
	}
}

bool config_needs_recipients(const struct config *c)
{
	for (size_t i = 0; i < c->count; i++) {
		if (c->accounts[i].to.count != 0)
			return true;
	}
	return false;
}

bool config_needs_login(const struct config *c)
{
	for (size_t i = 0; i < c->count; i++) {
		if (c->accounts[i].users.count != 0)
			return true;
	}
	return false;
}

/* What stands behind "no account is". */
static void tell_whom(const struct occasion *o, struct buf *out)
{
	const char *sender = is_given(o->sender) ? o->sender : o->from_field;
	if (is_given(sender))
		buf_addf(out, "for the sender '%.80s'", sender);
	else if (is_given(o->login))
		buf_addf(out, "for the user '%.80s'", o->login);
	else
		buf_add_str(out, "chosen");
}

static const struct account *undecided(const struct config *c, const struct occasion *o,
				       struct status *st)
{
	if (c->count == 0) {
		status_set(st, STATUS_BAD_CONFIG,
			   "%s: there is no account, as no 'host' is set",
			   c->files.count != 0 ? c->files.at[0] : "the configuration");
		return NULL;
	}
	struct buf whom = { 0 };
	tell_whom(o, &whom);
	status_set(st, STATUS_BAD_CONFIG, "%s: no account is %s", c->files.at[0],
		   buf_str(&whom));
	status_hint(st,
		    "add 'account = %s' before the first section, or choose one with -a; "
		    "'postrider --which ADDR' shows how it is chosen",
		    c->accounts[0].name);
	buf_release(&whom);
	return NULL;
}

const struct account *config_choose(const struct config *c, const struct occasion *o,
				    struct status *st)
{
	for (size_t i = 0; i < RULES; i++) {
		struct finding f = rules[i].find(c, o);
		if (f.account != NULL)
			return f.account;
		if (i == 0 && o->name != NULL) {
			choose_unknown(c, o->name, STATUS_BAD_USAGE, st);
			return NULL;
		}
	}
	return undecided(c, o, st);
}
