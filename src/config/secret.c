/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/secret.h"

#include "base/file.h"
#include "config/command.h"
#include "config/netrc.h"
#include "config/private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CREDENTIAL "credential:"

enum { FILE_MAX = 64 * 1024 };

static int refuse(struct status *st, const char *where, const char *why)
{
	return status_set(st, STATUS_NOT_ALLOWED, "%s %s", where, why);
}

/* Append the first line of TEXT, without its line end, to OUT. */
static int take_first_line(struct slice text, const char *where, struct buf *out,
			   struct status *st)
{
	struct slice line = slice_cut(text, 0, slice_find(text, '\n'));
	if (line.len != 0 && line.data[line.len - 1] == '\r')
		line.len--;
	if (line.len == 0)
		return refuse(st, where, "gives nothing: its first line is empty");
	if (slice_find(line, '\0') < line.len)
		return refuse(st, where, "gives nothing of use: there is a NUL byte in it");
	buf_add_slice(out, line);
	return 0;
}

/* systemd keeps its credentials from others by the folder; the file's mode is its own affair.
 */
static int credential_path(const char *name, struct buf *path, struct status *st)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	if (*name == '\0' || strchr(name, '/') != NULL || strcmp(name, "..") == 0)
		return status_set(st, STATUS_BAD_CONFIG,
				  "password-file: '%s' is no name of a credential", name);
	if (folder == NULL) {
		status_set(st, STATUS_NOT_ALLOWED,
			   "there are no credentials: $CREDENTIALS_DIRECTORY is not set");
		return status_hint(st, "add LoadCredential=%s:/path to the systemd unit", name);
	}
	buf_addf(path, "%s/%s", folder, name);
	return 0;
}

static int read_file(const char *path, bool private, struct buf *text, struct status *st)
{
	struct stat facts;
	if (file_read_all(path, FILE_MAX, text, &facts, st) != 0) {
		st->kind = STATUS_NOT_ALLOWED;
		return status_hint(st,
				   "password-file names it: whoever sends has to be able to "
				   "read it");
	}
	return private ? private_check(path, &facts, false, st) : 0;
}

static int from_file(const char *file, struct buf *out, struct status *st)
{
	struct buf path = { 0 }, text = { 0 };
	bool credential = strncmp(file, CREDENTIAL, strlen(CREDENTIAL)) == 0;
	int result = 0;
	if (credential)
		result = credential_path(file + strlen(CREDENTIAL), &path, st);
	else
		buf_add_str(&path, file);
	if (result == 0)
		result = read_file(buf_str(&path), !credential, &text, st);
	if (result == 0)
		result = take_first_line(buf_slice(&text), buf_str(&path), out, st);
	buf_release(&path);
	buf_release_secret(&text);
	return result;
}

static int from_command(const char *key, const char *command, int64_t deadline, struct buf *out,
			struct status *st)
{
	struct buf text = { 0 };
	int result = command_output(key, command, deadline, &text, st);
	if (result == 0)
		result = take_first_line(buf_slice(&text), key, out, st);
	buf_release_secret(&text);
	return result;
}

static int no_password(const char *host, struct status *st)
{
	status_set(st, STATUS_NOT_ALLOWED, "there is no password for '%s'", host);
	return status_hint(st, "set password-command or password-file, or add it to ~/.netrc");
}

static int from_netrc(const struct account *a, const char *host, const char *home,
		      struct buf *out, struct status *st)
{
	struct buf path = { 0 }, text = { 0 }, password = { 0 };
	struct stat facts;
	struct status trouble;
	buf_addf(&path, "%s/.netrc", home);
	int result = file_read_all(buf_str(&path), FILE_MAX, &text, &facts, &trouble);
	if (result != 0 || !netrc_find(buf_slice(&text), host, a->user, &password))
		result = no_password(host, st);
	else
		result = private_check(buf_str(&path), &facts, false, st);
	if (result == 0)
		buf_add_slice(out, buf_slice(&password));
	buf_release(&path);
	buf_release_secret(&text);
	buf_release_secret(&password);
	return result;
}

int secret_password(const struct account *a, const char *host, const char *home,
		    int64_t deadline, struct buf *out, struct status *st)
{
	if (a->password != NULL) {
		buf_add_str(out, a->password);
		return 0;
	}
	if (a->password_file != NULL)
		return from_file(a->password_file, out, st);
	if (a->password_command != NULL)
		return from_command("password-command", a->password_command, deadline, out, st);
	return home != NULL ? from_netrc(a, host, home, out, st) : no_password(host, st);
}

int secret_token(const struct account *a, int64_t deadline, struct buf *out, struct status *st)
{
	if (a->token_command != NULL)
		return from_command("token-command", a->token_command, deadline, out, st);
	status_set(st, STATUS_NOT_ALLOWED, "there is no token to log in with by %s", a->auth);
	return status_hint(st, "set oauth, or token-command to a command that prints one");
}
