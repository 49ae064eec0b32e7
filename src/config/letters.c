/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/letters.h"

#include "base/mem.h"
#include "config/queue_request.h"

#include <stdlib.h>

/* clang-format off */
const struct mode_letter mode_letters[] = {
	{ 'm', MODE_SEND,    NULL, "send a message (default)" },
	{ 'i', MODE_ALIASES, NULL, "check the aliases file, as newaliases" },
	{ 'p', MODE_LIST,    NULL, "list the queue, as mailq" },
	{ 't', MODE_VERSION, NULL, "print the version" },
	{ 'v', MODE_VERIFY,  NULL, "say where recipients' mail would go" },
	{ 's', MODE_SERVE,   NULL, "speak SMTP on standard input and output" },
	{ 'd', MODE_DAEMON,  NULL, "listen for SMTP and run the queue, in the background" },
	{ 'D', MODE_SERVICE, NULL, "the same in the foreground, and take messages from all users" },
};
/* clang-format on */
const size_t mode_letter_count = sizeof mode_letters / sizeof mode_letters[0];

static int act_mode(struct request *r, const char *value, struct status *st)
{
	for (size_t i = 0; i < mode_letter_count; i++) {
		const struct mode_letter *m = &mode_letters[i];
		if (value[0] != m->letter || value[1] != '\0')
			continue;
		if (m->missing != NULL)
			return status_set(st, STATUS_BAD_USAGE, "-b%s: %s", value, m->missing);
		r->mode = m->mode;
		return 0;
	}
	return status_set(st, STATUS_BAD_USAGE, "unknown mode '-b%s'", value);
}

/* How to report errors, the last one counts: all but mailing them is what happens anyway. */
static int act_error_mode(struct request *r, const char *value, struct status *st)
{
	(void)st;
	r->keep_refused = value[0] == 'm';
	return 0;
}

/* sendmail's options in the short form: what they tune is ours to decide, but for these. */
static int act_option(struct request *r, const char *value, struct status *st)
{
	if (value[0] == 'i')
		r->dot_is_data = true;
	if (value[0] == 'd')
		request_delivery(r, value + 1);
	if (value[0] == 'e')
		return act_error_mode(r, value + 1, st);
	return 0;
}

static unsigned notify_condition(struct slice word)
{
	static const struct {
		const char *word;
		unsigned condition;
	} words[] = {
		{ "never", NOTIFY_NEVER },
		{ "success", NOTIFY_SUCCESS },
		{ "failure", NOTIFY_FAILURE },
		{ "delay", NOTIFY_DELAY },
	};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (slice_is_nocase(word, words[i].word))
			return words[i].condition;
	}
	return NOTIFY_DEFAULT;
}

/* RFC 3461, 4.1: a list of conditions, or NEVER alone. */
static int act_notify(struct request *r, const char *value, struct status *st)
{
	struct slice rest = slice_of(value), word = { 0 };
	unsigned notify = NOTIFY_DEFAULT;
	bool known = true;
	while (known && slice_next(&rest, ',', &word)) {
		unsigned condition = notify_condition(slice_trim(word));
		known = condition != NOTIFY_DEFAULT;
		notify |= condition;
	}
	if (!known || ((notify & NOTIFY_NEVER) != 0 && notify != NOTIFY_NEVER))
		return status_set(
			st, STATUS_BAD_USAGE,
			"-N takes never, or a list of success, failure, delay; not '%s'",
			value);
	r->notify = notify;
	return 0;
}

/* RFC 3461, 4.3 */
static int act_return(struct request *r, const char *value, struct status *st)
{
	static const char *const words[] = { "FULL", "HDRS" };
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (ascii_same_nocase(value, words[i])) {
			free(r->ret);
			r->ret = mem_copy(words[i]);
			return 0;
		}
	}
	return status_set(st, STATUS_BAD_USAGE, "-R takes full or hdrs; not '%s'", value);
}

/* RFC 3461, 4.4: printable ASCII, at most 100 characters */
static int act_envelope_id(struct request *r, const char *value, struct status *st)
{
	size_t len = 0;
	while (value[len] >= 0x20 && value[len] < 0x7f)
		len++;
	if (value[len] != '\0' || len == 0 || len > 100)
		return status_set(st, STATUS_BAD_USAGE,
				  "-V takes 1 to 100 printable ASCII characters; not '%s'",
				  value);
	free(r->envid);
	r->envid = mem_copy(value);
	return 0;
}

/* In each part in the order of the alphabet, small letters first. */
/* clang-format off */
const struct letter letters[] = {
	{ 'a', VALUE_NEEDED, UNKNOWN_AS_SENDMAIL, TAKES(account), "NAME",
	  "as --account" },
	{ 'b', VALUE_NEEDED, UNDER_ANY_NAME, { .act = act_mode }, "MODE",
	  "what to do, one of these:" },
	{ 'e', VALUE_NEEDED, UNDER_ANY_NAME, { .act = act_error_mode }, "MODE",
	  "as -oe" },
	{ 'f', VALUE_NEEDED, UNDER_ANY_NAME, { .act = request_set_sender }, "ADDRESS",
	  "envelope sender; '' or '<>' for the null sender" },
	{ 'i', VALUE_NONE, UNDER_ANY_NAME, SETS(dot_is_data), NULL,
	  "a line of one dot does not end the message" },
	{ 'o', VALUE_NEEDED, UNDER_ANY_NAME, { .act = act_option }, "OPTION",
	  "-oi is -i; -odi, -odb, -odq: deliver in the foreground, in the background, "
	  "from the queue; -oem keeps a refused message; others do nothing" },
	{ 'q', VALUE_JOINED, UNDER_ANY_NAME, { .act = request_queue_run }, "WHAT",
	  "try what is due in the queue; -q15m: every 15 minutes; -qITEXT, -qRTEXT, "
	  "-qSTEXT: what has the text in its id, a recipient, its sender" },
	{ 'r', VALUE_NEEDED, UNDER_ANY_NAME, { .act = request_set_sender }, "ADDRESS",
	  "as -f" },
	{ 't', VALUE_NONE, UNDER_ANY_NAME, SETS(header_recipients), NULL,
	  "take recipients from To, Cc and Bcc, besides the arguments" },
	{ 'v', VALUE_NONE, UNDER_ANY_NAME, SETS(verbose), NULL,
	  "as --verbose" },
	{ 'C', VALUE_NEEDED, POWERLESS_AS_SENDMAIL, TAKES(config_file), "FILE",
	  "as --config" },
	{ 'F', VALUE_NEEDED, UNDER_ANY_NAME, TAKES(full_name), "NAME",
	  "the sender's full name" },
	{ 'I', VALUE_NONE, UNDER_ANY_NAME, { .mode = MODE_ALIASES }, NULL,
	  "as -bi" },
	{ 'N', VALUE_NEEDED, UNDER_ANY_NAME, { .act = act_notify }, "WHEN",
	  "delivery notices: never, or some of success, failure, delay" },
	{ 'R', VALUE_NEEDED, UNDER_ANY_NAME, { .act = act_return }, "WHAT",
	  "what a bounce brings back: full or hdrs" },
	{ 'V', VALUE_NEEDED, UNDER_ANY_NAME, { .act = act_envelope_id }, "ID",
	  "envelope id for delivery notices" },

	/* Without effect; the text is what they mean elsewhere. */
	{ 'c', VALUE_NONE,   UNDER_ANY_NAME, { 0 }, NULL,       "no expensive connections" },
	{ 'd', VALUE_JOINED, UNDER_ANY_NAME, { 0 }, "LEVEL",    "debugging" },
	{ 'h', VALUE_NEEDED, UNDER_ANY_NAME, { 0 }, "COUNT",    "hop count" },
	{ 'm', VALUE_NONE,   UNDER_ANY_NAME, { 0 }, NULL,       "mail to oneself, too" },
	{ 'n', VALUE_NONE,   UNDER_ANY_NAME, { 0 }, NULL,       "no aliases" },
	{ 'p', VALUE_NEEDED, UNDER_ANY_NAME, { 0 }, "PROTOCOL", "how the message came" },
	{ 's', VALUE_NONE,   UNDER_ANY_NAME, { 0 }, NULL,       "keep a leading 'From ' line" },
	{ 'A', VALUE_NEEDED, UNDER_ANY_NAME, { 0 }, "CONFIG",   "which of two configurations" },
	{ 'B', VALUE_NEEDED, UNDER_ANY_NAME, { 0 }, "TYPE",     "body type; the body tells" },
	{ 'D', VALUE_NEEDED, UNDER_ANY_NAME, { 0 }, "FILE",     "debugging output" },
	{ 'G', VALUE_NONE,   UNDER_ANY_NAME, { 0 }, NULL,       "relayed, not submitted" },
	{ 'L', VALUE_NEEDED, UNDER_ANY_NAME, { 0 }, "TAG",      "name in the log" },
	{ 'M', VALUE_NEEDED, UNDER_ANY_NAME, { 0 }, "MACRO",    "definition of a macro" },
	{ 'O', VALUE_NEEDED, UNDER_ANY_NAME, { 0 }, "OPTION",   "option in the long form" },
	{ 'U', VALUE_NONE,   UNDER_ANY_NAME, { 0 }, NULL,       "submitted by a user" },
	{ 'X', VALUE_NEEDED, UNDER_ANY_NAME, { 0 }, "FILE",     "log of the traffic" },
};
/* clang-format on */
const size_t letter_count = sizeof letters / sizeof letters[0];

const struct letter *letter_find(char c, enum personality as)
{
	for (size_t i = 0; i < letter_count; i++) {
		const struct letter *l = &letters[i];
		if (l->letter == c)
			return l->scope == UNKNOWN_AS_SENDMAIL && as != AS_POSTRIDER ? NULL : l;
	}
	return NULL;
}

int letter_apply(const struct letter *l, struct request *r, const char *value,
		 struct status *st)
{
	if (l->scope == POWERLESS_AS_SENDMAIL && r->as != AS_POSTRIDER)
		return 0;
	return effect_apply(&l->does, r, value, st);
}

bool letter_is_obsolete(const struct letter *l)
{
	const struct effect *e = &l->does;
	return e->flag == 0 && e->text == 0 && e->mode == MODE_SEND && e->act == NULL;
}
