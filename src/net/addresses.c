/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/addresses.h"

#include "net/dns_hosts.h"

#include <sys/socket.h>

static const struct kind {
	int family;
	enum dns_type type;
	const char *localhost;
} kinds[] = {
	{ AF_INET6, DNS_AAAA, "::1" },
	{ AF_INET, DNS_A, "127.0.0.1" },
};

enum {
	KINDS = sizeof kinds / sizeof kinds[0],
	EACH_MAX = ADDRESSES_MAX / KINDS,
};

static bool wanted(const struct kind *kind, int family)
{
	return family == AF_UNSPEC || family == kind->family;
}

static void add_localhost(uint16_t port, int family, struct addresses *list)
{
	for (size_t i = 0; i < KINDS; i++) {
		if (wanted(&kinds[i], family) &&
		    sockaddr_parse(kinds[i].localhost, port, &list->at[list->count]))
			list->count++;
	}
}

static void add_records(const struct dns_answer *a, int family, uint16_t port,
			struct addresses *list)
{
	size_t count = a->count < EACH_MAX ? a->count : EACH_MAX;
	for (size_t i = 0; i < count; i++)
		sockaddr_of(family, a->at[i].data.data, port, &list->at[list->count++]);
}

/*
 * Where a name is there, but has neither kind, that is one fact; all else the first question
 * tells.
 */
static int no_address(const struct dns_question *questions, size_t count, struct status *st)
{
	*st = *dns_trouble(questions, count);
	bool exists = questions[0].answer.name[0] != '\0';
	if (st->kind != STATUS_NO_HOST || count == 1 || !exists)
		return -1;
	status_set(st, STATUS_NO_HOST, "the name '%s' has no address", questions[0].name);
	st->stage = STAGE_LOOKUP;
	return -1;
}

int addresses_find(const struct dns *d, const char *name, uint16_t port, int family,
		   struct addresses *list, struct status *st)
{
	struct dns_question questions[KINDS] = { 0 };
	int families[KINDS];
	size_t count = 0;
	*list = (struct addresses){ 0 };
	if (dns_is_localhost(name)) {
		add_localhost(port, family, list);
		return 0;
	}
	for (size_t i = 0; i < KINDS; i++) {
		if (!wanted(&kinds[i], family))
			continue;
		questions[count] = (struct dns_question){ .name = name, .type = kinds[i].type };
		families[count++] = kinds[i].family;
	}
	dns_ask(d, questions, count);
	list->authentic = true;
	for (size_t i = 0; i < count; i++) {
		list->authentic = list->authentic && questions[i].answer.authentic;
		add_records(&questions[i].answer, families[i], port, list);
	}
	int result = list->count != 0 ? 0 : no_address(questions, count, st);
	for (size_t i = 0; i < count; i++)
		dns_answer_release(&questions[i].answer);
	return result;
}
