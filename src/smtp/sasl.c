/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/sasl.h"

#include "base/mem.h"
#include "smtp/sasl_mechanism.h"

#include <stdlib.h>

/* In the order of preference. */
static const struct sasl_mechanism mechanisms[] = {
	{
		.name = "OAUTHBEARER",
		.proof = SASL_TOKEN,
		.client_first = true,
		.rounds = 1,
		.step = oauthbearer_step,
		.acknowledge = oauthbearer_acknowledge,
	},
	{
		.name = "XOAUTH2",
		.proof = SASL_TOKEN,
		.client_first = true,
		.rounds = 1,
		.step = xoauth2_step,
		.acknowledge = xoauth2_acknowledge,
	},
	{
		.name = "SCRAM-SHA-256-PLUS",
		.proof = SASL_PASSWORD,
		.hides_password = true,
		.client_first = true,
		.binds = true,
		.rounds = 3,
		.digest = DIGEST_SHA256,
		.step = scram_step,
	},
	{
		.name = "SCRAM-SHA-256",
		.proof = SASL_PASSWORD,
		.hides_password = true,
		.client_first = true,
		.rounds = 3,
		.digest = DIGEST_SHA256,
		.step = scram_step,
	},
	{
		.name = "SCRAM-SHA-1-PLUS",
		.proof = SASL_PASSWORD,
		.hides_password = true,
		.client_first = true,
		.binds = true,
		.rounds = 3,
		.digest = DIGEST_SHA1,
		.step = scram_step,
	},
	{
		.name = "SCRAM-SHA-1",
		.proof = SASL_PASSWORD,
		.hides_password = true,
		.client_first = true,
		.rounds = 3,
		.digest = DIGEST_SHA1,
		.step = scram_step,
	},
	{
		.name = "PLAIN",
		.proof = SASL_PASSWORD,
		.client_first = true,
		.rounds = 1,
		.step = plain_step,
	},
	{
		/* It has no initial response: see login_step. */
		.name = "LOGIN",
		.proof = SASL_PASSWORD,
		.rounds = 2,
		.step = login_step,
	},
	{
		/* A listener can try out passwords at the speed of MD5, so this hides nothing.
		 */
		.name = "CRAM-MD5",
		.proof = SASL_PASSWORD,
		.rounds = 1,
		.digest = DIGEST_MD5,
		.step = cram_md5_step,
	},
	{
		.name = "EXTERNAL",
		.proof = SASL_CERTIFICATE,
		.hides_password = true,
		.client_first = true,
		.rounds = 1,
		.step = external_step,
	},
};

enum { MECHANISMS = sizeof mechanisms / sizeof *mechanisms };

const struct sasl_mechanism *sasl_find(const char *name)
{
	for (size_t i = 0; i < MECHANISMS; i++) {
		if (ascii_same_nocase(mechanisms[i].name, name))
			return &mechanisms[i];
	}
	return NULL;
}

static bool is_offered(const char *name, const char *offers)
{
	struct slice rest = slice_of(offers), offer;
	while (slice_next(&rest, ' ', &offer)) {
		if (slice_is_nocase(offer, name))
			return true;
	}
	return false;
}

/* Would `auto` take M, if only it were offered? */
static bool is_fit(const struct sasl_mechanism *m, const struct sasl_wish *w)
{
	return m->proof == (w->has_token ? SASL_TOKEN : SASL_PASSWORD) &&
	       (w->is_protected || m->hides_password) && (w->has_binding || !m->binds);
}

static const struct sasl_mechanism *strongest(const struct sasl_wish *w)
{
	for (size_t i = 0; i < MECHANISMS; i++) {
		const struct sasl_mechanism *m = &mechanisms[i];
		if (is_fit(m, w) && is_offered(m->name, w->offers))
			return m;
	}
	return NULL;
}

static int none_offered(bool is_protected, struct status *st)
{
	status_set(st, STATUS_NOT_ALLOWED, "cannot log in: the server offers no AUTH");
	if (is_protected)
		return status_hint(
			st,
			"another port may offer it (587 or 465), or user is not needed here");
	return status_hint(st, "many servers offer it under TLS only: see tls");
}

static int token_in_the_clear(const struct sasl_mechanism *m, struct status *st)
{
	status_set(st, STATUS_NOT_SECURE,
		   "cannot log in with %s: a token is never sent without TLS", m->name);
	return status_hint(st, "set tls to starttls or implicit");
}

static int none_fits(const struct sasl_wish *w, struct status *st)
{
	struct sasl_wish under_tls = *w;
	under_tls.is_protected = true;
	const struct sasl_mechanism *m = strongest(&under_tls);
	if (m != NULL && m->proof == SASL_TOKEN)
		return token_in_the_clear(m, st);
	if (m != NULL) {
		status_set(st, STATUS_NOT_ALLOWED,
			   "cannot log in: without TLS, auth = auto takes none of what the "
			   "server offers: %s",
			   w->offers);
		return status_hint(
			st,
			"set tls to starttls or implicit; auth = %s would show the password",
			m->name);
	}
	status_set(st, STATUS_NOT_ALLOWED,
		   "cannot log in: auth = auto knows none of what the server offers: %s",
		   w->offers);
	if (w->has_token)
		status_hint(st, "with a token it has to be OAUTHBEARER or XOAUTH2");
	return -1;
}

static int choose_auto(const struct sasl_wish *w, const struct sasl_mechanism **chosen,
		       struct status *st)
{
	const struct sasl_mechanism *m = strongest(w);
	if (m == NULL)
		return none_fits(w, st);
	*chosen = m;
	return 0;
}

static int no_binding(const struct sasl_mechanism *m, struct status *st)
{
	status_set(st, STATUS_NOT_ALLOWED,
		   "cannot log in with %s: this connection has no channel binding", m->name);
	return status_hint(st, "it needs TLS: set tls to starttls or implicit");
}

static int choose_named(const struct sasl_wish *w, const struct sasl_mechanism **chosen,
			struct status *st)
{
	const struct sasl_mechanism *m = sasl_find(w->wanted);
	if (m == NULL)
		return status_set(st, STATUS_NOT_ALLOWED,
				  "cannot log in: no mechanism is called '%s'", w->wanted);
	if (m->proof == SASL_TOKEN && !w->is_protected)
		return token_in_the_clear(m, st);
	if (!is_offered(m->name, w->offers))
		return status_set(st, STATUS_NOT_ALLOWED,
				  "cannot log in with %s: the server offers only %s", m->name,
				  w->offers);
	if (m->binds && !w->has_binding)
		return no_binding(m, st);
	*chosen = m;
	return 0;
}

int sasl_choose(const struct sasl_wish *w, const struct sasl_mechanism **chosen,
		struct status *st)
{
	if (*w->offers == '\0')
		return none_offered(w->is_protected, st);
	if (ascii_same_nocase(w->wanted, "auto"))
		return choose_auto(w, chosen, st);
	return choose_named(w, chosen, st);
}

struct sasl *sasl_new(const struct sasl_mechanism *m, const struct sasl_credentials *c)
{
	struct sasl *s = mem_zero(1, sizeof *s);
	s->mechanism = m;
	s->credentials = *c;
	if (c->user == NULL)
		s->credentials.user = "";
	if (c->password == NULL)
		s->credentials.password = "";
	if (c->token == NULL)
		s->credentials.token = "";
	return s;
}

void sasl_free(struct sasl *s)
{
	if (s == NULL)
		return;
	buf_release_secret(&s->nonce);
	buf_release_secret(&s->first);
	mem_wipe(s, sizeof *s);
	free(s);
}

int sasl_broken(const struct sasl *s, const char *what, struct status *st)
{
	return status_set(st, STATUS_BROKEN_PEER, "cannot log in with %s: %s",
			  s->mechanism->name, what);
}

void sasl_add_name(struct buf *out, struct slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];
		if (c == ',')
			buf_add_str(out, "=2C");
		else if (c == '=')
			buf_add_str(out, "=3D");
		else
			buf_add_char(out, c);
	}
}

static int check_credentials(const struct sasl *s, struct status *st)
{
	const struct sasl_mechanism *m = s->mechanism;
	if (m->proof != SASL_CERTIFICATE && *s->credentials.user == '\0')
		return status_set(st, STATUS_NOT_ALLOWED,
				  "cannot log in with %s: no user is set", m->name);
	if (m->binds && s->credentials.binding_type == NULL)
		return no_binding(m, st);
	return 0;
}

static int answer(struct sasl *s, struct slice challenge, struct buf *response,
		  struct status *st)
{
	const struct sasl_mechanism *m = s->mechanism;
	if (s->failed || s->refused || (s->round == m->rounds && m->acknowledge == NULL))
		return sasl_broken(s, "the server goes on asking when all is said", st);
	if (s->round == m->rounds) {
		s->refused = true;
		m->acknowledge(response);
		return 0;
	}
	if (s->round == 0 && m->client_first && challenge.len != 0)
		return sasl_broken(s, "the server asks before it is its turn", st);
	if (check_credentials(s, st) != 0 || m->step(s, challenge, response, st) != 0)
		return -1;
	s->round++;
	return 0;
}

int sasl_step(struct sasl *s, struct slice challenge, struct buf *response, struct status *st)
{
	if (answer(s, challenge, response, st) == 0)
		return 0;
	s->failed = true;
	return -1;
}

bool sasl_refused(const struct sasl *s)
{
	return s->refused;
}

bool sasl_finished(const struct sasl *s)
{
	return !s->failed && !s->refused && s->round == s->mechanism->rounds;
}
