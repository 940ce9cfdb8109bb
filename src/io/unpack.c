/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/unpack.h"

#include <errno.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define MAGIC_MAX_BYTES	 6
#define MEMORY_MAX_BYTES (UINT64_C(128) << 20)
/* gzip's header and trailer, the largest window. */
#define GZIP_WINDOW_BITS (15 + 16)

enum kind { KIND_UNKNOWN, KIND_PLAIN, KIND_GZIP, KIND_XZ, KIND_OTHER };

static const struct magic {
	enum kind kind;
	size_t len;
	const char *bytes;
	const char *tool;
} magics[] = {
	{ KIND_GZIP, 2, "\x1f\x8b", "zcat" },
	{ KIND_XZ, 6,
	  "\xfd"
	  "7zXZ\0",
	  "xzcat" },
	{ KIND_OTHER, 4, "\x28\xb5\x2f\xfd", "zstdcat" },
	{ KIND_OTHER, 3, "BZh", "bzcat" },
	{ KIND_OTHER, 4, "\x04\x22\x4d\x18", "lz4cat" },
};

struct unpack {
	int fd;
	enum kind kind;
	const char *tool;
	bool end; /* of the file */
	bool done;
	z_stream gzip;
	lzma_stream xz;
	size_t at;
	size_t len;
	unsigned char in[65536];
};

/* Reads more of the file behind what is there. */
static int fill(struct unpack *u)
{
	ssize_t n;

	if (u->at == u->len)
		u->at = u->len = 0;
	if (u->end || u->len == sizeof(u->in))
		return 0;
	do {
		n = read(u->fd, u->in + u->len, sizeof(u->in) - u->len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	u->end = n == 0;
	u->len += (size_t)n;
	return 0;
}

static bool begins_with(const struct unpack *u, const struct magic *magic)
{
	return u->len - u->at >= magic->len &&
	       memcmp(u->in + u->at, magic->bytes, magic->len) == 0;
}

static int start(struct unpack *u)
{
	int r = 0;

	while (r == 0 && !u->end && u->len < MAGIC_MAX_BYTES)
		r = fill(u);
	if (r < 0)
		return r;
	u->kind = KIND_PLAIN;
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		if (begins_with(u, &magics[i])) {
			u->kind = magics[i].kind;
			u->tool = magics[i].tool;
		}
	}
	if (u->kind == KIND_GZIP && inflateInit2(&u->gzip, GZIP_WINDOW_BITS) != Z_OK)
		r = -ENOMEM;
	if (u->kind == KIND_XZ &&
	    lzma_stream_decoder(&u->xz, MEMORY_MAX_BYTES, LZMA_CONCATENATED) != LZMA_OK)
		r = -ENOMEM;
	return r;
}

static ssize_t read_plain(struct unpack *u, char *data, size_t size)
{
	size_t n = u->len - u->at;
	ssize_t got;

	if (n) {
		n = n < size ? n : size;
		memcpy(data, u->in + u->at, n);
		u->at += n;
		return (ssize_t)n;
	}
	if (u->end)
		return 0;
	do {
		got = read(u->fd, data, size);
	} while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

/* One member of the file is at its end; another one may follow, as in gzip -c >> FILE.
 * What follows otherwise is padding. */
static int next_member(struct unpack *u)
{
	int r = 0;

	while (r == 0 && !u->end && u->len - u->at < magics[0].len) {
		memmove(u->in, u->in + u->at, u->len - u->at);
		u->len -= u->at;
		u->at = 0;
		r = fill(u);
	}
	if (r == 0 && begins_with(u, &magics[0]))
		return inflateReset(&u->gzip) == Z_OK ? 0 : -EBADMSG;
	u->done = true;
	return r;
}

static ssize_t read_gzip(struct unpack *u, char *data, size_t size)
{
	int r = 0;

	u->gzip.next_out = (unsigned char *)data;
	u->gzip.avail_out = (unsigned int)size;
	while (u->gzip.avail_out == size && !u->done) {
		int z;

		r = u->at == u->len ? fill(u) : 0;
		if (r < 0)
			return r;
		u->gzip.next_in = u->in + u->at;
		u->gzip.avail_in = (unsigned int)(u->len - u->at);
		z = inflate(&u->gzip, Z_NO_FLUSH);
		u->at = u->len - u->gzip.avail_in;
		if (z == Z_STREAM_END)
			r = next_member(u);
		else if (z == Z_BUF_ERROR && u->end)
			r = -ENODATA;
		else if (z != Z_OK && z != Z_BUF_ERROR)
			r = z == Z_MEM_ERROR ? -ENOMEM : -EBADMSG;
		if (r < 0)
			break;
	}
	return u->gzip.avail_out < size ? (ssize_t)(size - u->gzip.avail_out) : r;
}

static int xz_error(lzma_ret ret)
{
	switch (ret) {
	case LZMA_OK:
	case LZMA_STREAM_END:
		return 0;
	case LZMA_BUF_ERROR:
		return -ENODATA;
	case LZMA_MEM_ERROR:
	case LZMA_MEMLIMIT_ERROR:
		return -ENOMEM;
	default:
		return -EBADMSG;
	}
}

static ssize_t read_xz(struct unpack *u, char *data, size_t size)
{
	lzma_ret ret;
	int r = 0;

	u->xz.next_out = (unsigned char *)data;
	u->xz.avail_out = size;
	while (r == 0 && u->xz.avail_out == size && !u->done) {
		r = u->at == u->len ? fill(u) : 0;
		if (r < 0)
			return r;
		u->xz.next_in = u->in + u->at;
		u->xz.avail_in = u->len - u->at;
		ret = lzma_code(&u->xz, u->end ? LZMA_FINISH : LZMA_RUN);
		u->at = u->len - u->xz.avail_in;
		u->done = ret == LZMA_STREAM_END;
		r = xz_error(ret);
	}
	return u->xz.avail_out < size ? (ssize_t)(size - u->xz.avail_out) : r;
}

ssize_t unpack_read(struct unpack *u, char *data, size_t size)
{
	int r = u->kind == KIND_UNKNOWN ? start(u) : 0;

	if (r < 0)
		return r;
	switch (u->kind) {
	case KIND_GZIP:
		return read_gzip(u, data, size);
	case KIND_XZ:
		return read_xz(u, data, size);
	case KIND_OTHER:
		return -ENOTSUP;
	default:
		return read_plain(u, data, size);
	}
}

const char *unpack_tool(const struct unpack *u)
{
	return u->tool;
}

int unpack_new(struct unpack **unpack, int fd)
{
	struct unpack *u = calloc(1, sizeof(*u));

	if (!u)
		return -ENOMEM;
	u->fd = fd;
	u->xz = (lzma_stream)LZMA_STREAM_INIT;
	*unpack = u;
	return 0;
}

struct unpack *unpack_free(struct unpack *u)
{
	if (!u)
		return NULL;
	if (u->kind == KIND_GZIP)
		inflateEnd(&u->gzip);
	lzma_end(&u->xz);
	free(u);
	return NULL;
}
