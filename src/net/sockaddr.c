/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/sockaddr.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>

/*
 * getaddrinfo would also take "127.1" and "0x7f000001", which is more often a slip than meant.
 */
static bool is_written_in_full(const char *text)
{
	struct in_addr ignored;
	return strchr(text, ':') != NULL || inet_pton(AF_INET, text, &ignored) == 1;
}

/* Not inet_pton alone: it knows no zones. */
bool sockaddr_parse(const char *text, uint16_t port, struct sockaddr_ip *a)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST };
	struct addrinfo *found;
	if (!is_written_in_full(text) || getaddrinfo(text, NULL, &hints, &found) != 0)
		return false;
	memcpy(&a->at, found->ai_addr, found->ai_addrlen);
	a->len = found->ai_addrlen;
	freeaddrinfo(found);
	sockaddr_set_port(a, port);
	return true;
}

void sockaddr_set_port(struct sockaddr_ip *a, uint16_t port)
{
	if (a->at.any.sa_family == AF_INET6)
		a->at.in6.sin6_port = htons(port);
	else
		a->at.in.sin_port = htons(port);
}

const char *sockaddr_text(const struct sockaddr *a, char into[SOCKADDR_TEXT_ROOM])
{
	const void *bytes = NULL;
	if (a->sa_family == AF_INET)
		bytes = &((const struct sockaddr_in *)a)->sin_addr;
	else if (a->sa_family == AF_INET6)
		bytes = &((const struct sockaddr_in6 *)a)->sin6_addr;
	bool known = bytes != NULL &&
		     inet_ntop(a->sa_family, bytes, into, SOCKADDR_TEXT_ROOM) != NULL;
	if (!known)
		memcpy(into, "?", 2);
	return into;
}

void sockaddr_of(int family, const void *bytes, uint16_t port, struct sockaddr_ip *a)
{
	*a = (struct sockaddr_ip){ 0 };
	if (family == AF_INET6) {
		a->len = sizeof a->at.in6;
		a->at.in6.sin6_family = AF_INET6;
		a->at.in6.sin6_port = htons(port);
		memcpy(&a->at.in6.sin6_addr, bytes, sizeof a->at.in6.sin6_addr);
	} else {
		a->len = sizeof a->at.in;
		a->at.in.sin_family = AF_INET;
		a->at.in.sin_port = htons(port);
		memcpy(&a->at.in.sin_addr, bytes, sizeof a->at.in.sin_addr);
	}
}

bool sockaddr_is_loopback(const struct sockaddr_ip *a)
{
	const struct in6_addr *six = &a->at.in6.sin6_addr;
	if (a->at.any.sa_family == AF_INET)
		return ntohl(a->at.in.sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(six) ||
	       (IN6_IS_ADDR_V4MAPPED(six) && six->s6_addr[12] == 127);
}
