/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/dns_transport.h"

#include "net/dial.h"
#include "net/dns_wire.h"

#include <errno.h>

static int receive(struct stream *s, struct buf *packet, struct status *st)
{
	struct slice bytes;
	if (stream_getn(s, 2, &bytes, st) != 0)
		return -1;
	struct dns_reader length = dns_reader_of(bytes);
	if (stream_getn(s, dns_take_16(&length), &bytes, st) != 0)
		return -1;
	buf_add_slice(packet, bytes);
	return 0;
}

int dns_tcp_exchange(const struct sockaddr_ip *server, struct slice query, int64_t deadline,
		     struct buf *packet, struct status *st)
{
	struct stream *s;
	struct buf flight = { 0 };
	if (dial(SOCK_STREAM, &server->at.any, server->len, deadline, &s, st) != 0)
		return -1;
	dns_put_16(&flight, (unsigned)query.len);
	buf_add_slice(&flight, query);
	stream_put(s, flight.data, flight.len);
	int result = stream_flush(s, st);
	if (result == 0)
		result = receive(s, packet, st);
	stream_free(s);
	buf_release(&flight);
	return result;
}

int dns_udp_receive(struct stream *s, char *into, size_t room, size_t *len, struct status *st)
{
	for (;;) {
		ssize_t n = stream_raw_read(s, into, room);
		if (n >= 0) {
			*len = (size_t)n;
			return 0;
		}
		if (errno != EAGAIN)
			return status_sys(st, STATUS_TEMPORARY, errno, "connection lost");
		if (stream_wait(s, false, st) != 0)
			return -1;
	}
}
