/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* unpack: the bytes of a file, which may be compressed by gzip or xz; its first bytes
 * tell and not its name. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

struct unpack;

/* Reads from fd, which stays the caller's and may be a pipe. 0 or -ENOMEM. */
int unpack_new(struct unpack **unpack, int fd);
struct unpack *unpack_free(struct unpack *unpack);

/* The next bytes, at most size of them; blocks. 0: the end. -ENODATA: the compressed data
 * ends in its middle; -EBADMSG: it is damaged; -ENOTSUP: compressed in another way, see
 * unpack_tool(); -ENOMEM: also where it wants more than 128 MiB; other -errno of
 * read(2). What came before an error was given out. */
ssize_t unpack_read(struct unpack *unpack, char *data, size_t size);

/* The program that can read what unpack_read() can't, after -ENOTSUP. */
const char *unpack_tool(const struct unpack *unpack);
