/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/dns_packet.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum {
	WIRE_NAME_MAX = 255, /* RFC 1035, 2.3.4: lengths and the root with it */
	CLASS_IN = 1,
	FLAG_QR = 0x8000,
	FLAG_OPCODE = 0x7800,
	FLAG_TC = 0x0200,
	FLAG_RD = 0x0100,
	FLAG_AD = 0x0020,
	RCODE_MASK = 0x000f,
};

struct header {
	unsigned flags;
	unsigned counts[4]; /* questions, answers, authority, additional */
};

/* A record before its data are looked at. */
struct raw_record {
	char owner[DNS_NAME_ROOM];
	unsigned type, class;
	uint32_t ttl;
	struct dns_reader data;
};

static void take_header(struct dns_reader *r, struct header *h)
{
	dns_take_16(r); /* the id */
	h->flags = dns_take_16(r);
	for (size_t i = 0; i < 4; i++)
		h->counts[i] = dns_take_16(r);
}

static void take_record(struct dns_reader *r, struct raw_record *raw)
{
	dns_take_name(r, raw->owner);
	raw->type = dns_take_16(r);
	raw->class = dns_take_16(r);
	raw->ttl = dns_take_32(r);
	size_t len = dns_take_16(r);
	raw->data = *r;
	dns_take(r, len);
	raw->data.end = raw->data.at + len;
	raw->data.broken = r->broken;
}

/* What the data of a record of some type are; each reads all of DATA, or leaves it broken. */

static void read_mx(struct dns_reader *data, struct dns_record *record)
{
	record->priority = (uint16_t)dns_take_16(data);
	dns_take_name(data, record->name);
}

static void read_srv(struct dns_reader *data, struct dns_record *record)
{
	record->priority = (uint16_t)dns_take_16(data);
	record->weight = (uint16_t)dns_take_16(data);
	record->port = (uint16_t)dns_take_16(data);
	dns_take_name(data, record->name);
}

static void read_cname(struct dns_reader *data, struct dns_record *record)
{
	dns_take_name(data, record->name);
}

static void read_bytes(struct dns_reader *data, struct dns_record *record)
{
	size_t len = data->end - data->at;
	buf_add(&record->data, dns_take(data, len), len);
}

static void read_txt(struct dns_reader *data, struct dns_record *record)
{
	do {
		size_t len = dns_take_8(data);
		const unsigned char *text = dns_take(data, len);
		if (text != NULL)
			buf_add(&record->data, text, len);
	} while (!data->broken && data->at < data->end);
}

static const struct kind {
	enum dns_type type;
	const char *name;
	size_t least, most; /* octets of data */
	void (*read)(struct dns_reader *data, struct dns_record *record);
} kinds[] = {
	{ DNS_A, "A", 4, 4, read_bytes },
	{ DNS_CNAME, "CNAME", 1, WIRE_NAME_MAX, read_cname },
	{ DNS_MX, "MX", 3, 2 + WIRE_NAME_MAX, read_mx },
	{ DNS_TXT, "TXT", 1, UINT16_MAX, read_txt },
	{ DNS_AAAA, "AAAA", 16, 16, read_bytes },
	{ DNS_SRV, "SRV", 7, 6 + WIRE_NAME_MAX, read_srv },
	{ DNS_TLSA, "TLSA", 4, UINT16_MAX, read_bytes }, /* RFC 6698, 2.1 */
};

static const struct kind *kind_of(unsigned type)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (kinds[i].type == type)
			return &kinds[i];
	}
	return NULL;
}

const char *dns_type_name(enum dns_type type)
{
	const struct kind *kind = kind_of(type);
	return kind != NULL ? kind->name : "?";
}

/* False if RAW does not hold what its type says. */
static bool read_data(const struct raw_record *raw, struct dns_record *record)
{
	const struct kind *kind = kind_of(raw->type);
	struct dns_reader data = raw->data;
	size_t len = data.end - data.at;
	if (kind == NULL || data.broken || len < kind->least || len > kind->most)
		return false;
	kind->read(&data, record);
	return !data.broken && data.at == data.end;
}

/* The records of one packet, and what it was asked. */
struct packet {
	struct header header;
	struct dns_reader answers; /* at the first one */
	char name[DNS_NAME_ROOM];
	unsigned type;
};

/*
 * Walk over all of the packet: that proves each record to lie inside it, before any is made use
 * of. The OPT record behind the others holds the upper bits of the rcode.
 */
static bool read_packet(struct slice bytes, struct packet *p, struct dns_answer *a)
{
	struct dns_reader r = dns_reader_of(bytes);
	struct raw_record raw;
	take_header(&r, &p->header);
	a->rcode = p->header.flags & RCODE_MASK;
	a->truncated = (p->header.flags & FLAG_TC) != 0;
	a->authentic = (p->header.flags & FLAG_AD) != 0;
	if (r.broken || p->header.counts[0] > 1)
		return false;
	if (a->truncated || p->header.counts[0] == 0)
		return a->truncated || a->rcode != DNS_NOERROR;
	dns_take_name(&r, p->name);
	p->type = dns_take_16(&r);
	bool in = dns_take_16(&r) == CLASS_IN;
	p->answers = r;
	unsigned left = p->header.counts[1] + p->header.counts[2] + p->header.counts[3];
	for (; left != 0 && !r.broken; left--) {
		take_record(&r, &raw);
		if (raw.type == DNS_OPT && left <= p->header.counts[3])
			a->rcode |= (raw.ttl >> 24) << 4;
	}
	return in && !r.broken;
}

/*
 * Take the data of RAW into RECORD, and its TTL into account; one with the upper bit set is 0
 * (RFC 2181, 8).
 */
static bool use_record(const struct raw_record *raw, struct dns_answer *a,
		       struct dns_record *record)
{
	uint32_t ttl = raw->ttl <= INT32_MAX ? raw->ttl : 0;
	if (ttl < a->ttl)
		a->ttl = ttl;
	return read_data(raw, record);
}

static struct dns_record *new_record(struct dns_answer *a)
{
	a->at = mem_grow(a->at, a->count, &a->room, sizeof *a->at);
	a->at[a->count] = (struct dns_record){ 0 };
	return &a->at[a->count++];
}

/*
 * Take what the packet has for a->name: records of the type, and the CNAME. False if one is
 * malformed.
 */
static bool gather(const struct packet *p, struct dns_answer *a, struct dns_record *alias)
{
	struct dns_reader r = p->answers;
	struct raw_record raw;
	bool fine = true;
	for (unsigned left = p->header.counts[1]; left != 0 && fine; left--) {
		take_record(&r, &raw);
		if (raw.class != CLASS_IN || strcmp(raw.owner, a->name) != 0)
			continue;
		if (raw.type == p->type)
			fine = use_record(&raw, a, new_record(a));
		else if (raw.type == DNS_CNAME)
			fine = use_record(&raw, a, alias);
	}
	return fine;
}

static bool follow_chain(const struct packet *p, struct dns_answer *a)
{
	memcpy(a->name, p->name, sizeof a->name);
	for (unsigned i = 0; i <= DNS_CHAIN_MAX; i++) {
		struct dns_record alias = { 0 };
		if (!gather(p, a, &alias))
			return false;
		if (a->count != 0 || alias.name[0] == '\0')
			return true;
		memcpy(a->name, alias.name, sizeof a->name);
	}
	return false;
}

int dns_decode(struct slice packet, struct dns_answer *a, struct status *st)
{
	struct packet p = { 0 };
	*a = (struct dns_answer){ .ttl = UINT32_MAX };
	bool fine = read_packet(packet, &p, a);
	if (fine && a->rcode == DNS_NOERROR && !a->truncated)
		fine = follow_chain(&p, a);
	if (a->ttl == UINT32_MAX)
		a->ttl = 0;
	if (fine)
		return 0;
	dns_answer_release(a);
	return status_set(st, STATUS_TEMPORARY, "the answer is malformed");
}

void dns_answer_release(struct dns_answer *a)
{
	for (size_t i = 0; i < a->count; i++)
		buf_release(&a->at[i].data);
	free(a->at);
	*a = (struct dns_answer){ 0 };
}

/* The root as owner, the room we have as class, no flags (RFC 6891, 6.1.2). */
static void put_opt(struct buf *out)
{
	buf_add_char(out, '\0');
	dns_put_16(out, DNS_OPT);
	dns_put_16(out, DNS_UDP_ROOM);
	dns_put_16(out, 0);
	dns_put_16(out, 0);
	dns_put_16(out, 0);
}

int dns_build(const struct dns_query *q, struct buf *out, struct status *st)
{
	size_t before = out->len;
	dns_put_16(out, q->id);
	dns_put_16(out, FLAG_RD | FLAG_AD);
	dns_put_16(out, 1);
	dns_put_16(out, 0);
	dns_put_16(out, 0);
	dns_put_16(out, q->plain ? 0 : 1);
	if (!dns_put_name(out, slice_of(q->name))) {
		out->len = before;
		return status_set(st, STATUS_NO_HOST, "'%s' is no name that DNS can hold",
				  q->name);
	}
	dns_put_16(out, q->type);
	dns_put_16(out, CLASS_IN);
	if (!q->plain)
		put_opt(out);
	return 0;
}

/*
 * The question is sent back as it was (RFC 1035, 4.1.2), unless the server could not even read
 * it.
 */
bool dns_is_answer(struct slice query, struct slice packet)
{
	struct dns_reader asked = dns_reader_of(query), r = dns_reader_of(packet);
	struct header h;
	char name[DNS_NAME_ROOM];
	take_header(&r, &h);
	if (r.broken || memcmp(query.data, packet.data, 2) != 0)
		return false;
	if ((h.flags & (FLAG_QR | FLAG_OPCODE)) != FLAG_QR)
		return false;
	unsigned rcode = h.flags & RCODE_MASK;
	if (h.counts[0] == 0)
		return rcode == DNS_FORMERR || rcode == DNS_NOTIMP;
	dns_take(&asked, DNS_HEADER_SIZE);
	dns_take_name(&asked, name);
	dns_take(&asked, 4);
	return asked.at <= packet.len &&
	       memcmp(query.data + DNS_HEADER_SIZE, packet.data + DNS_HEADER_SIZE,
		      asked.at - DNS_HEADER_SIZE) == 0;
}
