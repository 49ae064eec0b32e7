/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls_peer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void must(int result)
{
	if (result < 0)
		abort();
}

static ssize_t take(struct buf *from, void *into, size_t room)
{
	size_t len = from->len < room ? from->len : room;
	memcpy(into, buf_str(from), len);
	buf_drop(from, len);
	return (ssize_t)len;
}

static ssize_t server_pull(gnutls_transport_ptr_t context, void *into, size_t room)
{
	struct tls_peer *p = context;
	if (p->to_server.len != 0)
		return take(&p->to_server, into, room);
	errno = EAGAIN;
	return -1;
}

static ssize_t server_push(gnutls_transport_ptr_t context, const void *data, size_t len)
{
	struct tls_peer *p = context;
	buf_add(&p->to_client, data, len);
	return (ssize_t)len;
}

static int never_waits(gnutls_transport_ptr_t context, unsigned ms)
{
	const struct tls_peer *p = context;
	(void)ms;
	return p->to_server.len != 0;
}

void tls_peer_init(struct tls_peer *p, const struct cert *chain, unsigned count)
{
	gnutls_x509_crt_t list[8];
	*p = (struct tls_peer){ 0 };
	for (unsigned i = 0; i < count; i++)
		list[i] = chain[i].crt;
	must(gnutls_certificate_allocate_credentials(&p->credentials));
	must(gnutls_certificate_set_x509_key(p->credentials, list, (int)count, chain[0].key));
	must(gnutls_session_ticket_key_generate(&p->ticket_key));
}

static void learn(struct tls_peer *p)
{
	size_t len = sizeof p->server_name;
	unsigned type;
	p->done = true;
	if (gnutls_server_name_get(p->session, p->server_name, &len, &type, 0) != 0)
		p->server_name[0] = '\0';
	gnutls_certificate_get_peers(p->session, &p->client_certificates);
}

/* Keep what ends the session, and tell the client. */
static void note(struct tls_peer *p, int code)
{
	if (code >= 0 || !gnutls_error_is_fatal(code))
		return;
	p->error = code;
	gnutls_alert_send_appropriate(p->session, code);
}

void tls_peer_turn(struct tls_peer *p)
{
	char bytes[16 * 1024];
	size_t had = p->got.len;
	bool was_done = p->done;
	if (p->error != 0 || p->cut)
		return;
	if (!p->done) {
		int code = gnutls_handshake(p->session);
		if (code == 0)
			learn(p);
		note(p, code);
	}
	while (p->done && p->to_server.len != 0 && !p->ended && p->error == 0) {
		ssize_t n = gnutls_record_recv(p->session, bytes, sizeof bytes);
		if (n > 0)
			buf_add(&p->got, bytes, (size_t)n);
		p->ended = n == 0;
		note(p, n < 0 ? (int)n : 0);
	}
	if (p->speaks != NULL && p->done && (!was_done || p->got.len != had))
		p->speaks(p);
}

/* With `delays`, every other time. */
static bool is_delayed(struct tls_peer *p)
{
	p->delayed = p->delays && !p->delayed;
	return p->delayed;
}

static ssize_t wire_read(struct stream *s, void *into, size_t room)
{
	struct tls_peer *p = s->self;
	if (p->to_client.len == 0)
		tls_peer_turn(p);
	if (p->to_client.len == 0 && (p->cut || p->error != 0))
		return 0;
	if (p->to_client.len == 0 || is_delayed(p)) {
		errno = EAGAIN;
		return -1;
	}
	return take(&p->to_client, into,
		    p->read_max != 0 && p->read_max < room ? p->read_max : room);
}

static ssize_t wire_write(struct stream *s, const void *from, size_t len)
{
	struct tls_peer *p = s->self;
	if (p->fails_with != 0 || is_delayed(p)) {
		errno = p->fails_with != 0 ? p->fails_with : EAGAIN;
		return -1;
	}
	if (p->delays && len > 1)
		len /= 2;
	p->client_writes++;
	buf_add(&p->to_server, from, len);
	return (ssize_t)len;
}

static short wire_wants(const struct stream *s, bool writing)
{
	struct tls_peer *p = s->self;
	p->polled_to_write = writing;
	return writing ? POLLOUT : POLLIN;
}

/* Who waits for bytes though none will come waits until his deadline. */
static int wire_fd(const struct stream *s)
{
	struct tls_peer *p = s->self;
	if (p->to_client.len == 0)
		tls_peer_turn(p);
	bool ready = p->polled_to_write || p->to_client.len != 0 || p->cut || p->error != 0;
	return ready ? p->always : p->never[0];
}

static void wire_close(struct stream *s)
{
	struct tls_peer *p = s->self;
	close(p->always);
	close(p->never[0]);
	close(p->never[1]);
}

static const struct stream_ops wire_ops = {
	.read = wire_read,
	.write = wire_write,
	.wants = wire_wants,
	.fd = wire_fd,
	.close = wire_close,
};

struct stream *tls_peer_stream(struct tls_peer *p)
{
	must(gnutls_init(&p->session, GNUTLS_SERVER | GNUTLS_NONBLOCK));
	must(gnutls_priority_set_direct(p->session,
					p->priority != NULL ? p->priority : "NORMAL", NULL));
	must(gnutls_credentials_set(p->session, GNUTLS_CRD_CERTIFICATE, p->credentials));
	must(gnutls_session_ticket_enable_server(p->session, &p->ticket_key));
	if (p->wants_issuer != NULL)
		must(gnutls_certificate_set_x509_trust(
			p->credentials, (gnutls_x509_crt_t *)&p->wants_issuer->crt, 1));
	if (p->wants_certificate)
		gnutls_certificate_server_set_request(p->session, GNUTLS_CERT_REQUEST);
	gnutls_transport_set_ptr(p->session, p);
	gnutls_transport_set_pull_function(p->session, server_pull);
	gnutls_transport_set_push_function(p->session, server_push);
	gnutls_transport_set_pull_timeout_function(p->session, never_waits);
	p->always = open("/dev/null", O_RDWR | O_CLOEXEC);
	must(p->always);
	must(pipe2(p->never, O_CLOEXEC));
	return stream_new(&wire_ops, p, NULL);
}

void tls_peer_say(struct tls_peer *p, const char *text)
{
	must((int)gnutls_record_send(p->session, text, strlen(text)));
}

void tls_peer_cut(struct tls_peer *p)
{
	p->cut = true;
}

static void end_session(struct tls_peer *p)
{
	if (p->session != NULL)
		gnutls_deinit(p->session);
	buf_release(&p->got);
	buf_release(&p->to_client);
	buf_release(&p->to_server);
}

void tls_peer_again(struct tls_peer *p)
{
	end_session(p);
	*p = (struct tls_peer){ .priority = p->priority,
				.wants_certificate = p->wants_certificate,
				.credentials = p->credentials,
				.ticket_key = p->ticket_key };
}

void tls_peer_release(struct tls_peer *p)
{
	end_session(p);
	gnutls_certificate_free_credentials(p->credentials);
	gnutls_free(p->ticket_key.data);
	*p = (struct tls_peer){ 0 };
}
