/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>
#include <zlib.h>

#include "io/record_socket.h"

#define MAGIC	    "sigtrail-keep-2\n"
#define MAGIC_BYTES 16
#define SLOT_BYTES  ((size_t)1024 * 1024)
#define BATCH_BYTES ((size_t)768 * 1024)
#define HEAD_BYTES  ((size_t)64 * 1024)
#define ENVIRONMENT "SIGTRAIL_KEEP"
/* A state that this one and those before crashed at isn't taken up again. */
#define ATTEMPTS_MAX 5

struct slot {
	uint64_t number; /* the higher one counts */
	uint64_t len;
	uint64_t sum; /* of number, len and what is behind */
	char data[];
};

/* What the bytes depend on but a version of the program doesn't say: any of it may be
 * another one's. */
struct layout {
	uint64_t area_bytes;
	uint64_t slots_at;
	uint64_t slot_bytes;
	uint64_t batch_at;
	uint64_t ring_at;
	uint64_t ring_bytes;
	uint64_t sent_at;
	uint64_t batch;
	uint64_t queue;
	uint64_t carry;
	uint64_t causes;
	uint64_t ofs;
	uint64_t unseen;
	uint64_t holes;
};

struct area {
	char magic[MAGIC_BYTES];
	uint64_t attempts; /* to go on from here without getting anywhere */
	struct layout layout;
	struct queue_sent sent;
};

#define SLOTS_AT   HEAD_BYTES
#define BATCH_AT   (SLOTS_AT + 2 * SLOT_BYTES)
#define RING_AT	   (BATCH_AT + BATCH_BYTES)
#define AREA_BYTES (RING_AT + KEEP_QUEUE_BYTES)

_Static_assert(sizeof(struct area) <= HEAD_BYTES, "the head has room");

struct keep {
	int fds[KEEP_COUNT];
	struct area *area;
	uint64_t number; /* of the slot that was written last */
	bool goes_on;
	bool was_handed;
	ino_t given[KEEP_COUNT]; /* what was handed over; 0: nothing */
	char *state;		 /* a copy: the slot will be written over */
	struct carry carry;
};

static const char *const names[KEEP_COUNT] = {
	[KEEP_STATE] = "sigtrail-state",
	[KEEP_RECORDS] = "sigtrail-records",
	[KEEP_PROCESSES] = "sigtrail-processes",
	[KEEP_ALARM] = "sigtrail-alarm",
};

const char *keep_name(enum keep_what what)
{
	return names[what];
}

/* --- the file --- */

static struct slot *slot_of(const struct keep *keep, uint64_t number)
{
	return (struct slot *)((char *)keep->area + SLOTS_AT + number % 2 * SLOT_BYTES);
}

static uint64_t sum_of(uint64_t number, const char *data, uint64_t len)
{
	uLong sum = crc32(0, (const Bytef *)&number, sizeof(number));

	sum = crc32(sum, (const Bytef *)&len, sizeof(len));
	return crc32_z(sum, (const Bytef *)data, len);
}

static bool is_valid(const struct slot *slot)
{
	return slot->number && slot->len <= SLOT_BYTES - sizeof(*slot) &&
	       slot->sum == sum_of(slot->number, slot->data, slot->len);
}

static struct layout our_layout(void)
{
	return (struct layout){
		.area_bytes = AREA_BYTES,
		.slots_at = SLOTS_AT,
		.slot_bytes = SLOT_BYTES,
		.batch_at = BATCH_AT,
		.ring_at = RING_AT,
		.ring_bytes = KEEP_QUEUE_BYTES,
		.sent_at = offsetof(struct area, sent),
		.batch = record_place_layout(),
		.queue = queue_layout(),
		.carry = CARRY_VERSION,
		.causes = CAUSE_COUNT,
		.ofs = OF_RECORDS,
		.unseen = UNSEEN_OLDER,
		.holes = SERIALS_HOLES_MAX,
	};
}

static bool is_ours(const struct area *area)
{
	const struct layout layout = our_layout();

	return memcmp(area->magic, MAGIC, MAGIC_BYTES) == 0 &&
	       memcmp(&area->layout, &layout, sizeof(layout)) == 0;
}

static int map(struct keep *keep)
{
	void *area = mmap(NULL, AREA_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
			  keep->fds[KEEP_STATE], 0);

	if (area == MAP_FAILED)
		return -errno;
	keep->area = area;
	return 0;
}

static int make_file(struct keep *keep)
{
	int fd = memfd_create("sigtrail-state", MFD_CLOEXEC | MFD_ALLOW_SEALING), r;

	if (fd < 0)
		return -errno;
	keep->fds[KEEP_STATE] = fd;
	if (ftruncate(fd, AREA_BYTES) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return -errno;
	r = map(keep);
	if (r < 0)
		return r;
	memcpy(keep->area->magic, MAGIC, MAGIC_BYTES);
	keep->area->layout = our_layout();
	return 0;
}

static int bad(struct reason *reason, const char *why)
{
	reason_set(reason, "%s", why);
	return -EBADMSG;
}

/* Maps the file that was handed over and reads its state. */
static int read_file(struct keep *keep, struct reason *reason)
{
	const struct slot *slot = NULL;
	struct stat st;
	int r, seals = fcntl(keep->fds[KEEP_STATE], F_GET_SEALS);

	/* One that could shrink could kill us. */
	if (seals < 0 || !(seals & F_SEAL_SHRINK) ||
	    fstat(keep->fds[KEEP_STATE], &st) < 0 || (size_t)st.st_size != AREA_BYTES)
		return bad(reason, "it is another version's");
	r = map(keep);
	if (r < 0) {
		reason_set(reason, "%s", strerror(-r));
		return r;
	}
	if (!is_ours(keep->area))
		return bad(reason, "it is another version's");
	for (uint64_t i = 0; i < 2; i++) {
		const struct slot *other = slot_of(keep, i);

		if (is_valid(other) && (!slot || other->number > slot->number))
			slot = other;
	}
	if (!slot)
		return bad(reason, "it is damaged");
	if (keep->area->attempts >= ATTEMPTS_MAX)
		return bad(reason, "nobody got on from there");
	keep->area->attempts++;
	keep->number = slot->number;
	keep->state = malloc(slot->len + 1);
	if (!keep->state) {
		reason_set(reason, "out of memory");
		return -ENOMEM;
	}
	memcpy(keep->state, slot->data, slot->len);
	if (carry_decode(&keep->carry, keep->state, slot->len) < 0)
		return bad(reason, "it is another version's, or damaged");
	return 0;
}

int keep_commit(struct keep *keep, const struct buffer *state, bool got_on)
{
	const uint64_t number = keep->number + 1;
	struct slot *slot = slot_of(keep, number);

	if (state->failed || state->len > SLOT_BYTES - sizeof(*slot))
		return -E2BIG;
	slot->number = 0;
	atomic_signal_fence(memory_order_seq_cst);
	memcpy(slot->data, state->data, state->len);
	slot->len = state->len;
	slot->sum = sum_of(number, slot->data, slot->len);
	atomic_signal_fence(memory_order_seq_cst);
	slot->number = number;
	keep->number = number;
	if (got_on)
		keep->area->attempts = 0;
	return 0;
}

/* --- descriptors --- */

static ino_t number_of(int fd)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 ? st.st_ino : 0;
}

static void take_in(struct keep *keep, const char *name, int fd)
{
	keep->was_handed = true;
	for (int i = 0; i < KEEP_COUNT; i++) {
		if (strcmp(name, names[i]) != 0 || keep->fds[i] >= 0)
			continue;
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
		keep->fds[i] = fd;
		keep->given[i] = number_of(fd);
		return;
	}
	close(fd);
}

/* "PID NUMBER...", in the order of the names. */
static void from_ourselves(struct keep *keep)
{
	const char *text = getenv(ENVIRONMENT);
	char *end;

	if (!text)
		return;
	if (strtol(text, &end, 10) == getpid()) {
		for (int i = 0; i < KEEP_COUNT && *end; i++) {
			long fd = strtol(end, &end, 10);

			if (fd > STDERR_FILENO && fd <= INT32_MAX &&
			    fcntl((int)fd, F_GETFD) >= 0)
				take_in(keep, names[i], (int)fd);
		}
	}
	unsetenv(ENVIRONMENT);
}

static void from_manager(struct keep *keep)
{
	char **given = NULL;
	int n = sd_listen_fds_with_names(1, &given);

	for (int i = 0; i < n; i++) {
		take_in(keep, given[i], SD_LISTEN_FDS_START + i);
		free(given[i]);
	}
	free(given);
}

static void close_all(struct keep *keep)
{
	for (int i = 0; i < KEEP_COUNT; i++) {
		if (keep->fds[i] >= 0)
			close(keep->fds[i]);
		keep->fds[i] = -1;
	}
	if (keep->area)
		munmap(keep->area, AREA_BYTES);
	keep->area = NULL;
	keep->number = 0;
	keep->goes_on = false;
}

void keep_begin(struct keep *keep)
{
	close_all(keep);
	/* Without it there is nothing to be handed on. */
	if (make_file(keep) < 0)
		close_all(keep);
}

int keep_new(struct keep **keep, struct reason *reason)
{
	struct keep *new = calloc(1, sizeof(*new));

	if (!new) {
		reason_set(reason, "out of memory");
		return -ENOMEM;
	}
	for (int i = 0; i < KEEP_COUNT; i++)
		new->fds[i] = -1;
	from_ourselves(new);
	from_manager(new);
	reason_set(reason, "%s", "");
	if (new->fds[KEEP_STATE] >= 0 && new->fds[KEEP_RECORDS] >= 0)
		new->goes_on = read_file(new, reason) == 0;
	if (!new->goes_on)
		keep_begin(new);
	if (!new->area) {
		reason_set(reason, "can't make a file in memory");
		keep_free(new);
		return -ENOMEM;
	}
	*keep = new;
	return 0;
}

struct keep *keep_free(struct keep *keep)
{
	if (!keep)
		return NULL;
	close_all(keep);
	free(keep->state);
	free(keep);
	return NULL;
}

bool keep_was_handed(const struct keep *keep)
{
	return keep->was_handed;
}

bool keep_was_left(const struct keep *keep, enum keep_what what, int fd)
{
	return keep->given[what] && keep->given[what] != number_of(fd);
}

struct carry *keep_carried(struct keep *keep)
{
	return keep->goes_on ? &keep->carry : NULL;
}

int keep_take(struct keep *keep, enum keep_what what)
{
	int fd = keep->fds[what];

	keep->fds[what] = -1;
	return fd;
}

int keep_state_fd(const struct keep *keep)
{
	return keep->fds[KEEP_STATE];
}

struct queue_sent *keep_sent(struct keep *keep)
{
	return &keep->area->sent;
}

char *keep_ring(struct keep *keep)
{
	return (char *)keep->area + RING_AT;
}

void *keep_batch(struct keep *keep, size_t bytes)
{
	return bytes <= BATCH_BYTES ? (char *)keep->area + BATCH_AT : NULL;
}

/* --- the program that this process will be --- */

static void set_cloexec(const int fds[KEEP_COUNT], int flag)
{
	for (int i = 0; i < KEEP_COUNT; i++)
		if (fds[i] >= 0)
			(void)fcntl(fds[i], F_SETFD, flag);
}

int keep_hand_on(struct keep *keep, const int fds[KEEP_COUNT])
{
	char text[128];

	snprintf(text, sizeof(text), "%ld %d %d %d %d", (long)getpid(), fds[KEEP_STATE],
		 fds[KEEP_RECORDS], fds[KEEP_PROCESSES], fds[KEEP_ALARM]);
	if (setenv(ENVIRONMENT, text, 1) < 0)
		return -errno;
	set_cloexec(fds, 0);
	return 0;
}

void keep_hold_back(struct keep *keep, const int fds[KEEP_COUNT])
{
	set_cloexec(fds, FD_CLOEXEC);
	unsetenv(ENVIRONMENT);
}
