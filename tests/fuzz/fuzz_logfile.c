/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An audit log, which may be compressed. How much of it is read at once changes nothing.
 */
#include <errno.h>
#include <unistd.h>

#include "fuzz.h"
#include "io/source_log.h"
#include "io/unpack.h"

/* Of what a few bytes may unpack to, enough. */
#define BATCHES_MAX 64
#define BYTES_MAX   65536

struct seen {
	size_t n;
	struct source_log_first first;
};

static void on_record(const struct record *record, void *userdata)
{
	struct seen *seen = userdata;

	if (seen->n++)
		return;
	seen->first.time_usec = record_time_usec(record);
	seen->first.serial = record->serial;
	seen->first.has_node = record->node.len > 0;
}

static int open_source(struct source **source, const uint8_t *data, size_t size)
{
	int fd = fuzz_file(data, size);

	FUZZ_REQUIRE(source_log_new(source, fd) == 0);
	return fd;
}

static void check_source(const uint8_t *data, size_t size)
{
	struct source_log_first first = { 0 };
	struct source *source;
	struct seen seen = { 0 };
	int fd = open_source(&source, data, size);
	int peeked = source_log_peek(source, &first);
	int r = 1;

	for (size_t i = 0; r > 0 && i < BATCHES_MAX; i++)
		r = source_read(source, on_record, &seen);
	FUZZ_REQUIRE(source_log_records(source) <= seen.n);
	FUZZ_REQUIRE((source->counts.malformed > 0) ==
		     (source_log_first_malformed(source) > 0));
	if (peeked == 0 && number_known(first.time_usec) && r != -EPROTO)
		FUZZ_REQUIRE(seen.n > 0 && first.serial == seen.first.serial &&
			     first.time_usec == seen.first.time_usec &&
			     first.has_node == seen.first.has_node);
	source_free(source);
	close(fd);
}

/* Reads all in pieces of this size; what read gave last. */
static ssize_t unpack_all(const uint8_t *data, size_t size, size_t piece,
			  struct buffer *out)
{
	int fd = fuzz_file(data, size);
	struct unpack *unpack;
	char *bytes = malloc(piece);
	ssize_t n;

	FUZZ_REQUIRE(bytes && unpack_new(&unpack, fd) == 0);
	do {
		n = unpack_read(unpack, bytes, piece);
		FUZZ_REQUIRE(n <= (ssize_t)piece);
		if (n > 0)
			buffer_add(out, bytes, (size_t)n);
	} while (n > 0 && out->len < BYTES_MAX);
	unpack_free(unpack);
	free(bytes);
	close(fd);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buffer whole = { 0 }, pieces = { 0 };
	ssize_t end = unpack_all(data, size, BYTES_MAX, &whole);
	ssize_t pieces_end = unpack_all(data, size, 97, &pieces);

	/* How much comes before damage is noticed, and as what, is the library's matter.
	 */
	if (whole.len < BYTES_MAX) {
		const size_t len = pieces.len < whole.len ? pieces.len : whole.len;

		FUZZ_REQUIRE((pieces_end < 0) == (end < 0));
		FUZZ_REQUIRE(end < 0 || pieces.len == whole.len);
		FUZZ_REQUIRE(!len || memcmp(whole.data, pieces.data, len) == 0);
	}
	buffer_free(&whole);
	buffer_free(&pieces);
	check_source(data, size);
	return 0;
}
