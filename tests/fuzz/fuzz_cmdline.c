/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever the arguments are: a failure is a usage error with words, no recipient begins with a
 * dash, and under sendmail's names nothing is asked for that sendmail does not have.
 *
 * A NUL ends an argument, as in /proc/PID/cmdline.
 */
#include "config/cmdline.h"
#include "config/listen.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_recipient(const char *text, bool strict)
{
	must(text[0] != '-');
	for (; strict && *text != '\0'; text++)
		must((unsigned char)*text >= 0x20 && *text != 0x7f);
}

static void check_powerless(const struct request *r)
{
	const unsigned sendmails = 1U << MODE_SEND | 1U << MODE_VERIFY | 1U << MODE_VERSION |
				   1U << MODE_ALIASES | 1U << MODE_LIST | 1U << MODE_FLUSH |
				   1U << MODE_SERVE | 1U << MODE_DAEMON | 1U << MODE_SERVICE;
	must((sendmails & 1U << r->mode) != 0);
	must(r->config_file == NULL && r->account == NULL && r->override_count == 0);
	must(!r->json && !r->dry_run && !r->all);
	must(r->queue_id == NULL && r->listen.count == 0);
}

/* An id becomes a file's name, and a rule without a text would fit everything. */
static void check_queue_part(const struct request *r)
{
	must(r->queue_id == NULL ||
	     strspn(r->queue_id, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") ==
		     strlen(r->queue_id));
	must(r->queue_id == NULL || (r->queue_id[0] != '\0' && strlen(r->queue_id) <= 64));
	must(r->interval >= 0 && r->delivery >= -1 && r->delivery <= DELIVERY_QUEUE);
	for (size_t i = 0; i < r->selection.count; i++)
		must(r->selection.at[i].text[0] != '\0');
	for (size_t i = 0; i < r->listen.count; i++) {
		struct listen place;
		struct status st;
		must(listen_parse(r->listen.at[i], &place, &st) == 0 && place.count != 0);
	}
}

static void check_request(const struct request *r)
{
	bool strict = r->as != AS_POSTRIDER;
	for (size_t i = 0; i < r->recipients.count; i++)
		check_recipient(r->recipients.at[i], strict);
	check_queue_part(r);
	if (strict)
		check_powerless(r);
	must((r->notify & NOTIFY_NEVER) == 0 || r->notify == NOTIFY_NEVER);
	must(r->sender == NULL || r->sender[0] != '-');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_n((const char *)data, size), arg = { 0 };
	struct strings args = { 0 };
	struct request r;
	struct status st = { 0 };
	while (slice_next(&rest, '\0', &arg))
		strings_add_slice(&args, arg);
	if (cmdline_parse(&r, (int)args.count, args.at, &st) == 0)
		check_request(&r);
	else
		must(st.kind == STATUS_BAD_USAGE && st.text[0] != '\0');
	request_release(&r);
	strings_release(&args);
	return 0;
}
