/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/cmdline.h"

#include "config/letters.h"
#include "config/long_options.h"

#include <string.h>

enum {
	WIDTH = 80,
	BRIEF_AT = 28, /* the column where explanations begin */
};

static void add_blanks(struct buf *out, size_t count)
{
	for (; count != 0; count--)
		buf_add_char(out, ' ');
}

/* Append TEXT and a line end; the present line, and each that is begun, is INDENT long. */
static void add_wrapped(struct buf *out, size_t indent, const char *text)
{
	struct slice rest = slice_of(text), word = { 0 };
	size_t column = indent;
	while (slice_next(&rest, ' ', &word)) {
		bool fits = column + 1 + word.len <= WIDTH;
		if (column != indent && fits) {
			buf_add_char(out, ' ');
			column++;
		} else if (column != indent) {
			buf_add_char(out, '\n');
			add_blanks(out, indent);
			column = indent;
		}
		buf_add_slice(out, word);
		column += word.len;
	}
	buf_add_char(out, '\n');
}

/* One option on the left, and what it is good for, BRIEF and NOTE, on the right. */
static void add_row(struct buf *out, const struct buf *name, const char *brief,
		    const char *note)
{
	struct buf text = { 0 };
	size_t column = 2 + name->len;
	buf_addf(&text, "%s%s", brief, note);
	buf_addf(out, "  %s", buf_str(name));
	if (column + 2 > BRIEF_AT) {
		buf_add_char(out, '\n');
		column = 0;
	}
	add_blanks(out, BRIEF_AT - column);
	add_wrapped(out, BRIEF_AT, buf_str(&text));
	buf_release(&text);
}

/* Append what stands behind the name of an option that is written with "=". */
static void add_value(struct buf *name, enum value_rule rule, const char *arg)
{
	if (rule != VALUE_NONE)
		buf_addf(name, rule == VALUE_JOINED ? "[=%s]" : "=%s", arg);
}

static void add_own(struct buf *out)
{
	struct buf name = { 0 };
	buf_add_str(out, "\nOptions:\n");
	for (size_t i = 0; i < long_option_count; i++) {
		const struct long_option *o = &long_options[i];
		buf_reset(&name);
		buf_addf(&name, "--%s", o->name);
		add_value(&name, o->value, o->arg);
		add_row(out, &name, o->brief, "");
	}
	buf_release(&name);
}

static void add_keys(struct buf *out)
{
	const char *group = "";
	struct buf name = { 0 };
	buf_add_str(out, "\nKeys of the config file, which are options too:\n");
	for (size_t i = 0; i < option_count; i++) {
		const struct option *o = &options[i];
		bool allowed = long_option_allowed(o);
		if (strcmp(group, o->group) != 0)
			buf_addf(out, " %s\n", o->group);
		group = o->group;
		buf_reset(&name);
		buf_addf(&name, allowed ? "--%s" : "%s", o->key);
		if (allowed)
			add_value(&name, long_option_rule(o), o->arg);
		add_row(out, &name, o->brief, allowed ? "" : " (config file only)");
	}
	buf_release(&name);
}

static void add_modes(struct buf *out)
{
	struct buf name = { 0 };
	for (size_t i = 0; i < mode_letter_count; i++) {
		if (mode_letters[i].missing != NULL)
			continue;
		buf_reset(&name);
		buf_addf(&name, "  -b%c", mode_letters[i].letter);
		add_row(out, &name, mode_letters[i].brief, "");
	}
	buf_release(&name);
}

static void add_letters(struct buf *out)
{
	struct buf name = { 0 }, obsolete = { 0 };
	buf_add_str(out, "\nFlags of sendmail:\n");
	for (size_t i = 0; i < letter_count; i++) {
		const struct letter *l = &letters[i];
		buf_reset(&name);
		buf_addf(&name, l->value == VALUE_NEEDED ? "-%c %s" : "-%c%s", l->letter,
			 l->arg != NULL ? l->arg : "");
		if (letter_is_obsolete(l))
			buf_addf(&obsolete, "%s-%c", obsolete.len != 0 ? " " : "", l->letter);
		else
			add_row(out, &name, l->brief, "");
		if (l->letter == 'b')
			add_modes(out);
	}
	buf_reset(&name);
	buf_add_str(&name, "accepted, do nothing");
	add_row(out, &name, buf_str(&obsolete), "");
	buf_release(&name);
	buf_release(&obsolete);
}

void cmdline_help(struct buf *out)
{
	cmdline_usage(AS_POSTRIDER, out);
	add_own(out);
	add_keys(out);
	add_letters(out);
}

void cmdline_usage(enum personality as, struct buf *out)
{
	static const char *const usages[] = {
		[AS_POSTRIDER] =
			"usage: postrider [option...] [--] [recipient...] < message\n"
			"       postrider --check | --show-config | --list | --flush[=ID] "
			"| --show=ID\n"
			"       postrider --help lists all options\n",
		[AS_SENDMAIL] = "usage: sendmail [-tiv] [-f sender] [-F name] [--] "
				"[recipient...] < message\n"
				"       sendmail -bp | -q[what] | -bs | -bd | -bi | -bt\n"
				"       sendmail -bv recipient...\n",
		[AS_MAILQ] = "usage: mailq\n",
		[AS_NEWALIASES] = "usage: newaliases\n",
	};
	buf_add_str(out, usages[as]);
}
