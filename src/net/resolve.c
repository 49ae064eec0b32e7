/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/resolve.h"

#include <errno.h>
#include <netdb.h>
#include <resolv.h>
#include <string.h>

enum {
	SECONDS_A_TRY = 4, /* doubled by each further try */
	TRIES = 2,
};

/* getaddrinfo takes no deadline, so the resolver below it is told how long and how often to
 * ask. */
static void bound_resolver(const char *name)
{
	if (res_init() != 0)
		return;
	_res.retrans = SECONDS_A_TRY;
	_res.retry = TRIES;
	if (strchr(name, '.') != NULL)
		_res.options &= ~(unsigned long)RES_DNSRCH;
}

static int failed(const char *name, int error, struct status *st)
{
	if (error == EAI_NONAME || error == EAI_NODATA || error == EAI_ADDRFAMILY) {
		status_set(st, STATUS_NO_HOST, "the name '%s' has no address", name);
		status_hint(st, "check the key host");
	} else if (error == EAI_SYSTEM) {
		status_sys(st, STATUS_TEMPORARY, errno, "cannot look up '%s'", name);
	} else {
		status_set(st, STATUS_TEMPORARY, "cannot look up '%s': %s", name,
			   gai_strerror(error));
	}
	st->stage = STAGE_LOOKUP;
	return -1;
}

static bool is_there(const struct addresses *list, const struct sockaddr_ip *a)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->at[i].len == a->len && memcmp(&list->at[i].at, &a->at, a->len) == 0)
			return true;
	}
	return false;
}

/* Each once: where /etc/hosts has ::1 for localhost, glibc gives 127.0.0.1 for that, too. */
static void keep(const struct addrinfo *found, uint16_t port, struct addresses *list)
{
	for (; found != NULL && list->count < ADDRESSES_MAX; found = found->ai_next) {
		struct sockaddr_ip a = { .len = found->ai_addrlen };
		memcpy(&a.at, found->ai_addr, found->ai_addrlen);
		sockaddr_set_port(&a, port);
		if (!is_there(list, &a))
			list->at[list->count++] = a;
	}
}

static int ask_system(const char *name, uint16_t port, int family, struct addresses *list,
		      struct status *st)
{
	struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	bound_resolver(name);
	int error = getaddrinfo(name, NULL, &hints, &found);
	if (error != 0)
		return failed(name, error, st);
	keep(found, port, list);
	freeaddrinfo(found);
	return 0;
}

static int wrong_family(const char *address, int family, struct status *st)
{
	status_set(st, STATUS_NO_HOST, "'%s' is no IPv%c address", address,
		   family == AF_INET ? '4' : '6');
	status_hint(st, "check the keys host, ip and source-address");
	st->stage = STAGE_LOOKUP;
	return -1;
}

int resolve_host(const char *name, uint16_t port, int family, const struct dns *dns,
		 struct addresses *list, struct status *st)
{
	*list = (struct addresses){ 0 };
	if (sockaddr_parse(name, port, &list->at[0])) {
		list->count = 1;
		int own = list->at[0].at.any.sa_family;
		return family == AF_UNSPEC || family == own ? 0
							    : wrong_family(name, family, st);
	}
	if (dns != NULL)
		return addresses_find(dns, name, port, family, list, st);
	return ask_system(name, port, family, list, st);
}
