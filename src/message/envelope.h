/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * envelope - who a message is from and for, and what became of it for each recipient (RFC 5321,
 * 2.3.1)
 *
 * Life: zero the struct, fill it, release it. Recipients come in by envelope_add alone and stay
 * in the order of their first mention; none is ever taken out.
 */
#ifndef MESSAGE_ENVELOPE_H
#define MESSAGE_ENVELOPE_H

#include "base/buf.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

/* DSN conditions (RFC 3461, 4.1), or'ed; NOTIFY_DEFAULT says nothing to the server. */
enum notify {
	NOTIFY_DEFAULT = 0,
	NOTIFY_NEVER = 1 << 0,
	NOTIFY_SUCCESS = 1 << 1,
	NOTIFY_FAILURE = 1 << 2,
	NOTIFY_DELAY = 1 << 3,
};

struct recipient {
	char *address;         /* owned: local@domain */
	size_t place;          /* in the envelope it was added to */
	bool decided;          /* what is below is final for this run */
	enum status_kind kind; /* STATUS_OK once a server took responsibility */
	enum stage stage;
	unsigned short code;
	unsigned short enhanced[3];
	char *reply; /* owned: the server's or our own words; NULL while there are none */
	char *peer;  /* owned: who said it; NULL if we did */
	char *hint;  /* owned: what to do about it; NULL if we don't know */
};

/* What the sender asks of the server besides; zero asks for nothing. */
struct wishes {
	bool require_tls;   /* TLS on every further hop (RFC 8689) */
	int64_t hold_for;   /* seconds that the message is to wait (RFC 4865) */
	int64_t deliver_by; /* seconds in which it has to arrive, or come back (RFC 2852) */
	int64_t priority;   /* -9 to 9 (RFC 6710) */
};

struct envelope {
	char *sender;         /* owned: local@domain, "" for the null sender */
	struct recipient *at; /* owned, each address once */
	size_t count;
	size_t room;
	unsigned notify; /* enum notify, or'ed; for every recipient */
	const char *ret; /* "FULL", "HDRS", or NULL: not given */
	char *envid;     /* owned: as given, not yet xtext; NULL: not given */
	struct wishes wishes;
	/* private: */
	size_t *index; /* owned: a hash table of places in `at`, counted from 1; 0 is free */
	size_t index_room;
};

void envelope_release(struct envelope *e);
/*
 * Add ADDRESS unless it is there already (address_same): a recipient named twice gets one copy.
 * Constant time for each, so that ten thousand recipients do not cost ten thousand squared.
 */
void envelope_add(struct envelope *e, const char *address);
/* Note what became of R: a copy of what ST says. */
void recipient_decide(struct recipient *r, const struct status *st);
/*
 * Note in the same way what stood in the way so far: R stays undecided, or becomes so again,
 * and may be tried elsewhere. Its kind tells that something was noted: it is not STATUS_OK
 * then.
 */
void recipient_note(struct recipient *r, const struct status *st);
/* Forget all that was noted: R is undecided, as it was at first. */
void recipient_forget(struct recipient *r);
/*
 * Refused for good? Not so where a later try may work: a smarthost's name that nobody knows
 * just now is no fault of the message, and a recipient's domain that does not exist is.
 */
bool recipient_is_refused(const struct recipient *r);
/* How many recipients are not decided yet? */
size_t envelope_undecided(const struct envelope *e);

#endif
