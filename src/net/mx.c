/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/mx.h"

#include "net/dns_hosts.h"

#include <string.h>

/* More than are kept, so that useless ones do not crowd out others. */
enum { RECORDS_MAX = 64 };

static int no_host(struct status *st, unsigned short subject, unsigned short detail)
{
	st->stage = STAGE_LOOKUP;
	memcpy(st->enhanced, (unsigned short[]){ 5, subject, detail }, sizeof st->enhanced);
	return -1;
}

static bool is_known(const struct mx *mx, const char *name)
{
	for (size_t i = 0; i < mx->count; i++) {
		if (strcmp(mx->at[i].name, name) == 0)
			return true;
	}
	return false;
}

static void add_host(struct mx *mx, uint16_t preference, const char *name)
{
	struct mx_host *host = &mx->at[mx->count++];
	host->preference = preference;
	memcpy(host->name, name, strlen(name) + 1);
}

static int choose_hosts(const struct dns *d, const struct dns_question *q, struct mx *mx,
			struct status *st)
{
	const struct dns_record *records[RECORDS_MAX];
	size_t count = dns_hosts_order(&q->answer, records, RECORDS_MAX);
	bool is_self = false;
	if (q->answer.count == 1 && records[0]->name[0] == '\0') {
		status_set(st, STATUS_NO_HOST, "the domain '%s' takes no mail (null MX)",
			   q->name);
		return no_host(st, 1, 10);
	}
	for (size_t i = 0; i < count && mx->count < MX_HOSTS_MAX; i++) {
		const char *name = records[i]->name;
		bool is_local = dns_is_localhost(name);
		is_self = is_self || is_local;
		if (is_local || !dns_is_host(name))
			tap_note(d->tap, "passing over '%s.', an MX of %s that is no server",
				 name, q->name);
		else if (!is_known(mx, name))
			add_host(mx, records[i]->priority, name);
	}
	if (mx->count != 0)
		return 0;
	status_set(st, STATUS_NO_HOST, "no MX record of '%s' names a server%s", q->name,
		   is_self ? ": it is said to be this very host" : "");
	return no_host(st, 4, is_self ? 6 : 4);
}

/* A domain without MX records is its own server, if it exists. */
static int without_records(const struct dns_question *q, struct mx *mx, struct status *st)
{
	if (q->outcome.kind != STATUS_NO_HOST || q->answer.rcode == DNS_NXDOMAIN ||
	    strlen(q->name) >= DNS_NAME_ROOM) {
		*st = q->outcome;
		return -1;
	}
	mx->implicit = true;
	add_host(mx, 0, q->name);
	return 0;
}

int mx_find(const struct dns *d, const char *domain, struct mx *mx, struct status *st)
{
	struct dns_question q = { .name = domain, .type = DNS_MX };
	*mx = (struct mx){ 0 };
	dns_ask(d, &q, 1);
	mx->authentic = q.answer.authentic;
	int result = q.outcome.kind == STATUS_OK ? choose_hosts(d, &q, mx, st)
						 : without_records(&q, mx, st);
	dns_answer_release(&q.answer);
	return result;
}
