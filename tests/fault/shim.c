/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shim - preloaded: counts a program's calls on the files below one folder, and spoils one
 *
 *     FAULT_FOLDER  the folder; without it nothing is counted
 *     FAULT_SHARE   a file of 64 KiB, for what the program's processes have to know of each
 * other FAULT_AT      the call to spoil, counted from 1 over all processes; 0: none FAULT_HOW
 * kill: die before it EIO and others: it fails, once short: it writes or reads half full: from
 * there on, whatever needs room fails with ENOSPC dead: from there on, everything fails with
 * EIO FAULT_LOG     a file that gets a line for each call: number, name, path, second path,
 *                   offset, length of what follows, and 1 if it succeeded; then the octets
 *                   written, and a line end
 */
#undef _FORTIFY_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { SHARE_BYTES = 64 * 1024, NAME_BYTES = 12, NAMES = SHARE_BYTES / NAME_BYTES - 1 };

struct share {
	atomic_uint calls;
	atomic_uint fired;
	char unused[NAME_BYTES - 2 * sizeof(atomic_uint)];
	char names[NAMES][NAME_BYTES]; /* of the calls; more than these are not named */
};

struct call {
	const char *name;
	char path[PATH_MAX];
	char other[PATH_MAX];
	long long offset;
	const void *data;
	size_t length;
	bool grows; /* needs room on the disk */
	unsigned number;
};

enum verdict { PASS, FAIL, HALF };

static const char *folder, *how, *log_path;
static size_t folder_length;
static unsigned spoil_at;
static struct share *share;

static const struct {
	const char *name;
	int number;
} errors[] = {
	{ "EIO", EIO },     { "ENOSPC", ENOSPC }, { "EDQUOT", EDQUOT }, { "EMFILE", EMFILE },
	{ "EINTR", EINTR }, { "full", ENOSPC },   { "dead", EIO },
};

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("FAULT_SHARE"), *number = getenv("FAULT_AT");
	folder = getenv("FAULT_FOLDER");
	how = getenv("FAULT_HOW");
	log_path = getenv("FAULT_LOG");
	if (folder == NULL || path == NULL)
		return;
	folder_length = strlen(folder);
	spoil_at = number != NULL ? (unsigned)strtoul(number, NULL, 10) : 0;
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
	void *shared = mmap(NULL, SHARE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	syscall(SYS_close, fd);
	if (shared != MAP_FAILED)
		share = shared;
}

/* ---- which files ---- */

static bool is_below(const char *path)
{
	return share != NULL && strncmp(path, folder, folder_length) == 0;
}

static void path_of(int fd, char *out)
{
	char link[64];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t length = readlink(link, out, PATH_MAX - 1);
	out[length > 0 ? length : 0] = '\0';
}

static void path_at(int at, const char *name, char *out)
{
	out[0] = '\0';
	if (name[0] != '/' && at == AT_FDCWD && getcwd(out, PATH_MAX) == NULL)
		out[0] = '\0';
	if (name[0] != '/' && at != AT_FDCWD)
		path_of(at, out);
	size_t length = strlen(out);
	snprintf(out + length, PATH_MAX - length, "%s%s", name[0] != '/' ? "/" : "", name);
}

/* ---- what happens ---- */

static enum verdict spoil(const struct call *c)
{
	bool sticky = strcmp(how, "full") == 0 || strcmp(how, "dead") == 0;
	if (c->number != spoil_at && !(sticky && c->number > spoil_at))
		return PASS;
	if (strcmp(how, "full") == 0 && !c->grows)
		return PASS;
	share->fired++;
	if (strcmp(how, "kill") == 0)
		kill(getpid(), SIGKILL);
	if (strcmp(how, "short") == 0)
		return HALF;
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		if (strcmp(how, errors[i].name) == 0)
			errno = errors[i].number;
	}
	return FAIL;
}

/* What becomes of C, which is about a file below the folder. */
static enum verdict judge(struct call *c)
{
	c->number = ++share->calls;
	if (c->number <= NAMES)
		snprintf(share->names[c->number - 1], NAME_BYTES, "%s", c->name);
	return spoil_at != 0 && how != NULL ? spoil(c) : PASS;
}

static void note(const struct call *c, bool done)
{
	char line[2 * PATH_MAX + 200];
	int before = errno;
	if (log_path == NULL)
		return;
	int length = snprintf(line, sizeof line, "%u\t%s\t%s\t%s\t%lld\t%zu\t%d\n", c->number,
			      c->name, c->path, c->other, c->offset, c->length, done);
	/* Writing takes it, though it only reads from there. */
	struct iovec parts[] = { { line, (size_t)length },
				 { (void *)(unsigned long)c->data, c->length },
				 { (char[]){ '\n' }, 1 } };
	int fd = (int)syscall(SYS_openat, AT_FDCWD, log_path, O_WRONLY | O_APPEND | O_CLOEXEC);
	syscall(SYS_writev, fd, parts, 3);
	syscall(SYS_close, fd);
	errno = before;
}

/*
 * Each call asks first, acts, and tells. NEXT is the function behind the one that stands here
 * in its place.
 */
#define NEXT(type, name)                                                                       \
	static type;                                                                           \
	if (next == NULL)                                                                      \
	*(void **)(void *)&next = dlsym(RTLD_NEXT, name)

#define ACT(c, expression)                                                                     \
	do {                                                                                   \
		if (!is_below((c).path))                                                       \
			return (expression);                                                   \
		if (judge(&(c)) == FAIL) {                                                     \
			note(&(c), false);                                                     \
			return -1;                                                             \
		}                                                                              \
		int result = (expression);                                                     \
		note(&(c), result >= 0);                                                       \
		return result;                                                                 \
	} while (0)

/* ---- the calls ---- */

int openat(int at, const char *name, int flags, ...)
{
	NEXT(int (*next)(int, const char *, int, ...), "openat");
	struct call c = { .name = (flags & O_CREAT) != 0 ? "create" : "open" };
	va_list more;
	va_start(more, flags);
	mode_t mode = (flags & O_CREAT) != 0 ? (mode_t)va_arg(more, int) : 0;
	va_end(more);
	path_at(at, name, c.path);
	c.grows = (flags & O_CREAT) != 0 && access(c.path, F_OK) != 0;
	c.offset = (flags & O_TRUNC) != 0;
	ACT(c, next(at, name, flags, mode));
}

int open(const char *name, int flags, ...)
{
	va_list more;
	va_start(more, flags);
	mode_t mode = (flags & O_CREAT) != 0 ? (mode_t)va_arg(more, int) : 0;
	va_end(more);
	return openat(AT_FDCWD, name, flags, mode);
}

int mkdirat(int at, const char *name, mode_t mode)
{
	NEXT(int (*next)(int, const char *, mode_t), "mkdirat");
	struct call c = { .name = "mkdir", .grows = true };
	path_at(at, name, c.path);
	ACT(c, next(at, name, mode));
}

int mkdir(const char *name, mode_t mode)
{
	return mkdirat(AT_FDCWD, name, mode);
}

int renameat(int at, const char *name, int to, const char *other)
{
	NEXT(int (*next)(int, const char *, int, const char *), "renameat");
	struct call c = { .name = "rename", .grows = true };
	path_at(at, name, c.path);
	path_at(to, other, c.other);
	ACT(c, next(at, name, to, other));
}

int rename(const char *name, const char *other)
{
	return renameat(AT_FDCWD, name, AT_FDCWD, other);
}

int unlinkat(int at, const char *name, int flags)
{
	NEXT(int (*next)(int, const char *, int), "unlinkat");
	struct call c = { .name = "unlink" };
	path_at(at, name, c.path);
	ACT(c, next(at, name, flags));
}

int unlink(const char *name)
{
	return unlinkat(AT_FDCWD, name, 0);
}

int fsync(int fd)
{
	NEXT(int (*next)(int), "fsync");
	struct call c = { .name = "fsync" };
	path_of(fd, c.path);
	ACT(c, next(fd));
}

int fdatasync(int fd)
{
	NEXT(int (*next)(int), "fdatasync");
	struct call c = { .name = "fdatasync" };
	path_of(fd, c.path);
	ACT(c, next(fd));
}

int futimens(int fd, const struct timespec times[2])
{
	NEXT(int (*next)(int, const struct timespec *), "futimens");
	struct call c = { .name = "futimens" };
	path_of(fd, c.path);
	ACT(c, next(fd, times));
}

int flock(int fd, int operation)
{
	NEXT(int (*next)(int, int), "flock");
	struct call c = { .name = "flock" };
	path_of(fd, c.path);
	ACT(c, next(fd, operation));
}

/* Locks are all that the program asks of it in the queue. */
int fcntl(int fd, int command, ...)
{
	NEXT(int (*next)(int, int, ...), "fcntl");
	struct call c = { .name = "fcntl" };
	va_list more;
	va_start(more, command);
	void *argument = va_arg(more, void *);
	va_end(more);
	if (command != F_OFD_SETLK)
		return next(fd, command, argument);
	path_of(fd, c.path);
	ACT(c, next(fd, command, argument));
}

int fchown(int fd, uid_t owner, gid_t group)
{
	NEXT(int (*next)(int, uid_t, gid_t), "fchown");
	struct call c = { .name = "fchown", .grows = true };
	path_of(fd, c.path);
	ACT(c, next(fd, owner, group));
}

int ftruncate(int fd, off_t length)
{
	NEXT(int (*next)(int, off_t), "ftruncate");
	struct call c = { .name = "ftruncate", .offset = length };
	path_of(fd, c.path);
	ACT(c, next(fd, length));
}

int fstat(int fd, struct stat *facts)
{
	NEXT(int (*next)(int, struct stat *), "fstat");
	struct call c = { .name = "fstat" };
	path_of(fd, c.path);
	ACT(c, next(fd, facts));
}

int fstatat(int at, const char *name, struct stat *facts, int flags)
{
	NEXT(int (*next)(int, const char *, struct stat *, int), "fstatat");
	struct call c = { .name = "fstatat" };
	path_at(at, name, c.path);
	ACT(c, next(at, name, facts, flags));
}

struct dirent *readdir(DIR *dir)
{
	NEXT(struct dirent * (*next)(DIR *), "readdir");
	struct call c = { .name = "readdir" };
	path_of(dirfd(dir), c.path);
	if (!is_below(c.path))
		return next(dir);
	bool failed = judge(&c) == FAIL;
	struct dirent *result = failed ? NULL : next(dir);
	note(&c, !failed);
	return result;
}

/* It closes in any case. */
int close(int fd)
{
	NEXT(int (*next)(int), "close");
	struct call c = { .name = "close" };
	path_of(fd, c.path);
	if (!is_below(c.path))
		return next(fd);
	enum verdict verdict = judge(&c);
	int trouble = errno;
	int result = next(fd);
	note(&c, verdict != FAIL);
	if (verdict != FAIL)
		return result;
	errno = trouble;
	return -1;
}

static bool extends(int fd, off_t offset, size_t length)
{
	off_t end = lseek(fd, 0, SEEK_END);
	return offset + (off_t)length > end;
}

/* Moves LENGTH octets, or half of them if it is to. */
static ssize_t transfer(struct call *c, size_t length, enum verdict *verdict)
{
	*verdict = judge(c);
	return (ssize_t)(*verdict == HALF && length > 1 ? length / 2 : length);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset)
{
	NEXT(ssize_t(*next)(int, const void *, size_t, off_t), "pwrite");
	struct call c = { .name = "pwrite", .offset = offset, .data = data };
	enum verdict verdict;
	path_of(fd, c.path);
	if (!is_below(c.path))
		return next(fd, data, length, offset);
	c.grows = extends(fd, offset, length);
	size_t part = (size_t)transfer(&c, length, &verdict);
	ssize_t result = verdict == FAIL ? -1 : next(fd, data, part, offset);
	c.length = result > 0 ? (size_t)result : 0;
	note(&c, result >= 0);
	return result;
}

ssize_t write(int fd, const void *data, size_t length)
{
	NEXT(ssize_t(*next)(int, const void *, size_t), "write");
	struct call c = { .name = "write", .data = data, .grows = true };
	enum verdict verdict;
	path_of(fd, c.path);
	if (!is_below(c.path))
		return next(fd, data, length);
	c.offset = lseek(fd, 0, SEEK_CUR);
	size_t part = (size_t)transfer(&c, length, &verdict);
	ssize_t result = verdict == FAIL ? -1 : next(fd, data, part);
	c.length = result > 0 ? (size_t)result : 0;
	note(&c, result >= 0);
	return result;
}

ssize_t pread(int fd, void *data, size_t length, off_t offset)
{
	NEXT(ssize_t(*next)(int, void *, size_t, off_t), "pread");
	struct call c = { .name = "pread", .offset = offset };
	enum verdict verdict;
	path_of(fd, c.path);
	if (!is_below(c.path))
		return next(fd, data, length, offset);
	size_t part = (size_t)transfer(&c, length, &verdict);
	ssize_t result = verdict == FAIL ? -1 : next(fd, data, part, offset);
	note(&c, result >= 0);
	return result;
}

ssize_t read(int fd, void *data, size_t length)
{
	NEXT(ssize_t(*next)(int, void *, size_t), "read");
	struct call c = { .name = "read" };
	enum verdict verdict;
	path_of(fd, c.path);
	if (!is_below(c.path))
		return next(fd, data, length);
	size_t part = (size_t)transfer(&c, length, &verdict);
	ssize_t result = verdict == FAIL ? -1 : next(fd, data, part);
	note(&c, result >= 0);
	return result;
}

/* ---- the same under their other names ---- */

#ifdef __GLIBC__
#	define TWIN(name, type, parameters)                                                   \
		type name##64 parameters __attribute__((alias(#name)))
extern TWIN(open, int, (const char *, int, ...));
extern TWIN(openat, int, (int, const char *, int, ...));
extern TWIN(pwrite, ssize_t, (int, const void *, size_t, off_t));
extern TWIN(pread, ssize_t, (int, void *, size_t, off_t));
#endif
