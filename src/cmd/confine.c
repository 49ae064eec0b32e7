/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/confine.h"

#include "base/mem.h"
#include "base/sandbox.h"
#include "net/endpoint.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Grows; its paths are its own. */
struct rules {
	struct sandbox_rule *at;
	size_t count;
	size_t room;
};

static void add(struct rules *r, const char *path, const char *home, bool write)
{
	struct buf full = { 0 };
	if (path == NULL || path[0] == '\0')
		return;
	if (strncmp(path, "~/", 2) == 0)
		buf_addf(&full, "%s%s", home, path + 1);
	else
		buf_add_str(&full, path);
	r->at = mem_grow(r->at, r->count, &r->room, sizeof *r->at);
	r->at[r->count++] = (struct sandbox_rule){ .path = buf_take(&full), .write = write };
}

static void release(struct rules *r)
{
	for (size_t i = 0; i < r->count; i++)
		free((char *)(uintptr_t)r->at[i].path);
	free(r->at);
}

/* Libraries, names of hosts and users, issuers of certificates; places for large messages. */
static void add_system(struct rules *r)
{
	static const char *const read[] = { "/usr", "/lib", "/lib64", "/etc", "/run" };
	static const char *const write[] = { "/dev/null", "/tmp", "/var/tmp" };
	for (size_t i = 0; i < sizeof read / sizeof read[0]; i++)
		add(r, read[i], "", false);
	for (size_t i = 0; i < sizeof write / sizeof write[0]; i++)
		add(r, write[i], "", true);
	add(r, getenv("TMPDIR"), "", true);
	add(r, "/dev/urandom", "", false);
}

/* A log that is not there yet is made in its folder. */
static void add_log(struct rules *r, const char *log, const char *home)
{
	const char *slash = strrchr(log, '/');
	if (slash == NULL)
		return;
	char *folder = mem_copy_n(log, (size_t)(slash - log));
	add(r, access(log, F_OK) == 0 ? log : folder, home, true);
	free(folder);
}

static void add_account(struct rules *r, const struct account *a, const char *home)
{
	const char *const files[] = { a->tls_ca,  a->tls_crl,       a->tls_certificate,
				      a->tls_key, a->password_file, "~/.netrc" };
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		add(r, files[i], home, false);
	add(r, a->cache, home, true);
	add(r, a->state, home, true);
	add_log(r, a->log, home);
	for (size_t i = 0; i < a->host.count; i++) {
		struct endpoint host;
		struct status bad;
		if (endpoint_parse(a->host.at[i], &host, &bad) == 0 &&
		    host.kind == ENDPOINT_MAILDIR)
			add(r, host.path, home, true);
	}
}

/* What a command or a token's driver needs, nobody knows. */
static const char *obstacle(const struct account *a)
{
	if (a->password_command != NULL || a->token_command != NULL)
		return "a password comes from a command, which has to be run";
	if ((a->tls_certificate != NULL && strncmp(a->tls_certificate, "pkcs11:", 7) == 0) ||
	    (a->tls_key != NULL && strncmp(a->tls_key, "pkcs11:", 7) == 0))
		return "a key is in a PKCS#11 token, whose driver has to be run";
	return NULL;
}

static const char *enter(const struct rules *r)
{
	const struct sandbox s = { .rules = r->at, .count = r->count, .network = true };
	enum sandbox_reach reach;
	struct status st;
	if (sandbox_enter(&s, &reach, &st) != 0 || reach == SANDBOX_NONE)
		return "the kernel does not offer Landlock";
	return NULL;
}

const char *confine_sender(const struct context *c, const struct strings *folders)
{
	struct rules r = { 0 };
	const char *home = buf_str(&c->home), *why = NULL;
	for (size_t i = 0; i < c->config.count && why == NULL; i++)
		why = obstacle(&c->config.accounts[i]);
	if (why != NULL)
		return why;
	add_system(&r);
	for (size_t i = 0; i < folders->count; i++)
		add(&r, folders->at[i], home, true);
	for (size_t i = 0; i < c->config.count; i++)
		add_account(&r, &c->config.accounts[i], home);
	why = enter(&r);
	release(&r);
	return why;
}
