/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/request.h"

#include "base/mem.h"
#include "message/address.h"

#include <stdlib.h>

const char *args_next(struct args *a)
{
	if (a->count <= 0 || *a->at == NULL)
		return NULL;
	a->count--;
	return *a->at++;
}

const char *args_value(struct args *a, enum value_rule rule, const char *joined)
{
	return joined == NULL && rule == VALUE_NEEDED ? args_next(a) : joined;
}

static void set_text(char **field, const char *value)
{
	free(*field);
	*field = mem_copy(value);
}

int effect_apply(const struct effect *e, struct request *r, const char *value,
		 struct status *st)
{
	if (e->flag != 0)
		*(bool *)((char *)r + e->flag) = true;
	if (e->text != 0 && value != NULL)
		set_text((char **)((char *)r + e->text), value);
	if (e->mode != MODE_SEND)
		r->mode = e->mode;
	return e->act != NULL ? e->act(r, value, st) : 0;
}

static bool has_control(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	}
	return false;
}

static bool any_dash(const struct mailboxes *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const char *local = list->at[i].local;
		if (local[0] == '-' || (local[0] == '"' && local[1] == '-'))
			return true;
	}
	return false;
}

/*
 * No address with a leading dash leaves this program: the next one that gets it as an argument
 * would take it for a flag. What is no address list is an error only if STRICT.
 */
static int check_addresses(const char *text, bool strict, struct status *st)
{
	struct mailboxes list = { 0 };
	struct status unread;
	int result = 0;
	if (address_parse_list(slice_of(text), &list, &unread) != 0 && strict) {
		*st = unread;
		st->kind = STATUS_BAD_USAGE;
		result = -1;
	}
	if (text[0] == '-' || any_dash(&list))
		result = status_set(st, STATUS_BAD_USAGE,
				    "'%s': an address with a leading dash", text);
	mailboxes_release(&list);
	return result;
}

int request_set_sender(struct request *r, const char *value, struct status *st)
{
	struct slice bare = slice_trim(slice_of(value));
	if (check_addresses(value, false, st) != 0)
		return -1;
	set_text(&r->sender, bare.len == 0 || slice_is(bare, "<>") ? "" : value);
	return 0;
}

int request_add_recipient(struct request *r, const char *value, struct status *st)
{
	bool strict = r->as != AS_POSTRIDER;
	if (strict && has_control(value))
		return status_set(st, STATUS_BAD_USAGE,
				  "recipient '%s' holds a control character", value);
	if (check_addresses(value, strict, st) != 0)
		return -1;
	strings_add(&r->recipients, value);
	return 0;
}

void request_release(struct request *r)
{
	char *const owned[] = { r->sender,      r->full_name, r->ret,      r->envid,
				r->config_file, r->account,   r->queue_id, r->login };
	for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++)
		free(owned[i]);
	for (size_t i = 0; i < r->override_count; i++)
		free(r->overrides[i].value);
	free(r->overrides);
	selection_release(&r->selection);
	strings_release(&r->recipients);
	strings_release(&r->listen);
	*r = (struct request){ 0 };
}
