/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/ancestry.h"

#include <string.h>

#include "core/digits.h"
#include "core/escape.h"

static void add_process(struct buffer *out, const char *name, int64_t pid)
{
	if (name)
		escape_add_name(out, name, strlen(name));
	else
		buffer_add_string(out, "process");
	if (!number_known(pid))
		return;
	buffer_add_char(out, '[');
	digits_add(out, pid);
	buffer_add_char(out, ']');
}

void ancestry_add_line(struct buffer *out, const struct party *party)
{
	add_process(out, party_name(party), party->pid);
	for (size_t i = 0; i < party->ancestry.n; i++) {
		const struct ancestor *a = &party->ancestry.of[i];
		const struct party shown = { .comm = a->comm, .exe = a->exe };

		buffer_add_string(out, " < ");
		add_process(out, party_name(&shown), a->pid);
	}
}
