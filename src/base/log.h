/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log - one line an entry, as key=value or as a JSON object, to syslog or a file
 *
 * A log that cannot be written is no failure and no noise: the message matters, not the line
 * about it.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/buf.h"
#include "base/json.h"

#include <stdbool.h>
#include <stdint.h>

/* Life: log_begin, any number of values, log_end. */
struct log_entry {
	bool as_json;
	struct buf line;
	struct json json;
};

void log_begin(struct log_entry *e, bool as_json);
/* Values with other parties' bytes in them come out printable. NULL and "" are left out. */
void log_text(struct log_entry *e, const char *key, const char *value);
void log_number(struct log_entry *e, const char *key, int64_t value);
/* As comma-separated text, or a JSON array. */
void log_list(struct log_entry *e, const char *key, const struct strings *values);

/*
 * Write the entry to SINK: "none"; "syslog", facility mail, as an error if IS_ERROR; or the
 * path of a file, which is made with mode 0600 and appended to with one write. Releases the
 * entry.
 */
void log_end(struct log_entry *e, const char *sink, bool is_error);

#endif
