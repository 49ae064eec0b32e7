/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/option_type.h"

#include "base/mem.h"
#include "base/suggest.h"
#include "config/units.h"

#include <inttypes.h>
#include <stdlib.h>

static bool has_control(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	}
	return false;
}

/* What every single value has to be; it may be a secret here. */
static int check(const struct option *o, const char *text, struct status *st)
{
	if (has_control(text))
		return status_set(st, STATUS_BAD_CONFIG, "the value holds a control character");
	return o->check != NULL ? o->check(text, st) : 0;
}

/* An empty text is no text: so a section takes back what the defaults say. */
static int parse_text(const struct option *o, const char *text, union value *v,
		      struct status *st)
{
	v->text = NULL;
	if (*text == '\0')
		return 0;
	if (check(o, text, st) != 0)
		return -1;
	v->text = mem_copy(text);
	return 0;
}

static void format_text(const struct option *o, const void *field, struct buf *out)
{
	char *const *text = field;
	(void)o;
	if (*text != NULL)
		buf_add_str(out, *text);
}

static void copy_text(void *dst, const void *src)
{
	char *const *from = src;
	char **to = dst;
	*to = mem_copy(*from);
}

static void release_text(void *field)
{
	char **text = field;
	free(*text);
}

static void release_secret(void *field)
{
	char **text = field;
	mem_free_secret(*text);
}

static int parse_list(const struct option *o, const char *text, union value *v,
		      struct status *st)
{
	struct slice rest = slice_of(text), part;
	v->list = (struct strings){ 0 };
	while (slice_next(&rest, ',', &part)) {
		part = slice_trim(part);
		if (part.len == 0)
			continue;
		strings_add_slice(&v->list, part);
		if (check(o, v->list.at[v->list.count - 1], st) != 0) {
			strings_release(&v->list);
			return -1;
		}
	}
	return 0;
}

static void format_list(const struct option *o, const void *field, struct buf *out)
{
	const struct strings *list = field;
	(void)o;
	for (size_t i = 0; i < list->count; i++) {
		if (i != 0)
			buf_add_str(out, ", ");
		buf_add_str(out, list->at[i]);
	}
}

static void copy_list(void *dst, const void *src)
{
	strings_copy(dst, src);
}

static void release_list(void *field)
{
	strings_release(field);
}

static const struct option_word *find_word(const struct option_word *words, const char *text)
{
	while (words->word != NULL && !ascii_same_nocase(words->word, text))
		words++;
	return words->word != NULL ? words : NULL;
}

/* "takes a, b or c, not 'd'" */
static int refuse_word(const struct option_word *words, const char *text, struct status *st)
{
	struct buf list = { 0 };
	struct suggest near = { .text = text };
	for (const struct option_word *w = words; w->word != NULL; w++) {
		if (w != words)
			buf_add_str(&list, w[1].word != NULL ? ", " : " or ");
		buf_add_str(&list, w->word);
		suggest_offer(&near, w->word);
	}
	status_set(st, STATUS_BAD_CONFIG, "takes %s, not '%s'", buf_str(&list), text);
	if (near.best != NULL)
		status_hint(st, "did you mean '%s'?", near.best);
	buf_release(&list);
	return -1;
}

static int parse_word(const struct option *o, const char *text, union value *v,
		      struct status *st)
{
	const struct option_word *found = find_word(o->words, text);
	if (found == NULL)
		return refuse_word(o->words, text, st);
	v->word = found->value;
	return 0;
}

static void format_word(const struct option *o, const void *field, struct buf *out)
{
	const int *word = field;
	for (const struct option_word *w = o->words; w->word != NULL; w++) {
		if (w->value == *word)
			buf_add_str(out, w->word);
	}
}

static const struct option_word yes_no[] = {
	{ "yes", true },    { "no", false }, { "on", true }, { "off", false }, { "true", true },
	{ "false", false }, { "1", true },   { "0", false }, { NULL, false },
};

static int parse_yes_no(const struct option *o, const char *text, union value *v,
			struct status *st)
{
	const struct option_word *found = find_word(yes_no, text);
	(void)o;
	if (found == NULL)
		return status_set(st, STATUS_BAD_CONFIG, "takes yes or no, not '%s'", text);
	v->yes = found->value != 0;
	return 0;
}

static void format_yes_no(const struct option *o, const void *field, struct buf *out)
{
	const bool *yes = field;
	(void)o;
	buf_add_str(out, *yes ? "yes" : "no");
}

static void number_format(int64_t value, struct buf *out)
{
	buf_addf(out, "%" PRId64, value);
}

/* Amounts are one type, but for the way they are written. */
static const struct notation {
	const char *what;
	bool (*parse)(const char *text, int64_t *value);
	void (*format)(int64_t value, struct buf *out);
} notations[] = {
	[OPTION_NUMBER] = { "a number", number_parse, number_format },
	[OPTION_DURATION] = { "a time like 90s, 5m or 1h30m", duration_parse, duration_format },
	[OPTION_DURATIONS] = { "times like 5m or 1h30m", duration_parse, duration_format },
	[OPTION_SIZE] = { "a size like 500K or 25M", size_parse, size_format },
};

static bool is_limited(const struct option *o)
{
	return o->min != 0 || o->max != 0;
}

static int refuse_amount(const struct option *o, const struct notation *n, const char *text,
			 struct status *st)
{
	struct buf range = { 0 };
	if (is_limited(o)) {
		buf_add_str(&range, " from ");
		n->format(o->min, &range);
		buf_add_str(&range, " to ");
		n->format(o->max, &range);
	}
	status_set(st, STATUS_BAD_CONFIG, "takes %s%s, not '%s'", n->what, buf_str(&range),
		   text);
	buf_release(&range);
	return -1;
}

static int parse_amount(const struct option *o, const char *text, union value *v,
			struct status *st)
{
	const struct notation *n = &notations[o->type];
	if (n->parse(text, &v->number) &&
	    (!is_limited(o) || (v->number >= o->min && v->number <= o->max)))
		return 0;
	return refuse_amount(o, n, text, st);
}

static void format_amount(const struct option *o, const void *field, struct buf *out)
{
	const int64_t *value = field;
	notations[o->type].format(*value, out);
}

/* Append TEXT, one time of a list, to the ones in TIMES. */
static int add_time(const struct option *o, const char *text, struct durations *times,
		    size_t *room, struct status *st)
{
	union value v;
	if (parse_amount(o, text, &v, st) != 0)
		return -1;
	times->at = mem_grow(times->at, times->count, room, sizeof *times->at);
	times->at[times->count++] = v.number;
	return 0;
}

static void release_times(void *field)
{
	struct durations *times = field;
	free(times->at);
}

/* Empty parts are passed over, as in every list; with nothing else there is no time to go by.
 */
static int parse_times(const struct option *o, const char *text, union value *v,
		       struct status *st)
{
	struct slice rest = slice_of(text), part;
	struct buf one = { 0 };
	size_t room = 0;
	int result = 0;
	v->times = (struct durations){ 0 };
	while (result == 0 && slice_next(&rest, ',', &part)) {
		buf_reset(&one);
		buf_add_slice(&one, slice_trim(part));
		if (one.len != 0)
			result = add_time(o, buf_str(&one), &v->times, &room, st);
	}
	buf_release(&one);
	if (result == 0 && v->times.count == 0)
		result = refuse_amount(o, &notations[o->type], text, st);
	if (result != 0)
		release_times(&v->times);
	return result;
}

static void format_times(const struct option *o, const void *field, struct buf *out)
{
	const struct durations *times = field;
	for (size_t i = 0; i < times->count; i++) {
		if (i != 0)
			buf_add_str(out, ", ");
		notations[o->type].format(times->at[i], out);
	}
}

static void copy_times(void *dst, const void *src)
{
	const struct durations *from = src;
	struct durations *to = dst;
	*to = (struct durations){ .at = mem_zero(from->count, sizeof *to->at) };
	for (; to->count < from->count; to->count++)
		to->at[to->count] = from->at[to->count];
}

static const struct type types[] = {
	[OPTION_TEXT] = { sizeof(char *), parse_text, format_text, copy_text, release_text },
	[OPTION_SECRET] = { sizeof(char *), parse_text, format_text, copy_text,
			    release_secret },
	[OPTION_PATH] = { sizeof(char *), parse_text, format_text, copy_text, release_text },
	[OPTION_WORD] = { sizeof(int), parse_word, format_word, NULL, NULL },
	[OPTION_YES_NO] = { sizeof(bool), parse_yes_no, format_yes_no, NULL, NULL },
	[OPTION_NUMBER] = { sizeof(int64_t), parse_amount, format_amount, NULL, NULL },
	[OPTION_DURATION] = { sizeof(int64_t), parse_amount, format_amount, NULL, NULL },
	[OPTION_SIZE] = { sizeof(int64_t), parse_amount, format_amount, NULL, NULL },
	[OPTION_LIST] = { sizeof(struct strings), parse_list, format_list, copy_list,
			  release_list },
	[OPTION_DURATIONS] = { sizeof(struct durations), parse_times, format_times, copy_times,
			       release_times },
};

const struct type *type_of(const struct option *o)
{
	return &types[o->type];
}
