/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dns_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { FLAG_RESPONSE = 0x84, FLAG_TRUNCATED = 0x02, FLAG_AUTHENTIC = 0x20, FLOOD = 100 };

/* cmocka's own way to fail a test works in its thread alone. */
static void must(bool holds)
{
	if (!holds)
		abort();
}

static void put_header(struct buf *reply, struct slice query, unsigned high, unsigned low)
{
	buf_add(reply, query.data, 2);
	buf_add_char(reply, (char)(FLAG_RESPONSE | high));
	buf_add_char(reply, (char)low);
	buf_add(reply, "\0\1\0\0\0\0\0\0", 8);
}

/* Length of the header and the question. */
static size_t question_end(struct slice query)
{
	struct dns_reader r = dns_reader_of(query);
	char name[DNS_NAME_ROOM];
	dns_take(&r, DNS_HEADER_SIZE);
	dns_take_name(&r, name);
	dns_take(&r, 4);
	return r.at;
}

static void put_question(struct buf *reply, struct slice query)
{
	buf_add_slice(reply, slice_cut(query, DNS_HEADER_SIZE, question_end(query)));
}

static void put_record(struct buf *reply, const struct zone_record *record)
{
	dns_put_name(reply, slice_of(record->owner));
	dns_put_16(reply, record->type);
	dns_put_16(reply, 1);
	dns_put_16(reply, 0);
	dns_put_16(reply, 300);
	dns_put_16(reply, (unsigned)record->len);
	buf_add(reply, record->data, record->len);
	reply->data[7]++;
}

/* Names that the zone lacks do not exist; of a CNAME its target's records come along. */
static void answer(const struct dns_peer *p, struct slice query, struct buf *reply)
{
	struct dns_reader r = dns_reader_of(query);
	char name[DNS_NAME_ROOM];
	bool exists = false;
	dns_take(&r, DNS_HEADER_SIZE);
	dns_take_name(&r, name);
	unsigned type = dns_take_16(&r);
	put_header(reply, query, 0, p->authentic ? FLAG_AUTHENTIC : 0);
	put_question(reply, query);
	for (size_t i = 0; i < p->zone_count; i++) {
		const struct zone_record *record = &p->zone[i];
		if (strcmp(record->owner, name) != 0)
			continue;
		exists = true;
		if (record->type == type || record->type == DNS_CNAME)
			put_record(reply, record);
		if (record->type == DNS_CNAME && type != DNS_CNAME) {
			struct dns_reader target =
				dns_reader_of(slice_n(record->data, record->len));
			dns_take_name(&target, name);
		}
	}
	if (!exists)
		reply->data[3] = (char)(reply->data[3] | DNS_NXDOMAIN);
}

static void send_to(int fd, const struct sockaddr_in *to, const struct buf *reply)
{
	must(sendto(fd, buf_str(reply), reply->len, 0, (const struct sockaddr *)to,
		    sizeof *to) == (ssize_t)reply->len);
}

/* Fill REPLY with what comes before the right answer, or in its place. */
static bool misbehave(const struct peer_step *step, struct slice query, struct buf *reply)
{
	switch (step->act) {
	case PEER_TRUNCATE:
		put_header(reply, query, FLAG_TRUNCATED, 0);
		put_question(reply, query);
		return true;
	case PEER_RCODE:
		put_header(reply, query, 0, step->rcode);
		put_question(reply, query);
		return true;
	case PEER_HEADER:
		put_header(reply, query, 0, step->rcode);
		reply->data[5] = 0;
		return true;
	case PEER_MALFORMED:
		put_header(reply, query, 0, 0);
		put_question(reply, query);
		buf_add(reply, "\xc0\x0c\0\1\0\1\0\0\0\0\0\4abc", 15);
		reply->data[7] = 1;
		return true;
	case PEER_OTHER_QUESTION:
		put_header(reply, query, 0, DNS_SERVFAIL);
		put_question(reply, query);
		reply->data[DNS_HEADER_SIZE + 1]++;
		return false;
	case PEER_ECHO:
		buf_add_slice(reply, query);
		return false;
	case PEER_OTHER_ID:
	case PEER_FLOOD:
		put_header(reply, query, 0, DNS_SERVFAIL);
		put_question(reply, query);
		reply->data[1]++;
		return step->act == PEER_FLOOD;
	case PEER_SILENT:
	case PEER_LATER:
		return true;
	default:
		return false;
	}
}

static void send_answer(const struct dns_peer *p, struct slice query,
			const struct sockaddr_in *to)
{
	struct buf reply = { 0 };
	answer(p, query, &reply);
	send_to(p->udp, to, &reply);
	buf_release(&reply);
}

static void serve_udp(struct dns_peer *p)
{
	static const struct peer_step good = { .act = PEER_ANSWER };
	char packet[512];
	struct sockaddr_in from;
	socklen_t len = sizeof from;
	struct buf reply = { 0 };
	ssize_t n = recvfrom(p->udp, packet, sizeof packet, 0, (struct sockaddr *)&from, &len);
	must(n > DNS_HEADER_SIZE);
	struct slice query = slice_n(packet, (size_t)n);
	unsigned place = p->by_udp++;
	if (place >= p->step_count)
		place = (unsigned)p->step_count - 1;
	const struct peer_step *step = p->step_count != 0 ? &p->steps[place] : &good;
	p->without_edns = packet[11] == 0;
	poll(NULL, 0, (int)step->delay_ms);
	bool done = misbehave(step, query, &reply);
	if (reply.len != 0 || step->act == PEER_EMPTY) {
		for (int i = 0; i < (step->act == PEER_FLOOD ? FLOOD : 1); i++)
			send_to(p->udp, &from, &reply);
	}
	if (!done)
		send_answer(p, query, &from);
	if (p->held.len != 0)
		send_answer(p, buf_slice(&p->held), &from);
	buf_reset(&p->held);
	if (step->act == PEER_LATER)
		buf_add_slice(&p->held, query);
	buf_release(&reply);
}

static void send_tcp(const struct dns_peer *p, int fd, const struct buf *reply)
{
	size_t piece = p->tcp == PEER_TCP_PIECES ? 1 : reply->len;
	size_t end = p->tcp == PEER_TCP_CUT ? reply->len - 1 : reply->len;
	for (size_t at = 0; at < end; at += piece) {
		size_t left = end - at;
		/* Who asked may have gone by now. */
		if (send(fd, reply->data + at, left < piece ? left : piece, MSG_NOSIGNAL) <= 0)
			return;
		if (p->tcp == PEER_TCP_PIECES)
			poll(NULL, 0, 1);
	}
}

static void serve_tcp(struct dns_peer *p)
{
	unsigned char packet[514];
	struct buf reply = { 0 }, whole = { 0 };
	int fd = accept(p->listener, NULL, NULL);
	must(fd >= 0);
	p->by_tcp++;
	ssize_t n = recv(fd, packet, sizeof packet, 0);
	bool asked = n > 0; /* on a busy machine who asks may run out of time before */
	must(!asked || (n > 2 && n == 2 + (packet[0] << 8 | packet[1])));
	if (!asked) {
		close(fd);
		return;
	}
	if (p->tcp == PEER_TCP_SILENT) {
		recv(fd, packet, sizeof packet, 0);
	} else {
		answer(p, slice_n((const char *)packet + 2, (size_t)n - 2), &reply);
		if (p->tcp == PEER_TCP_TRUNCATE)
			reply.data[2] |= FLAG_TRUNCATED;
		if (p->tcp == PEER_TCP_OTHER)
			reply.data[0]++;
		dns_put_16(&whole, (unsigned)reply.len);
		buf_add_slice(&whole, buf_slice(&reply));
		send_tcp(p, fd, &whole);
	}
	close(fd);
	buf_release(&reply);
	buf_release(&whole);
}

static void *serve(void *argument)
{
	struct dns_peer *p = argument;
	struct pollfd fds[] = { { p->stop[0], POLLIN, 0 },
				{ p->udp, POLLIN, 0 },
				{ p->listener, POLLIN, 0 } };
	while (poll(fds, 3, -1) > 0 && fds[0].revents == 0) {
		if (fds[1].revents != 0)
			serve_udp(p);
		if (fds[2].revents != 0)
			serve_tcp(p);
	}
	return NULL;
}

void dns_peer_start(struct dns_peer *p)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof a;
	p->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(p->listener, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(getsockname(p->listener, (struct sockaddr *)&a, &len), 0);
	assert_int_equal(bind(p->udp, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(p->listener, 5), 0);
	assert_int_equal(pipe(p->stop), 0);
	snprintf(p->address, sizeof p->address, "127.0.0.1:%u", ntohs(a.sin_port));
	p->by_udp = p->by_tcp = 0;
	p->without_edns = false;
	assert_int_equal(pthread_create(&p->thread, NULL, serve, p), 0);
}

void dns_peer_stop(struct dns_peer *p)
{
	assert_int_equal(write(p->stop[1], "", 1), 1);
	pthread_join(p->thread, NULL);
	close(p->stop[0]);
	close(p->stop[1]);
	close(p->udp);
	close(p->listener);
	buf_release(&p->held);
}
