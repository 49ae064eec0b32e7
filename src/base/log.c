/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/log.h"

#include "base/number.h"
#include "base/status.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

void log_begin(struct log_entry *e, bool as_json)
{
	*e = (struct log_entry){ .as_json = as_json };
	e->json.out = &e->line;
	if (as_json)
		json_object(&e->json, NULL);
}

/* A value that a reader could take apart wrongly goes between quotes; most do not need them. */
static void add_value(struct buf *out, const char *value)
{
	size_t start = out->len;
	text_printable(out, slice_of(value), strlen(value) + 3);
	if (strpbrk(buf_str(out) + start, " \"=\\") == NULL)
		return;
	char *clean = slice_copy(slice_cut(buf_slice(out), start, out->len));
	out->len = start;
	buf_add_char(out, '"');
	for (const char *c = clean; *c != '\0'; c++) {
		if (*c == '"' || *c == '\\')
			buf_add_char(out, '\\');
		buf_add_char(out, *c);
	}
	buf_add_char(out, '"');
	free(clean);
}

static void add_key(struct log_entry *e, const char *key)
{
	if (e->line.len != 0)
		buf_add_char(&e->line, ' ');
	buf_add_str(&e->line, key);
	buf_add_char(&e->line, '=');
}

void log_text(struct log_entry *e, const char *key, const char *value)
{
	if (value == NULL || value[0] == '\0')
		return;
	if (e->as_json) {
		json_string(&e->json, key, value);
		return;
	}
	add_key(e, key);
	add_value(&e->line, value);
}

void log_number(struct log_entry *e, const char *key, int64_t value)
{
	if (e->as_json) {
		json_number(&e->json, key, value);
		return;
	}
	add_key(e, key);
	number_add_signed(&e->line, value);
}

void log_list(struct log_entry *e, const char *key, const struct strings *values)
{
	struct buf joined = { 0 };
	if (e->as_json)
		json_array(&e->json, key);
	for (size_t i = 0; i < values->count; i++) {
		if (e->as_json)
			json_string(&e->json, NULL, values->at[i]);
		else
			buf_addf(&joined, "%s%s", i != 0 ? "," : "", values->at[i]);
	}
	if (e->as_json)
		json_array_end(&e->json);
	else
		log_text(e, key, buf_str(&joined));
	buf_release(&joined);
}

static void to_syslog(const struct buf *line, bool is_error)
{
	openlog("postrider", LOG_PID, LOG_MAIL);
	syslog(is_error ? LOG_ERR : LOG_INFO, "%s", buf_str(line));
}

/* One write to a file opened for appending, so that lines of several processes stay whole. */
static void to_file(struct buf *line, const char *path)
{
	int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	int fd = open(path, flags, 0600);
	if (fd < 0)
		return;
	buf_add_char(line, '\n');
	ssize_t n = write(fd, buf_str(line), line->len);
	(void)n;
	close(fd);
}

void log_end(struct log_entry *e, const char *sink, bool is_error)
{
	if (e->as_json)
		json_object_end(&e->json);
	if (strcmp(sink, "syslog") == 0)
		to_syslog(&e->line, is_error);
	else if (strcmp(sink, "none") != 0)
		to_file(&e->line, sink);
	buf_release(&e->line);
}
