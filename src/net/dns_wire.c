/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/dns_wire.h"

#include <string.h>

enum {
	LABEL_MAX = 63, /* RFC 1035, 2.3.4 */
	POINTER = 0xc0, /* both upper bits of a length */
};

struct dns_reader dns_reader_of(struct slice packet)
{
	return (struct dns_reader){ .data = (const unsigned char *)packet.data,
				    .end = packet.len };
}

const unsigned char *dns_take(struct dns_reader *r, size_t len)
{
	if (r->broken || len > r->end - r->at) {
		r->broken = true;
		return NULL;
	}
	r->at += len;
	return r->data + r->at - len;
}

unsigned dns_take_8(struct dns_reader *r)
{
	const unsigned char *p = dns_take(r, 1);
	return p != NULL ? p[0] : 0;
}

unsigned dns_take_16(struct dns_reader *r)
{
	unsigned high = dns_take_8(r);
	return high << 8 | dns_take_8(r);
}

uint32_t dns_take_32(struct dns_reader *r)
{
	uint32_t high = dns_take_16(r);
	return high << 16 | dns_take_16(r);
}

void dns_put_16(struct buf *out, unsigned value)
{
	buf_add_char(out, (char)(value >> 8));
	buf_add_char(out, (char)value);
}

static bool is_name_char(char c)
{
	char low = ascii_lower(c);
	return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* Put LABEL, if it is there, behind the LEN octets at TEXT, and say how many there are now. */
static size_t add_label(char *text, size_t len, const unsigned char *label, size_t count)
{
	if (label == NULL)
		return len;
	if (len != 0)
		text[len++] = '.';
	for (size_t i = 0; i < count; i++) {
		char c = (char)label[i];
		text[len++] = is_name_char(c) ? ascii_lower(c) : '?';
	}
	return len;
}

/*
 * A pointer has to lead to before the place where the labels read last began, so each jump goes
 * further back and the walk ends (RFC 1035, 4.1.4: "a prior occurrence").
 */
static void follow_pointer(struct dns_reader *labels, size_t *begin, unsigned first)
{
	size_t to = (first & ~(unsigned)POINTER) << 8 | dns_take_8(labels);
	if (to < DNS_HEADER_SIZE || to >= *begin)
		labels->broken = true;
	labels->at = *begin = to;
}

void dns_take_name(struct dns_reader *r, char text[DNS_NAME_ROOM])
{
	struct dns_reader labels = *r;
	size_t begin = r->at, behind = 0, len = 0;
	unsigned count = dns_take_8(&labels);
	while (count != 0 && !labels.broken) {
		if ((count & POINTER) == POINTER) {
			behind = behind != 0 ? behind : labels.at + 1;
			follow_pointer(&labels, &begin, count);
		} else if (count <= LABEL_MAX && len + 1 + count < DNS_NAME_ROOM) {
			len = add_label(text, len, dns_take(&labels, count), count);
		} else {
			labels.broken = true;
		}
		count = dns_take_8(&labels);
	}
	text[len] = '\0';
	r->at = behind != 0 ? behind : labels.at;
	r->broken = labels.broken;
}

bool dns_put_name(struct buf *out, struct slice name)
{
	struct slice label;
	if (name.len > 1 && name.data[name.len - 1] == '.')
		name.len--;
	if (name.len >= DNS_NAME_ROOM)
		return false;
	while (slice_next(&name, '.', &label)) {
		if (label.len == 0 || label.len > LABEL_MAX)
			return false;
		buf_add_char(out, (char)label.len);
		for (size_t i = 0; i < label.len; i++) {
			if (!is_name_char(label.data[i]))
				return false;
			buf_add_char(out, ascii_lower(label.data[i]));
		}
	}
	buf_add_char(out, '\0');
	return true;
}
