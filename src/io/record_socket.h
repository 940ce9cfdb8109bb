/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* record_socket: a socket of the kernel's audit that records come to, what both live
 * sources read from. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/reason.h"
#include "io/source.h"

struct datagrams;

/* Memory that outlives us, and what one before us has left of the socket. */
struct record_place {
	void *memory;	/* of record_place_bytes() */
	int fd;		/* the socket that it had; -1: none */
	uint32_t drops; /* as it counted them */
	uint64_t batch; /* the last one that it is done with */
};

struct record_socket {
	int fd; /* -1: none */
	struct datagrams *batch;
	uint32_t drops; /* as the socket counted when we looked last */
	/* The socket was full. Until it has been read empty the kernel drops all that
	 * comes. */
	bool congested;
	bool without_eoe;
	/* Who asked the kernel for the place of the audit daemon (AUDIT_REPLACE), in our
	 * pid namespace; 0: nobody yet. */
	pid_t successor;
	/* Datagrams that one before us has taken from the socket and not done with. */
	int recovered;
};

/* Opens and binds the socket, with a receive buffer of so many bytes or as many as the
 * host allows, and a filter that drops record types which never stand alone. Nothing
 * comes yet. *s is the caller's, also when this fails. 0, or -errno with the reason. */
int record_socket_open(struct record_socket *s, uint64_t receive_buffer_bytes,
		       struct reason *reason);

/* The same in memory that outlives us, with the socket of one before us where there is
 * one: what it had taken and wasn't done with is read first. place->fd becomes the
 * socket's; where it is no audit socket another one is opened. */
int record_socket_open_at(struct record_socket *s, struct record_place *place,
			  uint64_t receive_buffer_bytes, struct reason *reason);
size_t record_place_bytes(void);
uint32_t record_place_layout(void); /* datagrams_layout() */
void record_socket_close(struct record_socket *s);

/* Reads one batch and counts what is no record; the result is that of source_read(). */
int record_socket_read(struct record_socket *s, struct source_counts *counts,
		       source_record_fn *record, void *userdata);

/* Are EOE records wanted? See source_want_eoe(). */
int record_socket_want_eoe(struct record_socket *s, bool wanted);
