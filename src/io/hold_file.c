/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/hold_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BOOT_ID_PATH "/proc/sys/kernel/random/boot_id"

/* The holders' bytes begin behind the mutex. */
enum { BYTE_MUTEX, BYTE_HOLDERS };

#define WAIT_MSEC  10
#define WAITS_MAX  500
#define REOPEN_MAX 100

static int failed(const struct hold_file *file, int error, const char *what,
		  struct reason *reason)
{
	reason_set(reason, "can't %s in %s: %s%s", what, file->path, strerror(-error),
		   error == -EROFS ? "; what is changed is written down there: /run has "
				     "to be writable (mount -o remount,rw /run)"
		   : error == -EACCES || error == -EPERM ? "; run it as root"
		   : error == -ENOSPC			 ? "; make room there"
							 : "");
	return error;
}

/* All of a small file. Its length, -EFBIG if it doesn't fit, -errno. */
static ssize_t read_all(int fd, char *data, size_t size)
{
	size_t len = 0;

	for (;;) {
		ssize_t n = read(fd, data + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return (ssize_t)len;
		len += n;
		if (len == size)
			return -EFBIG;
	}
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		len -= n;
	}
	return 0;
}

static int read_boot_id(char *boot_id, size_t size)
{
	int fd = open(BOOT_ID_PATH, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read_all(fd, boot_id, size);
	close(fd);
	if (n < 0)
		return (int)n;
	boot_id[n] = '\0';
	boot_id[strcspn(boot_id, "\n")] = '\0';
	return 0;
}

int hold_file_init(struct hold_file *file, const char *path, struct reason *reason)
{
	int r;

	*file = (struct hold_file){ .dir_fd = -1, .lock_fd = -1 };
	r = read_boot_id(file->boot_id, sizeof(file->boot_id));
	if (r < 0) {
		reason_set(reason, "can't read " BOOT_ID_PATH ": %s", strerror(-r));
		return r;
	}
	file->path = strdup(path);
	return file->path ? 0 : -ENOMEM;
}

static void close_files(struct hold_file *file)
{
	if (file->lock_fd >= 0)
		close(file->lock_fd);
	if (file->dir_fd >= 0)
		close(file->dir_fd);
	file->lock_fd = file->dir_fd = -1;
}

void hold_file_close(struct hold_file *file)
{
	close_files(file);
	free(file->path);
	*file = (struct hold_file){ .dir_fd = -1, .lock_fd = -1 };
}

static int set_lock(int fd, int type, unsigned byte)
{
	struct flock lock = {
		.l_type = (short)type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1
	};

	return fcntl(fd, F_OFD_SETLK, &lock) < 0 ? -errno : 0;
}

static int wait_lock(int fd, int type, unsigned byte, int waits)
{
	const struct timespec pause = { .tv_nsec = WAIT_MSEC * 1000000L };
	int r;

	/* Not F_OFD_SETLKW: who is stopped with the mutex must not stop all others. */
	for (int i = 0;; i++) {
		r = set_lock(fd, type, byte);
		if ((r != -EAGAIN && r != -EACCES) || i == waits)
			break;
		nanosleep(&pause, NULL);
	}
	return r;
}

static int open_files(struct hold_file *file)
{
	bool made = mkdir(file->path, 0755) == 0;

	if (!made && errno != EEXIST)
		return -errno;
	file->dir_fd = open(file->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (file->dir_fd < 0)
		return -errno;
	/* Whatever the umask. */
	if (made && fchmod(file->dir_fd, 0755) < 0)
		return -errno;
	file->lock_fd = openat(file->dir_fd, "lock",
			       O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return file->lock_fd < 0 ? -errno : 0;
}

/* Is our lock file still the one that others find? */
static bool lock_is_current(const struct hold_file *file)
{
	struct stat ours, found;
	char *path;
	bool same;

	if (asprintf(&path, "%s/lock", file->path) < 0)
		return false;
	same = stat(path, &found) == 0 && fstat(file->lock_fd, &ours) == 0 &&
	       ours.st_dev == found.st_dev && ours.st_ino == found.st_ino;
	free(path);
	return same;
}

static int take_lock(struct hold_file *file, int waits, struct reason *reason)
{
	int r = 0;

	for (int i = 0; i < REOPEN_MAX; i++) {
		if (file->lock_fd < 0) {
			r = open_files(file);
			/* The last one to leave removes the directory under our feet. */
			if (r == -ENOENT) {
				close_files(file);
				continue;
			}
			if (r < 0)
				return failed(file, r, "open the lock", reason);
		}
		r = wait_lock(file->lock_fd, F_WRLCK, BYTE_MUTEX, waits);
		if (r == -EAGAIN || r == -EACCES) {
			reason_set(
				reason,
				"another sigtrail process keeps %s/lock locked and does "
				"not go on; find it with fuser -v %s/lock",
				file->path, file->path);
			return -EBUSY;
		}
		if (r < 0)
			return failed(file, r, "lock the lock", reason);
		if (lock_is_current(file))
			break;
		/* Its last user removed it while we waited, or somebody else did. */
		close_files(file);
		r = -ENOENT;
	}
	if (r < 0)
		return failed(file, r, "open the lock", reason);
	r = file->holder ? hold_file_join(file, reason) : 0;
	if (r < 0)
		hold_file_unlock(file);
	return r;
}

int hold_file_lock(struct hold_file *file, struct reason *reason)
{
	return take_lock(file, WAITS_MAX, reason);
}

int hold_file_lock_at_once(struct hold_file *file, struct reason *reason)
{
	return take_lock(file, 0, reason);
}

int hold_file_try_lock(struct hold_file *file)
{
	if (file->lock_fd < 0 || set_lock(file->lock_fd, F_WRLCK, BYTE_MUTEX) < 0)
		return -EBUSY;
	if (lock_is_current(file))
		return 0;
	hold_file_unlock(file);
	return -EBUSY;
}

void hold_file_unlock(struct hold_file *file)
{
	if (file->lock_fd >= 0)
		set_lock(file->lock_fd, F_UNLCK, BYTE_MUTEX);
}

int hold_file_join(struct hold_file *file, struct reason *reason)
{
	unsigned holder = file->holder;
	int r = -EAGAIN;

	/* In a file that was made anew somebody else may have the number that was ours.
	 */
	if (holder)
		r = set_lock(file->lock_fd, F_WRLCK, holder);
	if (r == -EAGAIN || r == -EACCES)
		for (holder = BYTE_HOLDERS; holder <= HOLD_FILE_HOLDERS_MAX; holder++) {
			r = set_lock(file->lock_fd, F_WRLCK, holder);
			if (r != -EAGAIN && r != -EACCES)
				break;
		}
	if (r == -EAGAIN || r == -EACCES) {
		reason_set(reason,
			   "%u sigtrail processes use the rules already; fuser -v "
			   "%s/lock names them",
			   HOLD_FILE_HOLDERS_MAX, file->path);
		return -EUSERS;
	}
	if (r < 0)
		return failed(file, r, "lock the lock", reason);
	file->holder = holder;
	return 0;
}

/* Does a descriptor other than this one have one of these bytes (0: all from there on)
 * locked? 1, 0, or -errno. */
static int others_lock(int lock_fd, unsigned first, unsigned n)
{
	struct flock lock = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = first, .l_len = n
	};

	if (fcntl(lock_fd, F_OFD_GETLK, &lock) < 0)
		return -errno;
	return lock.l_type != F_UNLCK;
}

bool hold_file_alone(const struct hold_file *file)
{
	return others_lock(file->lock_fd, BYTE_HOLDERS, 0) == 0;
}

bool hold_file_holds(const struct hold_file *file, unsigned holder)
{
	if (holder < BYTE_HOLDERS || holder > HOLD_FILE_HOLDERS_MAX)
		return false;
	return holder == file->holder || others_lock(file->lock_fd, holder, 1) != 0;
}

int hold_file_in_use(const char *path)
{
	char *name;
	int fd, r;

	if (asprintf(&name, "%s/lock", path) < 0)
		return -ENOMEM;
	fd = open(name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	r = fd < 0 ? -errno : others_lock(fd, BYTE_HOLDERS, 0);
	if (fd >= 0)
		close(fd);
	free(name);
	return r == -ENOENT ? 0 : r;
}

int hold_file_read(struct hold_file *file, struct ledger *ledger, struct reason *reason)
{
	int fd = openat(file->dir_fd, "rules", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct reason why = { "" };
	char *text = NULL;
	ssize_t n;
	int r;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return failed(file, -errno, "open the list of rules", reason);
	text = malloc(LEDGER_TEXT_MAX);
	n = text ? read_all(fd, text, LEDGER_TEXT_MAX) : -ENOMEM;
	close(fd);
	if (n < 0)
		r = failed(file, (int)n, "read the list of rules", reason);
	else
		r = ledger_parse(ledger, text, n, file->boot_id, &why);
	if (n >= 0 && r < 0)
		reason_set(
			reason,
			"can't read %s/rules: %s; remove the audit rules that sigtrail "
			"left (auditctl -D -k sigtrail), then this file",
			file->path, why.text[0] ? why.text : strerror(-r));
	free(text);
	return r < 0 ? r : 1;
}

int hold_file_write(struct hold_file *file, const struct ledger *ledger,
		    struct reason *reason)
{
	struct buffer text = { 0 };
	int fd = -1;
	int r;

	ledger_format(ledger, file->boot_id, &text);
	r = text.failed ? -ENOMEM : text.len >= LEDGER_TEXT_MAX ? -EFBIG : 0;
	if (!r) {
		fd = openat(file->dir_fd, "rules.new",
			    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
		r = fd < 0 ? -errno : write_all(fd, text.data, text.len);
	}
	if (fd >= 0)
		close(fd);
	if (!r && renameat(file->dir_fd, "rules.new", file->dir_fd, "rules") < 0)
		r = -errno;
	buffer_free(&text);
	return r < 0 ? failed(file, r, "write the list of rules", reason) : 0;
}

void hold_file_remove(struct hold_file *file)
{
	unlinkat(file->dir_fd, "rules.new", 0);
	unlinkat(file->dir_fd, "rules", 0);
	unlinkat(file->dir_fd, "lock", 0);
	rmdir(file->path);
}
