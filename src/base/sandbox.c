/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef SYS_landlock_create_ruleset

#	include <linux/landlock.h>

/*
 * Versions of the interface. In the first, every rename from one folder to another fails, which
 * is what a queue lives on: a kernel that knows no other counts as one that knows none.
 */
enum { ABI_RENAME = 2, ABI_TRUNCATE = 3, ABI_NETWORK = 4, ABI_DEVICES = 5 };

/* The headers of a distribution may be years older than its kernel. */
enum { RENAME = 1 << 13, TRUNCATE = 1 << 14, CONTROL_DEVICE = 1 << 15 };
enum { BIND_TCP = 1 << 0, CONNECT_TCP = 1 << 1 };

enum {
	READ_FILE = LANDLOCK_ACCESS_FS_READ_FILE,
	WRITE_FILE = LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE,
	FOR_FILES = READ_FILE | WRITE_FILE,
	READ = READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	WRITE = WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
		LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
		LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | RENAME,
	NEVER = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
		LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM | CONTROL_DEVICE,
};

/* struct landlock_ruleset_attr as it is since ABI_NETWORK; earlier kernels take what they do
 * not know if it is zero. */
struct ruleset {
	uint64_t files; /* what is forbidden unless a rule allows it */
	uint64_t network;
};

static int kernel_abi(const struct sandbox *s)
{
	long abi =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (s->newest_abi != 0 && abi > s->newest_abi)
		abi = s->newest_abi;
	return abi >= ABI_RENAME ? (int)abi : 0;
}

static struct ruleset rights(const struct sandbox *s, int abi)
{
	struct ruleset set = { .files = READ | WRITE | NEVER };
	if (abi < ABI_TRUNCATE)
		set.files &= ~(uint64_t)TRUNCATE;
	if (abi < ABI_DEVICES)
		set.files &= ~(uint64_t)CONTROL_DEVICE;
	if (abi >= ABI_NETWORK && !s->network)
		set.network = BIND_TCP | CONNECT_TCP;
	return set;
}

static bool is_folder(int fd)
{
	struct stat facts;
	return fstat(fd, &facts) == 0 && S_ISDIR(facts.st_mode);
}

/* What is not there, or out of reach already, needs no permission. */
static bool may_be_skipped(int errnum)
{
	return errnum == ENOENT || errnum == ENOTDIR || errnum == EACCES;
}

/* 0, or an errno. */
static int add_rule(int ruleset, const struct ruleset *set, const struct sandbox_rule *rule)
{
	int fd = open(rule->path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return may_be_skipped(errno) ? 0 : errno;
	struct landlock_path_beneath_attr beneath = {
		.allowed_access = set->files & (rule->write ? READ | WRITE : READ),
		.parent_fd = fd,
	};
	if (!is_folder(fd))
		beneath.allowed_access &= FOR_FILES;
	long done = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
			    &beneath, 0);
	int errnum = done == 0 ? 0 : errno;
	close(fd);
	return errnum;
}

static int add_rules(int ruleset, const struct ruleset *set, const struct sandbox *s,
		     struct status *st)
{
	for (size_t i = 0; i < s->count; i++) {
		int errnum = add_rule(ruleset, set, &s->rules[i]);
		if (errnum != 0)
			return status_sys(st, STATUS_SYSTEM, errnum,
					  "cannot put '%s' into the sandbox", s->rules[i].path);
	}
	return 0;
}

static int confine(const struct sandbox *s, int abi, struct status *st)
{
	struct ruleset set = rights(s, abi);
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &set, sizeof set, 0);
	if (ruleset < 0)
		return status_sys(st, STATUS_SYSTEM, errno, "cannot make a sandbox");
	int result = add_rules(ruleset, &set, s, st);
	if (result == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		result = status_sys(st, STATUS_SYSTEM, errno, "cannot enter the sandbox");
	close(ruleset);
	return result;
}

static enum sandbox_reach reach_of(const struct sandbox *s, int abi)
{
	if (abi == 0)
		return SANDBOX_NONE;
	return s->network || abi >= ABI_NETWORK ? SANDBOX_FULL : SANDBOX_FILES;
}

#else

static int kernel_abi(const struct sandbox *s)
{
	(void)s;
	return 0;
}

static enum sandbox_reach reach_of(const struct sandbox *s, int abi)
{
	(void)s;
	(void)abi;
	return SANDBOX_NONE;
}

static int confine(const struct sandbox *s, int abi, struct status *st)
{
	(void)s;
	(void)abi;
	(void)st;
	return 0;
}

#endif

int sandbox_enter(const struct sandbox *s, enum sandbox_reach *reach, struct status *st)
{
	int abi = kernel_abi(s);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return status_sys(st, STATUS_SYSTEM, errno,
				  "cannot give up gaining privileges");
	if (abi != 0 && confine(s, abi, st) != 0)
		return -1;
	*reach = reach_of(s, abi);
	return 0;
}
