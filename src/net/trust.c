/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/trust.h"

#include "base/file.h"
#include "net/der.h"
#include "net/pem.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A build that knows where its system keeps the bundle says so, and nothing else is tried. */
static const char *const system_bundles[] = {
#ifdef TLS_SYSTEM_CA
	TLS_SYSTEM_CA,
#else
	"/etc/ssl/certs/ca-certificates.crt",     /* Debian, Arch, Alpine */
	"/etc/pki/tls/certs/ca-bundle.crt",       /* Fedora */
	"/etc/ssl/ca-bundle.pem",                 /* SUSE */
	"/etc/ssl/cert.pem",                      /* OpenBSD, FreeBSD, Alpine */
	"/usr/local/share/certs/ca-root-nss.crt", /* FreeBSD's package */
#endif
};

enum {
	CHAIN_LIMIT = 16,        /* GnuTLS refuses longer ones */
	PIECE = 144,             /* the subject ends within the second or third, usually */
	USUAL_SIZE = 256 * 1024, /* of a system's bundle; reading less copies nothing */
	FILE_LIMIT = 32 * 1024 * 1024,
};

struct search {
	struct slice names[2 * CHAIN_LIMIT]; /* raw DNs that matter */
	size_t count;
	gnutls_x509_trust_list_t list;
	struct buf der; /* of the present certificate, as far as decoded */
	bool found_any; /* some certificate was there, whether it matters or not */
};

int trust_find(const char *setting, struct trust_store *store, struct status *st)
{
	struct stat about;
	*store = (struct trust_store){ .is_system = strcmp(setting, "system") == 0 };
	if (!store->is_system) {
		store->path = setting;
		if (stat(setting, &about) != 0)
			return status_sys(st, STATUS_BAD_CONFIG, errno,
					  "cannot open tls-ca '%s'", setting);
		store->is_directory = S_ISDIR(about.st_mode);
		return 0;
	}
	for (size_t i = 0; i < sizeof system_bundles / sizeof *system_bundles; i++) {
		store->path = system_bundles[i];
		if (access(store->path, R_OK) == 0)
			return 0;
	}
	status_set(st, STATUS_NOT_SECURE,
		   "this system has no bundle of certificate authorities");
	return status_hint(st, "install ca-certificates, or set tls-ca to a PEM file");
}

static bool matters(const struct search *s, struct slice name)
{
	for (size_t i = 0; i < s->count; i++) {
		if (s->names[i].len == name.len &&
		    memcmp(s->names[i].data, name.data, name.len) == 0)
			return true;
	}
	return false;
}

static void want(struct search *s, struct slice name)
{
	if (!matters(s, name))
		s->names[s->count++] = name;
}

static void want_chain(struct search *s, const gnutls_datum_t *chain, unsigned count)
{
	for (unsigned i = 0; i < count && i < CHAIN_LIMIT; i++) {
		struct der_names names;
		if (der_names(slice_n((const char *)chain[i].data, chain[i].size), &names)) {
			want(s, names.issuer);
			want(s, names.subject);
		}
	}
}

/* The next piece of BODY; false when there is none. */
static bool decode_more(struct search *s, struct slice *body)
{
	char *into = buf_reserve(&s->der, PIECE);
	size_t len = pem_decode(body, (unsigned char *)into, PIECE);
	s->der.len += len;
	return len != 0;
}

/* Decode of BODY what it takes to see whose certificate it is: does that matter? */
static bool is_wanted(struct search *s, struct slice *body)
{
	struct der_names names;
	buf_reset(&s->der);
	while (decode_more(s, body)) {
		if (der_names(buf_slice(&s->der), &names))
			return matters(s, names.subject);
	}
	return false;
}

/* What GnuTLS cannot parse is left out: it could not vouch for anybody. */
static void add(struct search *s, struct slice *body)
{
	while (decode_more(s, body))
		;
	gnutls_datum_t der = { (unsigned char *)s->der.data, (unsigned)s->der.len };
	gnutls.x509_trust_list_add_trust_mem(s->list, &der, NULL, GNUTLS_X509_FMT_DER, 0, 0);
}

static void search_text(struct search *s, struct slice text)
{
	struct slice body;
	while (pem_next(&text, &body)) {
		s->found_any = true;
		if (is_wanted(s, &body))
			add(s, &body);
	}
}

static int search_file(struct search *s, const char *path, struct status *st)
{
	struct buf text = { 0 };
	struct stat facts;
	buf_reserve(&text, USUAL_SIZE);
	int result = file_read_all(path, FILE_LIMIT, &text, &facts, st);
	if (result == 0)
		search_text(s, buf_slice(&text));
	else
		st->kind = STATUS_BAD_CONFIG;
	buf_release(&text);
	return result;
}

/* "0a775a30.0": the hash of the subject's name, and a number to tell equal ones apart. */
static bool is_hashed_name(const char *name)
{
	return strspn(name, "0123456789abcdef") == 8 && name[8] == '.' && name[9] != '\0' &&
	       strspn(name + 9, "0123456789") == strlen(name + 9);
}

/*
 * Each file is looked into, whatever its hash: OpenSSL's canonical form of a name, of which the
 * hash is made, would be a second opinion on which names are equal. A file that cannot be read,
 * or a dangling link, is no reason to distrust the others.
 */
static int search_directory(struct search *s, const char *path, struct status *st)
{
	struct status ignored;
	struct buf file = { 0 };
	DIR *dir = opendir(path);
	if (dir == NULL)
		return status_sys(st, STATUS_BAD_CONFIG, errno, "cannot open '%s'", path);
	for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
		if (!is_hashed_name(e->d_name))
			continue;
		buf_reset(&file);
		buf_addf(&file, "%s/%s", path, e->d_name);
		search_file(s, buf_str(&file), &ignored);
	}
	buf_release(&file);
	closedir(dir);
	return 0;
}

int trust_load(const struct trust_store *store, const gnutls_datum_t *chain, unsigned count,
	       gnutls_x509_trust_list_t list, struct status *st)
{
	struct search s = { .list = list };
	want_chain(&s, chain, count);
	int result = store->is_directory ? search_directory(&s, store->path, st)
					 : search_file(&s, store->path, st);
	buf_release(&s.der);
	if (result != 0 || s.found_any)
		return result;
	status_set(st, STATUS_BAD_CONFIG, "tls-ca '%s' holds no certificate", store->path);
	if (store->is_directory)
		status_hint(st, "name its files by hash: openssl rehash %s", store->path);
	return -1;
}
