/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What dns_decode makes of a packet is in bounds, and written down anew it decodes to the same.
 */
#include "net/dns_packet.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SMALLEST_RECORD = 11 };

static void must(bool holds)
{
	if (!holds)
		abort();
}

static bool is_plain(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.?";
	must(memchr(name, '\0', DNS_NAME_ROOM) != NULL);
	must(strspn(name, letters) == strlen(name));
	return strchr(name, '?') == NULL;
}

static void put_name(struct buf *out, const char *name)
{
	if (name[0] != '\0')
		must(dns_put_name(out, slice_of(name)));
	else
		buf_add_char(out, '\0');
}

static void put_strings(struct buf *out, struct slice text)
{
	do {
		struct slice part = slice_cut(text, 0, 255);
		buf_add_char(out, (char)part.len);
		buf_add_slice(out, part);
		text = slice_cut(text, part.len, text.len);
	} while (text.len != 0);
}

static void put_data(struct buf *out, unsigned type, const struct dns_record *r)
{
	if (type == DNS_MX || type == DNS_SRV)
		dns_put_16(out, r->priority);
	if (type == DNS_SRV) {
		dns_put_16(out, r->weight);
		dns_put_16(out, r->port);
	}
	if (type == DNS_MX || type == DNS_SRV || type == DNS_CNAME)
		put_name(out, r->name);
	else if (type == DNS_TXT)
		put_strings(out, buf_slice(&r->data));
	else
		buf_add_slice(out, buf_slice(&r->data));
}

/* Owner, type and class: a question, or the front of a record. */
static void put_owner(struct buf *out, const char *name, unsigned type)
{
	put_name(out, name);
	dns_put_16(out, type);
	dns_put_16(out, 1);
}

/* False if there is a name in A that cannot be written. */
static bool encode(const struct dns_answer *a, unsigned type, struct buf *out)
{
	bool plain = is_plain(a->name);
	for (size_t i = 0; i < a->count; i++)
		plain = is_plain(a->at[i].name) && plain;
	if (!plain)
		return false;
	buf_add(out, "\0\0\x80\0\0\1", 6);
	dns_put_16(out, (unsigned)a->count);
	buf_add(out, "\0\0\0\0", 4);
	put_owner(out, a->name, type);
	for (size_t i = 0; i < a->count; i++) {
		struct buf octets = { 0 };
		put_data(&octets, type, &a->at[i]);
		put_owner(out, a->name, type);
		buf_add(out, "\0\0\0\0", 4);
		dns_put_16(out, (unsigned)octets.len);
		buf_add_slice(out, buf_slice(&octets));
		buf_release(&octets);
	}
	return true;
}

static bool same(const struct dns_answer *a, const struct dns_answer *b)
{
	bool same = a->count == b->count && strcmp(a->name, b->name) == 0;
	for (size_t i = 0; i < a->count && same; i++) {
		const struct dns_record *x = &a->at[i], *y = &b->at[i];
		same = x->priority == y->priority && x->weight == y->weight &&
		       x->port == y->port && strcmp(x->name, y->name) == 0 &&
		       x->data.len == y->data.len &&
		       memcmp(buf_str(&x->data), buf_str(&y->data), x->data.len) == 0;
	}
	return same;
}

static unsigned type_asked_for(struct slice packet)
{
	struct dns_reader r = dns_reader_of(packet);
	char name[DNS_NAME_ROOM];
	dns_take(&r, DNS_HEADER_SIZE);
	dns_take_name(&r, name);
	return dns_take_16(&r);
}

static void check(struct slice packet, const struct dns_answer *a)
{
	struct buf written = { 0 };
	struct dns_answer again = { 0 };
	struct status st;
	must(a->count * SMALLEST_RECORD <= packet.len);
	must(a->count == 0 || (a->rcode == DNS_NOERROR && !a->truncated));
	if (a->rcode == DNS_NOERROR && !a->truncated &&
	    encode(a, type_asked_for(packet), &written)) {
		must(dns_decode(buf_slice(&written), &again, &st) == 0);
		must(same(a, &again));
	}
	dns_answer_release(&again);
	buf_release(&written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice packet = slice_n((const char *)data, size);
	struct dns_query q = { .id = 0x1234, .name = "signed.test", .type = DNS_MX };
	struct buf query = { 0 };
	struct dns_answer a;
	struct status st = { 0 };
	must(dns_build(&q, &query, &st) == 0);
	if (dns_is_answer(buf_slice(&query), packet))
		must(memcmp(data, query.data, 2) == 0 && (data[2] & 0x80) != 0);
	if (dns_decode(packet, &a, &st) == 0)
		check(packet, &a);
	else
		must(st.kind == STATUS_TEMPORARY && a.count == 0 && a.at == NULL);
	dns_answer_release(&a);
	buf_release(&query);
	return 0;
}
