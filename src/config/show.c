/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/config.h"

#include "base/json.h"
#include "config/option_value.h"
#include "config/quote.h"
#include "net/endpoint.h"
#include "net/tap.h"

/* The port of the first server, if its `host` names one. */
static uint16_t first_port(const struct account *a)
{
	struct endpoint first = { 0 };
	struct status ignored;
	if (a->host.count != 0)
		endpoint_parse(a->host.at[0], &first, &ignored);
	return first.port;
}

/* A copy of A with what the port decides, as a delivery would see it. The caller releases it.
 */
static void effective(struct account *copy, const struct account *a)
{
	account_copy(copy, a, a->name);
	copy->tls = (int)account_tls(a, first_port(a));
}

static void describe(const struct origin *from, struct buf *out)
{
	struct buf place = { 0 };
	if (from->file == NULL)
		buf_add_str(&place, "default");
	else if (*from->file == '\0')
		buf_add_str(&place, "command line");
	else
		buf_addf(&place, "%s:%u", from->file, from->line);
	text_printable(out, buf_slice(&place), place.len);
	buf_release(&place);
}

static void show_line(const char *key, const struct buf *value, const struct origin *from,
		      struct buf *out)
{
	buf_addf(out, "%s = %s  ; ", key, buf_str(value));
	describe(from, out);
	buf_add_char(out, '\n');
}

static void show_account(const struct account *a, struct buf *out)
{
	struct buf value = { 0 };
	struct account whole;
	effective(&whole, a);
	buf_addf(out, "[account %s]\n", a->name);
	for (size_t i = 0; i < option_count; i++) {
		buf_reset(&value);
		option_show(&whole, &options[i], &value);
		if (value.len != 0)
			show_line(options[i].key, &value, option_origin(a, &options[i]), out);
	}
	account_release(&whole);
	buf_release_secret(&value);
}

/* Where the choice of C, the key `account`, comes from. */
static const struct origin *choice_origin(const struct config *c)
{
	return option_origin(&c->defaults, option_find("account"));
}

void config_show(const struct config *c, struct buf *out)
{
	struct buf value = { 0 };
	if (c->account != NULL) {
		quote_write(slice_of(c->account), &value);
		show_line("account", &value, choice_origin(c), out);
	}
	for (size_t i = 0; i < c->count; i++) {
		if (i != 0 || c->account != NULL)
			buf_add_char(out, '\n');
		show_account(&c->accounts[i], out);
	}
	buf_release(&value);
}

static void json_list(struct json *j, const char *key, const struct strings *list)
{
	json_array(j, key);
	for (size_t i = 0; i < list->count; i++)
		json_string(j, NULL, list->at[i]);
	json_array_end(j);
}

static void json_times(struct json *j, const char *key, const struct durations *times)
{
	json_array(j, key);
	for (size_t i = 0; i < times->count; i++)
		json_number(j, NULL, times->at[i]);
	json_array_end(j);
}

static void json_text(struct json *j, const char *key, const struct account *a,
		      const struct option *o)
{
	struct buf text = { 0 };
	option_text(a, o, &text);
	if (text.len != 0 && o->type == OPTION_SECRET)
		json_string(j, key, TAP_SECRET);
	else
		json_slice(j, key, buf_slice(&text));
	buf_release_secret(&text);
}

/* Numbers, lists and truths as JSON has them, all else as in the file. */
static void json_value(struct json *j, const char *key, const struct account *a,
		       const struct option *o)
{
	switch (o->type) {
	case OPTION_YES_NO:
		json_bool(j, key, *(const bool *)option_field(a, o));
		break;
	case OPTION_NUMBER:
	case OPTION_DURATION:
	case OPTION_SIZE:
		json_number(j, key, *(const int64_t *)option_field(a, o));
		break;
	case OPTION_LIST:
		json_list(j, key, option_field(a, o));
		break;
	case OPTION_DURATIONS:
		json_times(j, key, option_field(a, o));
		break;
	case OPTION_TEXT:
	case OPTION_SECRET:
	case OPTION_PATH:
	case OPTION_WORD:
		json_text(j, key, a, o);
		break;
	}
}

static void json_setting(struct json *j, const struct account *a, const struct option *o)
{
	struct buf from = { 0 };
	describe(option_origin(a, o), &from);
	json_object(j, o->key);
	json_value(j, "value", a, o);
	json_slice(j, "origin", buf_slice(&from));
	json_object_end(j);
	buf_release(&from);
}

static void json_account(struct json *j, const struct account *a)
{
	struct account whole;
	effective(&whole, a);
	json_object(j, NULL);
	json_string(j, "name", a->name);
	json_object(j, "settings");
	for (size_t i = 0; i < option_count; i++) {
		const struct option *o = &options[i];
		bool has_field = (o->where & OPTION_TOP_ONLY) == 0;
		if (has_field && (option_is_set(a, o) || o->fallback != NULL))
			json_setting(j, &whole, o);
	}
	json_object_end(j);
	json_object_end(j);
	account_release(&whole);
}

void config_show_json(const struct config *c, struct buf *out)
{
	struct json j = { .out = out };
	json_object(&j, NULL);
	json_list(&j, "files", &c->files);
	json_string(&j, "account", c->account);
	json_array(&j, "accounts");
	for (size_t i = 0; i < c->count; i++)
		json_account(&j, &c->accounts[i]);
	json_array_end(&j);
	json_object_end(&j);
}
