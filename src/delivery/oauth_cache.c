/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/oauth_cache.h"

#include "base/cache.h"
#include "base/clock.h"
#include "base/digest.h"
#include "config/units.h"

#include <inttypes.h>
#include <stdlib.h>

static const char magic[] = "postrider-token-1", suffix[] = ".token";

enum {
	MARGIN = 60, /* seconds: for the login, and clocks that differ */
	KEPT_MAX = 24 * 60 * 60,
	SIZE_LIMIT = 32 * 1024,
};

static void add_line(struct buf *out, const char *text)
{
	buf_add_str(out, text != NULL ? text : "");
	buf_add_char(out, '\n');
}

/* Append the name of the file. */
static bool add_name(const struct oauth_cache *c, struct buf *name)
{
	struct buf all = { 0 };
	struct digest d;
	struct status ignored;
	add_line(&all, c->account->name);
	add_line(&all, c->account->user);
	add_line(&all, c->client->token_endpoint);
	add_line(&all, c->client->id);
	add_line(&all, c->client->scope);
	add_line(&all, c->refresh_token);
	bool done = digest_hash(DIGEST_SHA256, buf_slice(&all), &d, &ignored) == 0;
	if (done) {
		digest_hex(&d, name);
		buf_add_str(name, suffix);
	}
	buf_release_secret(&all);
	return done;
}

/* What NAME's file holds: what it is, its own name, until when, and the token; a line each. */
static bool read_content(struct slice content, const char *name, struct buf *out)
{
	struct slice rest = content, line[4] = { 0 };
	int64_t until;
	if (content.len == 0 || content.data[content.len - 1] != '\n')
		return false;
	for (size_t i = 0; i < sizeof line / sizeof *line; i++) {
		if (!slice_next(&rest, '\n', &line[i]))
			return false;
	}
	char *number = slice_copy(line[2]);
	bool dated = number_parse(number, &until);
	free(number);
	int64_t left = dated ? until - clock_wall() : 0;
	if (!slice_is(line[0], magic) || !slice_is(line[1], name) || left <= MARGIN ||
	    left > KEPT_MAX || line[3].len == 0 || rest.len != 0)
		return false;
	buf_add_slice(out, line[3]);
	return true;
}

bool oauth_cache_find(const struct oauth_cache *c, struct buf *out)
{
	struct buf name = { 0 }, content = { 0 };
	bool found = c->account->cache != NULL && add_name(c, &name) &&
		     cache_read(c->account->cache, buf_str(&name), SIZE_LIMIT, &content) &&
		     read_content(buf_slice(&content), buf_str(&name), out);
	buf_release(&name);
	buf_release_secret(&content);
	return found;
}

void oauth_cache_keep(const struct oauth_cache *c, const char *token, int64_t seconds)
{
	struct buf name = { 0 }, content = { 0 };
	if (c->account->cache == NULL || seconds <= MARGIN || !add_name(c, &name)) {
		buf_release(&name);
		return;
	}
	int64_t until = clock_wall() + (seconds < KEPT_MAX ? seconds : KEPT_MAX);
	buf_addf(&content, "%s\n%s\n%" PRId64 "\n%s\n", magic, buf_str(&name), until, token);
	cache_put(c->account->cache, buf_str(&name), buf_slice(&content));
	cache_sweep(c->account->cache, suffix, KEPT_MAX);
	buf_release(&name);
	buf_release_secret(&content);
}
