/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* packed: compressed bytes, and descriptors that give them, for tests. */
#pragma once

#include <check.h>
#include <lzma.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

/* Compresses into out as gzip does; how many bytes that gave. */
static inline size_t pack_gzip(const char *text, size_t len, char *out, size_t size)
{
	z_stream z = { 0 };

	ck_assert_int_eq(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY),
			 Z_OK);
	z.next_in = (unsigned char *)(uintptr_t)text;
	z.avail_in = (unsigned int)len;
	z.next_out = (unsigned char *)out;
	z.avail_out = (unsigned int)size;
	ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return size - z.avail_out;
}

/* As xz does. */
static inline size_t pack_xz(const char *text, size_t len, char *out, size_t size)
{
	size_t at = 0;

	ck_assert_int_eq(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, NULL,
						 (const uint8_t *)text, len,
						 (uint8_t *)out, &at, size),
			 LZMA_OK);
	return at;
}

/* A file of these bytes, to be read from its beginning. */
static inline int file_of(const char *data, size_t len)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, data, len), (ssize_t)len);
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}
