/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/dns.h"

#include "base/clock.h"
#include "base/random.h"
#include "net/dial.h"
#include "net/dns_transport.h"

#include <errno.h>
#include <string.h>

enum {
	BUDGET_SECONDS = 60,
	PATIENCE_MS = 2000,
	ROUNDS = 3,
	TCP_PATIENCE = 2,   /* times that of UDP: several round trips */
	PACKET_ROOM = 4096, /* some servers send more by UDP than they were told to */
	STRAYS_MAX = 64,    /* packets that answer nothing: somebody is guessing */
};

/* A question on its way. */
struct lookup {
	struct dns_question *question;
	struct buf query; /* as sent in this try */
	unsigned useless; /* a bit for each server that need not be asked again */
	bool plain;       /* a server did not understand EDNS */
	bool waiting;     /* sent in this try, and not answered yet */
	bool settled;
};

struct asking {
	const struct dns *dns;
	int64_t deadline;
	struct lookup at[DNS_QUESTIONS_MAX];
	size_t count;
};

/* One try: a server, and how long to wait for it. */
struct
try {
	struct asking *asking;
	const struct dns_server *server;
	unsigned bit; /* of the server in `useless` */
	int64_t patience;
};

int dns_init(struct dns *d, const char *resolver, struct status *st)
{
	*d = (struct dns){ .patience = PATIENCE_MS, .deadline = INT64_MAX };
	if (resolver != NULL)
		return dns_servers_parse(resolver, &d->servers, st);
	dns_servers_load("/etc/resolv.conf", &d->servers);
	return 0;
}

static void cannot(struct dns_question *q, const char *server, const char *why, int errnum)
{
	status_set(&q->outcome, STATUS_TEMPORARY,
		   "cannot look up the %s records of '%s' at %s: %s", dns_type_name(q->type),
		   q->name, server, why);
	q->outcome.stage = STAGE_LOOKUP;
	q->outcome.sys = errnum;
	memcpy(q->outcome.enhanced, (unsigned short[]){ 4, 4, 3 }, sizeof q->outcome.enhanced);
}

/* The server did not tell, for the reason WHY; it may be asked again. */
static void not_told(const struct try *t, struct lookup *l, const char *why, int errnum)
{
	l->waiting = false;
	cannot(l->question, t->server->text, why, errnum);
	tap_note(t->asking->dns->tap, "%s", l->question->outcome.text);
}

/* As not_told, and there is no sense in asking this server again. */
static void useless(const struct try *t, struct lookup *l, const char *why, int errnum)
{
	l->useless |= t->bit;
	not_told(t, l, why, errnum);
}

/*
 * Those that still wait get no answer in this try. A server that is not there will not be there
 * in a second either.
 */
static void give_up(const struct try *t, const struct status *why)
{
	bool is_gone = why->sys != 0 && why->sys != ETIMEDOUT;
	for (size_t i = 0; i < t->asking->count; i++) {
		struct lookup *l = &t->asking->at[i];
		if (l->waiting && is_gone)
			useless(t, l, why->text, why->sys);
		else if (l->waiting)
			not_told(t, l, why->text, why->sys);
	}
}

static void settle(const struct try *t, struct lookup *l)
{
	struct dns_question *q = l->question;
	const struct dns_answer *a = &q->answer;
	l->waiting = false;
	l->settled = true;
	q->outcome = (struct status){ 0 };
	if (a->rcode == DNS_NXDOMAIN)
		status_set(&q->outcome, STATUS_NO_HOST, "the name '%s' does not exist",
			   q->name);
	else if (a->count == 0)
		status_set(&q->outcome, STATUS_NO_HOST, "the name '%s' has no %s record",
			   q->name, dns_type_name(q->type));
	else if (!ascii_same_nocase(a->name, q->name))
		tap_note(t->asking->dns->tap, "%s is an alias of %s", q->name, a->name);
	q->outcome.stage = STAGE_LOOKUP;
}

static const char *rcode_text(unsigned rcode)
{
	static const char *const texts[] = {
		[DNS_FORMERR] = "the server says FORMERR",
		[DNS_SERVFAIL] = "the server says SERVFAIL",
		[DNS_NOTIMP] = "the server says NOTIMP",
		[DNS_REFUSED] = "the server says REFUSED",
	};
	bool known = rcode < sizeof texts / sizeof texts[0] && texts[rcode] != NULL;
	return known ? texts[rcode] : "the server answers with an error";
}

/* Read PACKET, an answer to L's query. False if it is none that can be read. */
static bool read_answer(const struct try *t, struct lookup *l, struct slice packet)
{
	struct status st;
	dns_answer_release(&l->question->answer);
	if (dns_decode(packet, &l->question->answer, &st) == 0)
		return true;
	useless(t, l, st.text, 0);
	return false;
}

/* Is the answer that was read one to live with? */
static void judge(const struct try *t, struct lookup *l)
{
	struct dns_answer *a = &l->question->answer;
	a->authentic = a->authentic && t->server->trusted;
	if (a->truncated) {
		useless(t, l, "the answer is cut short", 0);
	} else if (a->rcode == DNS_NOERROR || a->rcode == DNS_NXDOMAIN) {
		settle(t, l);
	} else if ((a->rcode == DNS_FORMERR || a->rcode == DNS_NOTIMP) && !l->plain) {
		l->plain = true;
		not_told(t, l, rcode_text(a->rcode), 0);
	} else {
		useless(t, l, rcode_text(a->rcode), 0);
	}
}

static void ask_by_tcp(const struct try *t, struct lookup *l)
{
	struct buf packet = { 0 };
	struct status st;
	int64_t deadline =
		clock_earlier(t->asking->deadline, clock_now() + TCP_PATIENCE * t->patience);
	if (dns_tcp_exchange(&t->server->address, buf_slice(&l->query), deadline, &packet,
			     &st) != 0)
		useless(t, l, st.text, st.sys);
	else if (!dns_is_answer(buf_slice(&l->query), buf_slice(&packet)))
		useless(t, l, "the answer is to another question", 0);
	else if (read_answer(t, l, buf_slice(&packet)))
		judge(t, l);
	buf_release(&packet);
}

/*
 * Is PACKET the answer to one of the questions? Anybody can forge one, so what is not asked for
 * is passed over.
 */
static bool take_packet(const struct try *t, struct slice packet)
{
	for (size_t i = 0; i < t->asking->count; i++) {
		struct lookup *l = &t->asking->at[i];
		if (!l->waiting || !dns_is_answer(buf_slice(&l->query), packet))
			continue;
		if (!read_answer(t, l, packet))
			return true;
		if (l->question->answer.truncated)
			ask_by_tcp(t, l);
		else
			judge(t, l);
		return true;
	}
	return false;
}

static bool any_waiting(const struct asking *a)
{
	for (size_t i = 0; i < a->count; i++) {
		if (a->at[i].waiting)
			return true;
	}
	return false;
}

static int send_by_udp(const struct try *t, struct stream *s, struct status *st)
{
	for (size_t i = 0; i < t->asking->count; i++) {
		struct lookup *l = &t->asking->at[i];
		struct dns_query query = { .name = l->question->name,
					   .type = l->question->type };
		if (!l->waiting)
			continue;
		query.plain = l->plain;
		random_bytes(&query.id, sizeof query.id);
		buf_reset(&l->query);
		if (dns_build(&query, &l->query, st) != 0)
			return -1;
		stream_put(s, l->query.data, l->query.len);
		if (stream_flush(s, st) != 0)
			return -1;
	}
	return 0;
}

static int listen_by_udp(const struct try *t, struct stream *s, struct status *st)
{
	char packet[PACKET_ROOM];
	size_t len, strays = 0;
	while (any_waiting(t->asking)) {
		if (dns_udp_receive(s, packet, sizeof packet, &len, st) != 0)
			return -1;
		if (!take_packet(t, slice_n(packet, len)) && ++strays == STRAYS_MAX)
			return status_set(st, STATUS_TEMPORARY, "too many false answers");
	}
	return 0;
}

static void ask_server(const struct try *t)
{
	const struct sockaddr_ip *a = &t->server->address;
	struct asking *asking = t->asking;
	struct stream *s = NULL;
	struct status st;
	for (size_t i = 0; i < asking->count; i++) {
		struct lookup *l = &asking->at[i];
		l->waiting = !l->settled && (l->useless & t->bit) == 0;
	}
	if (!any_waiting(asking))
		return;
	int64_t deadline = clock_earlier(asking->deadline, clock_now() + t->patience);
	if (dial(SOCK_DGRAM, &a->at.any, a->len, deadline, &s, &st) != 0 ||
	    send_by_udp(t, s, &st) != 0 || listen_by_udp(t, s, &st) != 0)
		give_up(t, &st);
	stream_free(s);
}

/* Until there is an answer, a question's outcome is that there is none. */
static void begin(struct asking *a, struct dns_question *q)
{
	struct lookup *l = &a->at[a->count++];
	l->question = q;
	q->answer = (struct dns_answer){ 0 };
	cannot(q, a->dns->servers.at[0].text, "there is no time left", ETIMEDOUT);
	tap_note(a->dns->tap, "looking up the %s records of %s", dns_type_name(q->type),
		 q->name);
	if (dns_build(&(struct dns_query){ .name = q->name, .type = q->type }, &l->query,
		      &q->outcome) != 0) {
		q->outcome.stage = STAGE_LOOKUP;
		l->settled = true;
	}
}

void dns_ask(const struct dns *d, struct dns_question *questions, size_t count)
{
	struct asking a = { .dns = d,
			    .deadline = clock_earlier(d->deadline, clock_in(BUDGET_SECONDS)) };
	struct try t = { .asking = &a, .patience = d->patience };
	for (size_t i = 0; i < count; i++)
		begin(&a, &questions[i]);
	for (unsigned round = 0; round < ROUNDS; round++, t.patience *= 2) {
		for (size_t i = 0; i < d->servers.count && clock_now() < a.deadline; i++) {
			t.server = &d->servers.at[i];
			t.bit = 1U << i;
			ask_server(&t);
		}
	}
	for (size_t i = 0; i < count; i++)
		buf_release(&a.at[i].query);
}

int dns_lookup(const struct dns *d, struct dns_question *question, struct status *st)
{
	dns_ask(d, question, 1);
	if (question->outcome.kind == STATUS_OK)
		return 0;
	*st = question->outcome;
	return -1;
}

const struct status *dns_trouble(const struct dns_question *questions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (questions[i].outcome.kind == STATUS_TEMPORARY)
			return &questions[i].outcome;
	}
	return &questions[0].outcome;
}
