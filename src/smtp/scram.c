/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SCRAM (RFC 5802, RFC 7677), with and without channel binding: neither the password nor
 * anything worth replaying crosses the wire, and the server has to prove that it knows the
 * password too.
 *
 * Names follow the RFC: client-first, server-first, client-final and server-final are the four
 * messages. In SMTP the last one comes as a challenge, which gets an empty answer (RFC 4954,
 * 4).
 */
#include "base/base64.h"
#include "base/mem.h"
#include "base/random.h"
#include "smtp/sasl_mechanism.h"
#include "smtp/saslprep.h"

enum {
	NONCE_BYTES = 18,
	/*
	 * Fewer than the RFCs' minimum would let somebody who poses as the server make the
	 * password cheap to guess; more would let him keep us busy. Servers in use ask for 4096
	 * to some 100,000; advice for stored passwords goes up to 1,300,000; two millions take
	 * a fraction of a second.
	 */
	MIN_ITERATIONS = 4096,
	MAX_ITERATIONS = 2000000,
};

struct server_first {
	struct slice nonce; /* borrowed */
	struct buf salt;    /* owned */
	unsigned iterations;
};

struct keys {
	struct digest salted_password;
	struct digest client_key;
	struct digest stored_key;
	struct digest server_key;
	struct digest client_proof;
	struct digest server_signature;
};

/* Take "NAME=value" off the front of REST, up to the next comma. */
static bool take(struct slice *rest, char name, struct slice *value)
{
	struct slice field;
	if (!slice_next(rest, ',', &field))
		return false;
	if (field.len < 2 || field.data[0] != name || field.data[1] != '=')
		return false;
	*value = slice_cut(field, 2, field.len);
	return true;
}

/* Unknown attributes are to be ignored, but `m` announces one that must be understood (5.1). */
static bool may_ignore(struct slice rest)
{
	struct slice field;
	while (slice_next(&rest, ',', &field)) {
		if (slice_is(slice_cut(field, 0, 2), "m="))
			return false;
	}
	return true;
}

/* Does the server say e=... instead of what is expected? */
static bool is_refusal(const struct sasl *s, struct slice challenge, struct status *st)
{
	struct slice reason;
	if (!take(&challenge, 'e', &reason))
		return false;
	reason = slice_cut(reason, 0, 200);
	status_set(st, STATUS_NOT_ALLOWED, "cannot log in with %s: the server says '%.*s'",
		   s->mechanism->name, (int)reason.len, reason.data);
	return true;
}

/*
 * What stands in front of client-first, and comes back in client-final: which channel binding
 * is used ("p"), or that we have one and the server offers none ("y"), or that we have none
 * ("n"); then the identity to act as, which is nobody else's.
 */
static void add_gs2_header(const struct sasl *s, struct buf *out)
{
	if (s->mechanism->binds)
		buf_addf(out, "p=%s,,", s->credentials.binding_type);
	else
		buf_add_str(out, s->credentials.binding_type != NULL ? "y,," : "n,,");
}

static int client_first(struct sasl *s, struct slice challenge, struct buf *response,
			struct status *st)
{
	struct buf user = { 0 };
	(void)challenge;
	if (saslprep("user name", slice_of(s->credentials.user), &user, st) != 0)
		return -1;
	if (s->credentials.nonce != NULL)
		buf_add_str(&s->nonce, s->credentials.nonce);
	else
		random_hex(&s->nonce, NONCE_BYTES);
	buf_add_str(&s->first, "n=");
	sasl_add_name(&s->first, buf_slice(&user));
	buf_add_str(&s->first, ",r=");
	buf_add_slice(&s->first, buf_slice(&s->nonce));
	add_gs2_header(s, response);
	buf_add_slice(response, buf_slice(&s->first));
	buf_release_secret(&user);
	return 0;
}

static int read_iterations(const struct sasl *s, struct slice digits, unsigned *count,
			   struct status *st)
{
	*count = 0;
	for (size_t i = 0; i < digits.len; i++) {
		char c = digits.data[i];
		if (c < '0' || c > '9' || digits.data[0] == '0')
			return sasl_broken(s, "the server's iteration count is no number", st);
		if (*count <= MAX_ITERATIONS)
			*count = *count * 10 + (unsigned)(c - '0');
	}
	if (*count >= MIN_ITERATIONS && *count <= MAX_ITERATIONS)
		return 0;
	return status_set(
		st, STATUS_BROKEN_PEER,
		"cannot log in with %s: the server's iteration count is not between %d and %d",
		s->mechanism->name, MIN_ITERATIONS, MAX_ITERATIONS);
}

/* Its nonce is ours and something of its own, so that neither side can have been recorded. */
static bool extends_nonce(const struct sasl *s, struct slice nonce)
{
	return nonce.len > s->nonce.len &&
	       digest_same(slice_cut(nonce, 0, s->nonce.len), buf_slice(&s->nonce));
}

static int read_server_first(const struct sasl *s, struct slice message, struct server_first *f,
			     struct status *st)
{
	struct slice salt, iterations;
	if (is_refusal(s, message, st))
		return -1;
	if (!take(&message, 'r', &f->nonce) || !take(&message, 's', &salt) ||
	    !take(&message, 'i', &iterations) || !may_ignore(message))
		return sasl_broken(s, "the server's first message is malformed", st);
	if (!extends_nonce(s, f->nonce))
		return sasl_broken(s, "the server does not use our nonce", st);
	if (base64_decode(&f->salt, salt) != 0 || f->salt.len == 0)
		return sasl_broken(s, "the server's salt is no base64", st);
	return read_iterations(s, iterations, &f->iterations, st);
}

/* RFC 5802, 3. */
static int derive(const struct digest_stretch *how, struct slice password,
		  struct slice auth_message, struct keys *k, struct status *st)
{
	if (digest_pbkdf2(how, password, &k->salted_password, st) != 0)
		return -1;
	enum digest_kind kind = how->kind;
	struct slice salted = digest_slice(&k->salted_password);
	if (digest_hmac(kind, salted, slice_of("Client Key"), &k->client_key, st) != 0 ||
	    digest_hash(kind, digest_slice(&k->client_key), &k->stored_key, st) != 0 ||
	    digest_hmac(kind, digest_slice(&k->stored_key), auth_message, &k->client_proof,
			st) != 0)
		return -1;
	for (size_t i = 0; i < k->client_proof.len; i++)
		k->client_proof.bytes[i] ^= k->client_key.bytes[i];
	if (digest_hmac(kind, salted, slice_of("Server Key"), &k->server_key, st) != 0)
		return -1;
	return digest_hmac(kind, digest_slice(&k->server_key), auth_message,
			   &k->server_signature, st);
}

/* The channel binding is a part of what is proved: a proof that is passed on to another channel
 * is of no use there. */
static void add_client_final(const struct sasl *s, const struct server_first *f,
			     struct buf *out)
{
	struct buf channel = { 0 };
	add_gs2_header(s, &channel);
	if (s->mechanism->binds)
		buf_add_slice(&channel, s->credentials.binding);
	buf_add_str(out, "c=");
	base64_encode(out, buf_slice(&channel));
	buf_add_str(out, ",r=");
	buf_add_slice(out, f->nonce);
	buf_release_secret(&channel);
}

/* All that was said, as either side signs it. */
static void add_auth_message(const struct sasl *s, struct slice server_first,
			     struct slice client_final, struct buf *out)
{
	buf_add_slice(out, buf_slice(&s->first));
	buf_add_char(out, ',');
	buf_add_slice(out, server_first);
	buf_add_char(out, ',');
	buf_add_slice(out, client_final);
}

/* Append client-final to RESPONSE, and remember by what the server has to answer. */
static int prove(struct sasl *s, const struct server_first *f, struct slice server_first,
		 struct buf *response, struct status *st)
{
	struct buf bare = { 0 }, auth_message = { 0 }, password = { 0 };
	struct keys k = { 0 };
	struct digest_stretch how = { s->mechanism->digest, buf_slice(&f->salt),
				      f->iterations };

	add_client_final(s, f, &bare);
	add_auth_message(s, server_first, buf_slice(&bare), &auth_message);
	int result = saslprep("password", slice_of(s->credentials.password), &password, st);
	if (result == 0)
		result = derive(&how, buf_slice(&password), buf_slice(&auth_message), &k, st);
	if (result == 0) {
		s->signature = k.server_signature;
		buf_add_slice(response, buf_slice(&bare));
		buf_add_str(response, ",p=");
		base64_encode(response, digest_slice(&k.client_proof));
	}
	mem_wipe(&k, sizeof k);
	buf_release_secret(&password);
	buf_release_secret(&auth_message);
	buf_release(&bare);
	return result;
}

static int client_final(struct sasl *s, struct slice challenge, struct buf *response,
			struct status *st)
{
	struct server_first f = { 0 };
	int result = read_server_first(s, challenge, &f, st);
	if (result == 0)
		result = prove(s, &f, challenge, response, st);
	buf_release(&f.salt);
	return result;
}

static int check_server(struct sasl *s, struct slice challenge, struct buf *response,
			struct status *st)
{
	struct slice text;
	(void)response;
	if (is_refusal(s, challenge, st))
		return -1;
	if (!take(&challenge, 'v', &text) || !may_ignore(challenge))
		return sasl_broken(s, "the server's last message is malformed", st);
	struct buf signature = { 0 };
	bool is_right = base64_decode(&signature, text) == 0 &&
			digest_same(buf_slice(&signature), digest_slice(&s->signature));
	buf_release(&signature);
	if (!is_right)
		return sasl_broken(s, "the server does not prove that it knows the password",
				   st);
	return 0;
}

int scram_step(struct sasl *s, struct slice challenge, struct buf *response, struct status *st)
{
	static int (*const steps[])(struct sasl *, struct slice, struct buf *,
				    struct status *) = {
		client_first,
		client_final,
		check_server,
	};
	return steps[s->round](s, challenge, response, st);
}
