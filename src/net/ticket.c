/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ticket.h"

#include "base/cache.h"
#include "base/clock.h"
#include "base/digest.h"
#include "net/trust.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SESSION_USUAL = 4 * 1024, /* the peer's certificates are in it */
	FILE_MAX = 64 * 1024,
	DAY = 24 * 60 * 60,
};

static const char suffix[] = ".ticket";

static bool is_pinned(const struct tls_settings *s)
{
	return s->pins != NULL && s->pins->count != 0;
}

static bool asks_authority(const struct tls_settings *s)
{
	return s->verify && !is_pinned(s);
}

/* No two lists of texts look the same. */
static void add_text(struct buf *key, const char *text)
{
	if (text != NULL)
		buf_addf(key, "%zu:%s", strlen(text), text);
	buf_add_char(key, ',');
}

/* What is not a file of this system, a PKCS#11 URI say, counts by its name alone. */
static void add_file(struct buf *key, const char *path)
{
	struct stat facts;
	add_text(key, path);
	if (path == NULL || stat(path, &facts) != 0)
		return;
	buf_addf(key, "%ju.%ju.%jd.%jd.%ld,", (uintmax_t)facts.st_dev, (uintmax_t)facts.st_ino,
		 (intmax_t)facts.st_size, (intmax_t)facts.st_mtim.tv_sec,
		 facts.st_mtim.tv_nsec);
}

static void add_trust(struct buf *key, const struct tls_settings *s)
{
	struct trust_store store;
	struct status ignored;
	if (trust_find(s->ca, &store, &ignored) == 0)
		add_file(key, store.path);
	add_file(key, s->crl);
}

static void add_pins(struct buf *key, const struct strings *pins)
{
	for (size_t i = 0; i < pins->count; i++)
		add_text(key, pins->at[i]);
}

/* GnuTLS packs sessions as it likes, so its version counts, too. */
static void describe(const struct tls_settings *s, struct buf *key)
{
	add_text(key, gnutls.check_version(NULL));
	buf_addf(key, "%ju,%d,%d,", (uintmax_t)geteuid(), s->verify, s->min_version);
	add_text(key, s->peer);
	add_text(key, s->name);
	add_text(key, s->other_name);
	add_text(key, s->priority);
	add_file(key, s->certificate);
	add_file(key, s->key);
	if (asks_authority(s))
		add_trust(key, s);
	else if (s->verify)
		add_pins(key, s->pins);
}

static int name_file(struct ticket *t, const struct tls_settings *s)
{
	struct buf text = { 0 };
	struct digest sum;
	struct status ignored;
	describe(s, &text);
	int result = digest_hash(DIGEST_SHA256, buf_slice(&text), &sum, &ignored);
	buf_reset(&text);
	if (result == 0) {
		digest_hex(&sum, &text);
		snprintf(t->name, sizeof t->name, "%s%s", buf_str(&text), suffix);
	}
	buf_release(&text);
	return result;
}

static void offer(struct ticket *t, struct slice content, gnutls_session_t session)
{
	struct ticket_file f = { .name = t->name };
	if (!ticket_file_read(&f, content, clock_wall()))
		return;
	t->offered = gnutls.session_set_data(session, f.session.data, f.session.len) == 0;
	t->until = f.until;
	t->facts = f.facts;
}

void ticket_offer(struct ticket *t, const struct tls_settings *settings,
		  gnutls_session_t session)
{
	struct buf content = { 0 };
	*t = (struct ticket){ .dated = asks_authority(settings) };
	if (settings->tickets == NULL || name_file(t, settings) != 0)
		return;
	t->folder = settings->tickets;
	if (cache_take(t->folder, t->name, FILE_MAX, &content))
		offer(t, buf_slice(&content), session);
	buf_release_secret(&content);
}

void ticket_settle(struct ticket *t, gnutls_session_t session, struct tls_facts *facts)
{
	time_t now = clock_wall();
	if (gnutls.session_is_resumed(session)) {
		*facts = t->facts;
		facts->resumed = true;
		facts->days_left = (long)((facts->expires - now) / DAY);
		return;
	}
	t->facts = *facts;
	t->until = now + TICKET_SECONDS;
	if (t->dated && facts->expires < t->until)
		t->until = facts->expires;
}

/*
 * With TLS 1.3 GnuTLS would wait for a ticket that has not come yet. With TLS 1.2 a resumed
 * session may go on with the old one.
 */
static bool has_ticket(gnutls_session_t session)
{
	if ((gnutls.session_get_flags(session) & GNUTLS_SFLAGS_SESSION_TICKET) != 0)
		return true;
	return gnutls.protocol_get_version(session) < GNUTLS_TLS1_3 &&
	       gnutls.session_is_resumed(session);
}

static void put(const struct ticket *t, struct slice session)
{
	struct ticket_file f = { t->name, t->until, t->facts, session };
	struct buf content = { 0 };
	ticket_file_write(&f, &content);
	cache_put(t->folder, t->name, buf_slice(&content));
	if (!t->offered) /* others may have come out of use with it */
		cache_sweep(t->folder, suffix, TICKET_SECONDS);
	buf_release_secret(&content);
}

void ticket_keep(const struct ticket *t, gnutls_session_t session)
{
	struct buf data = { 0 };
	size_t len = SESSION_USUAL;
	if (t->folder == NULL || !has_ticket(session))
		return;
	int n = gnutls.session_get_data(session, buf_reserve(&data, len), &len);
	if (n == GNUTLS_E_SHORT_MEMORY_BUFFER && len < FILE_MAX)
		n = gnutls.session_get_data(session, buf_reserve(&data, len), &len);
	if (n == 0)
		put(t, slice_n(data.data, len));
	buf_release_secret(&data);
}
