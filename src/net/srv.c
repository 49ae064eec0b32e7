/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/srv.h"

#include "net/dns_hosts.h"

#include <string.h>

enum { SERVICES = 2 };

static const struct service {
	const char *prefix;
	bool implicit_tls;
} services[SERVICES] = {
	{ "_submissions._tcp.", true },
	{ "_submission._tcp.", false },
};

/* Is NAME the domain DOMAIN, or below it? */
static bool lies_in(const char *name, struct slice domain)
{
	struct slice s = slice_of(name);
	if (domain.len != 0 && domain.data[domain.len - 1] == '.')
		domain.len--;
	if (domain.len == 0 || s.len < domain.len)
		return false;
	size_t from = s.len - domain.len;
	return slice_same_nocase(slice_cut(s, from, s.len), domain) &&
	       (from == 0 || s.data[from - 1] == '.');
}

static void add_servers(const struct dns_answer *a, bool implicit_tls, const char *domain,
			struct srv *srv)
{
	const struct dns_record *records[SRV_SERVERS_MAX];
	size_t count = dns_hosts_order(a, records, SRV_SERVERS_MAX);
	for (size_t i = 0; i < count && srv->count < SRV_SERVERS_MAX; i++) {
		if (records[i]->port == 0 || !dns_is_host(records[i]->name))
			continue;
		struct srv_server *server = &srv->at[srv->count++];
		memcpy(server->name, records[i]->name, sizeof server->name);
		server->port = records[i]->port;
		server->implicit_tls = implicit_tls;
		server->inside = lies_in(server->name, slice_of(domain));
	}
}

static int no_servers(const struct dns_question *questions, const char *domain,
		      struct status *st)
{
	*st = *dns_trouble(questions, SERVICES);
	if (st->kind == STATUS_TEMPORARY)
		return -1;
	status_set(st, STATUS_NO_HOST, "the domain '%s' names no submission server (SRV)",
		   domain);
	status_hint(st, "ask your provider for the name of the server, and set host to that");
	st->stage = STAGE_LOOKUP;
	return -1;
}

int srv_find(const struct dns *d, const char *domain, struct srv *srv, struct status *st)
{
	struct dns_question questions[SERVICES] = { 0 };
	struct buf names[SERVICES] = { 0 };
	*srv = (struct srv){ 0 };
	for (size_t i = 0; i < SERVICES; i++) {
		buf_addf(&names[i], "%s%s", services[i].prefix, domain);
		questions[i].name = buf_str(&names[i]);
		questions[i].type = DNS_SRV;
	}
	dns_ask(d, questions, SERVICES);
	for (size_t i = 0; i < SERVICES; i++) {
		add_servers(&questions[i].answer, services[i].implicit_tls, domain, srv);
		dns_answer_release(&questions[i].answer);
		buf_release(&names[i]);
	}
	return srv->count != 0 ? 0 : no_servers(questions, domain, st);
}
