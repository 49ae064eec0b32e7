/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stream_mem - for tests: a stream whose peer is a script, and which records what is sent
 *
 * Zero a struct script, tell what the peer does in the order in which it does it, then make a
 * stream over it. The script stays the test's and must outlive the stream; release it
 * afterwards.
 *
 *     struct script peer = { 0 };
 *     script_says(&peer, "220 ready\r\n");
 *     script_awaits(&peer, "EHLO me\r\n");
 *     script_says(&peer, "250-peer\r\n");
 *     script_delays(&peer);
 *     script_says(&peer, "250 SIZE\r\n");
 *     script_ends(&peer);
 *     struct stream *s = stream_mem_new(&peer);
 *
 * The peer that has nothing to say, because it awaits what never comes, stalls, or has come to
 * the script's end, is silent: the stream then waits until its deadline, so give it a short
 * one, or set hangs_up.
 */
#ifndef TEST_STREAM_MEM_H
#define TEST_STREAM_MEM_H

#include "base/buf.h"
#include "net/stream.h"

#include <stdbool.h>

struct script_step;

struct script {
	/* How the connection behaves; may be set at any time. */
	size_t read_max;   /* one read gives at most so many bytes; 0: a whole step */
	size_t write_max;  /* one write takes at most so many; 0: all */
	bool write_delays; /* every other write is EAGAIN at first */
	int nap_ms;        /* every read takes so long */
	size_t fails_at;   /* with fails_with: so many bytes are taken in all */
	int fails_with;    /* then writes fail with it; EAGAIN: the peer stops reading */
	bool hangs_up;     /* where the client waits for what never comes, the peer closes */
	const char *words; /* left in the stream's trouble by what fails; or NULL */

	/* What happened. */
	struct buf sent; /* all that was written */
	size_t writes;   /* calls that took something */
	size_t reads;    /* calls that gave something */
	bool hung_up;    /* as hangs_up allows */
	bool closed;

	/* Private. */
	struct script_step *steps;
	size_t count, room;
	size_t at;      /* the present step */
	size_t given;   /* bytes of it already given */
	size_t matched; /* bytes of `sent` that steps have seen */
	bool write_delayed;
	bool polled_to_write;
	int always;   /* a descriptor that is always ready, while a stream exists */
	int never[2]; /* never[0] never is: a pipe that nobody writes into */
};

/* The peer sends TEXT, which one read gives, or LEN bytes of DATA. */
void script_says(struct script *p, const char *text);
void script_says_n(struct script *p, const void *data, size_t len);
/* The next read finds nothing, though there is more to come. */
void script_delays(struct script *p);
/* The peer says nothing before TEXT was sent to it, after what earlier steps awaited. */
void script_awaits(struct script *p, const char *text);
/* The peer closes its side: this read and all later ones give 0. */
void script_ends(struct script *p);
/* This read and all later ones fail with ERRNUM, ECONNRESET for one. */
void script_breaks(struct script *p, int errnum);
/* The peer is silent from here on. */
void script_stalls(struct script *p);
/* Has the peer come to the end of its script? */
bool script_is_over(const struct script *p);
void script_release(struct script *p);

struct stream *stream_mem_new(struct script *p);

#endif
