/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sink - a fast SMTP server that takes all mail and keeps none
 *
 *     sink [-i] [-c CERTIFICATE -k KEY] [KEYWORD...]
 *
 * Listens on a free port of 127.0.0.1, prints its number, and serves one connection after the
 * other until it is killed. EHLO offers each KEYWORD (PIPELINING, "SIZE 1000", ...), but
 * STARTTLS only outside TLS and AUTH only inside it. With -i, TLS begins with the connection.
 * TLS is 1.3 with session tickets, as usual servers have it.
 *
 * Answers leave in one write, when everything that came is dealt with: a client that sends one
 * flight gets one. Lines end with CRLF.
 */
#include <gnutls/gnutls.h>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { IN_SIZE = 256 * 1024, OUT_SIZE = 16 * 1024, RAW_SIZE = 128 * 1024, ANSWER_LIMIT = 512 };

struct server {
	char **keywords; /* ends with NULL */
	bool implicit;
	gnutls_certificate_credentials_t credentials;
	gnutls_priority_t priority;
	gnutls_datum_t ticket_key;
};

struct client {
	const struct server *server;
	int fd;
	gnutls_session_t tls; /* NULL outside TLS */
	bool gone;
	size_t from, to;         /* what came and is not yet dealt with: in[from..to) */
	size_t pending;          /* answers that have not left: out[0..pending) */
	size_t raw_from, raw_to; /* what came and GnuTLS has not asked for yet */
	char in[IN_SIZE];
	char out[OUT_SIZE];
	char raw[RAW_SIZE];
};

static void check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "sink: cannot %s\n", what);
	exit(1);
}

/* ---- bytes ---- */

static ssize_t send_some(struct client *c, const char *data, size_t len)
{
	return c->tls != NULL ? gnutls_record_send(c->tls, data, len) : write(c->fd, data, len);
}

static void flush(struct client *c)
{
	for (size_t done = 0; done < c->pending && !c->gone;) {
		ssize_t n = send_some(c, c->out + done, c->pending - done);
		c->gone = n <= 0;
		done += n > 0 ? (size_t)n : 0;
	}
	c->pending = 0;
}

static void answer(struct client *c, const char *text)
{
	if (OUT_SIZE - c->pending < ANSWER_LIMIT)
		flush(c);
	int n = snprintf(c->out + c->pending, ANSWER_LIMIT, "%s\r\n", text);
	c->pending += n < ANSWER_LIMIT ? (size_t)n : 0;
}

static ssize_t receive_some(struct client *c, char *into, size_t room)
{
	if (c->tls == NULL)
		return read(c->fd, into, room);
	for (;;) {
		ssize_t n = gnutls_record_recv(c->tls, into, room);
		if (n >= 0 || gnutls_error_is_fatal((int)n))
			return n;
	}
}

/* Wait for more. What is not yet dealt with moves to the front, to make room. */
static bool fill(struct client *c)
{
	flush(c);
	memmove(c->in, c->in + c->from, c->to - c->from);
	c->to -= c->from;
	c->from = 0;
	ssize_t n = c->gone ? -1 : receive_some(c, c->in + c->to, IN_SIZE - c->to);
	c->gone = n <= 0;
	c->to += n > 0 ? (size_t)n : 0;
	return !c->gone;
}

/* The next line without its end, or NULL when there is none. */
static char *next_line(struct client *c)
{
	do {
		char *line = c->in + c->from;
		char *end = memmem(line, c->to - c->from, "\r\n", 2);
		if (end != NULL) {
			*end = '\0';
			c->from = (size_t)(end + 2 - c->in);
			return line;
		}
	} while (fill(c));
	return NULL;
}

static void skip_octets(struct client *c, unsigned long long octets)
{
	while (c->to - c->from < octets) {
		octets -= c->to - c->from;
		c->from = c->to;
		if (!fill(c))
			return;
	}
	c->from += (size_t)octets;
}

/*
 * Dots are rare, and memchr is several times as fast as memmem: the sink must not be what is
 * measured.
 */
static void skip_to_dot(struct client *c)
{
	static const char mark[] = "\r\n.\r\n";
	enum { LEN = sizeof mark - 1, DOT = 2 };
	do {
		const char *start = c->in + c->from, *end = c->in + c->to;
		const char *last = end - (LEN - DOT);
		for (const char *at = start + DOT; at <= last; at++) {
			at = memchr(at, '.', (size_t)(last + 1 - at));
			if (at == NULL)
				break;
			if (memcmp(at - DOT, mark, LEN) == 0) {
				c->from = (size_t)(at - DOT + LEN - c->in);
				return;
			}
		}
		if (c->to - c->from >= LEN)
			c->from = c->to - (LEN - 1);
	} while (fill(c));
}

/* ---- TLS ---- */

/* GnuTLS asks for each record in two pieces, and the system is asked for many records at once.
 */
static ssize_t pull(gnutls_transport_ptr_t context, void *into, size_t room)
{
	struct client *c = context;
	if (c->raw_from == c->raw_to) {
		ssize_t n = read(c->fd, c->raw, RAW_SIZE);
		if (n <= 0)
			return n;
		c->raw_from = 0;
		c->raw_to = (size_t)n;
	}
	size_t len = c->raw_to - c->raw_from < room ? c->raw_to - c->raw_from : room;
	memcpy(into, c->raw + c->raw_from, len);
	c->raw_from += len;
	return (ssize_t)len;
}

static ssize_t push(gnutls_transport_ptr_t context, const void *from, size_t len)
{
	const struct client *c = context;
	return write(c->fd, from, len);
}

static void start_tls(struct client *c)
{
	const struct server *s = c->server;
	int code;
	flush(c);
	gnutls_init(&c->tls, GNUTLS_SERVER);
	gnutls_priority_set(c->tls, s->priority);
	gnutls_credentials_set(c->tls, GNUTLS_CRD_CERTIFICATE, s->credentials);
	gnutls_session_ticket_enable_server(c->tls, &s->ticket_key);
	gnutls_transport_set_ptr(c->tls, c);
	gnutls_transport_set_pull_function(c->tls, pull);
	gnutls_transport_set_push_function(c->tls, push);
	do {
		code = gnutls_handshake(c->tls);
	} while (code < 0 && !gnutls_error_is_fatal(code));
	c->gone = code < 0;
}

static void prepare_tls(struct server *s, const char *certificate, const char *key)
{
	gnutls_certificate_allocate_credentials(&s->credentials);
	check(gnutls_certificate_set_x509_key_file(s->credentials, certificate, key,
						   GNUTLS_X509_FMT_PEM) >= 0,
	      "use this certificate and key");
	check(gnutls_priority_init(&s->priority, "NORMAL:-VERS-ALL:+VERS-TLS1.3", NULL) >= 0,
	      "use TLS 1.3");
	gnutls_session_ticket_key_generate(&s->ticket_key);
}

/* ---- commands ---- */

static bool is_offered(const struct client *c, const char *keyword)
{
	if (strncasecmp(keyword, "STARTTLS", 8) == 0)
		return c->tls == NULL;
	return strncasecmp(keyword, "AUTH ", 5) != 0 || c->tls != NULL;
}

static void ehlo(struct client *c, const char *rest)
{
	char line[ANSWER_LIMIT];
	(void)rest;
	answer(c, "250-sink.test");
	for (char **k = c->server->keywords; *k != NULL; k++) {
		snprintf(line, sizeof line, "250-%s", *k);
		if (is_offered(c, *k))
			answer(c, line);
	}
	answer(c, "250 HELP");
}

static void agree(struct client *c, const char *rest)
{
	(void)rest;
	answer(c, "250 2.0.0 ok");
}

static void starttls(struct client *c, const char *rest)
{
	(void)rest;
	answer(c, "220 2.0.0 go ahead");
	start_tls(c);
}

/* "AUTH PLAIN", with its argument at once or after a question: all passwords are right. */
static void auth(struct client *c, const char *rest)
{
	if (strchr(rest, ' ') == NULL) {
		answer(c, "334 ");
		next_line(c);
	}
	answer(c, "235 2.7.0 welcome");
}

/* The line end of the command may already belong to the dot's. */
static void data(struct client *c, const char *rest)
{
	(void)rest;
	answer(c, "354 go ahead");
	c->from -= 2;
	memcpy(c->in + c->from, "\r\n", 2);
	skip_to_dot(c);
	agree(c, "");
}

static void bdat(struct client *c, const char *rest)
{
	skip_octets(c, strtoull(rest, NULL, 10));
	agree(c, "");
}

static void quit(struct client *c, const char *rest)
{
	(void)rest;
	answer(c, "221 2.0.0 bye");
	flush(c);
	c->gone = true;
}

static const struct {
	const char *name;
	void (*run)(struct client *c, const char *rest);
} commands[] = {
	{ "EHLO ", ehlo },  { "HELO ", agree }, { "STARTTLS", starttls }, { "AUTH ", auth },
	{ "MAIL ", agree }, { "RCPT ", agree }, { "DATA", data },         { "BDAT ", bdat },
	{ "RSET", agree },  { "NOOP", agree },  { "QUIT", quit },
};

static void run_command(struct client *c, const char *line)
{
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		size_t len = strlen(commands[i].name);
		if (strncasecmp(line, commands[i].name, len) == 0) {
			commands[i].run(c, line + len);
			return;
		}
	}
	answer(c, "500 5.5.1 what?");
}

static void serve(const struct server *s, int fd)
{
	static struct client c; /* too large for the stack */
	c.server = s;
	c.fd = fd;
	c.tls = NULL;
	c.gone = false;
	c.from = c.to = c.pending = c.raw_from = c.raw_to = 0;
	if (s->implicit)
		start_tls(&c);
	answer(&c, "220 sink.test ESMTP");
	while (!c.gone) {
		const char *line = next_line(&c);
		if (line != NULL)
			run_command(&c, line);
	}
	if (c.tls != NULL) {
		gnutls_bye(c.tls, GNUTLS_SHUT_WR);
		gnutls_deinit(c.tls);
	}
	close(fd);
}

/* ---- the process ---- */

static int start_listening(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check(bind(fd, (struct sockaddr *)&at, len) == 0 && listen(fd, 64) == 0, "listen");
	getsockname(fd, (struct sockaddr *)&at, &len);
	printf("%d\n", ntohs(at.sin_port));
	fflush(stdout);
	return fd;
}

int main(int argc, char **argv)
{
	struct server s = { 0 };
	const char *certificate = NULL, *key = NULL;
	int letter, on = 1;
	while ((letter = getopt(argc, argv, "ic:k:")) != -1) {
		check(letter != '?', "understand this option");
		if (letter == 'i')
			s.implicit = true;
		else
			*(letter == 'c' ? &certificate : &key) = optarg;
	}
	s.keywords = argv + optind;
	if (certificate != NULL)
		prepare_tls(&s, certificate, key);
	signal(SIGPIPE, SIG_IGN);
	int fd = start_listening();
	for (;;) {
		int client = accept(fd, NULL, NULL);
		check(client != -1, "accept a connection");
		setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		serve(&s, client);
	}
}
