/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cgroup: which unit and which container a process is in, from the text of its
 * /proc/PID/cgroup (cgroups(7); systemd's naming: systemd.unit(5), systemd.slice(5)). */
#pragma once

#include <stddef.h>

#define CGROUP_NAME_SIZE 256

/* Empty strings for what isn't known. Unit names are as systemd writes them (its escapes
 * like \x2d kept, the leading '_' of cgroup escaping removed). */
struct cgroup_place {
	char unit[CGROUP_NAME_SIZE];	  /* of the system manager: ssh.service,
					     session-3.scope */
	char user_unit[CGROUP_NAME_SIZE]; /* of a user's manager, below user@N.service */
	char slice[CGROUP_NAME_SIZE];	  /* of the system manager: system.slice,
					     user-1000.slice */
	char container[CGROUP_NAME_SIZE]; /* the runtime's id or name, whole */
};

/* Parses the text (any number of "N:controllers:path" lines, of cgroup v1, v2 or hybrid).
 * The line of systemd decides (0:: in a unified, name=systemd in a v1 or hybrid
 * hierarchy); a container is looked for in the others too. Knows systemd system and user
 * units, docker, podman (libpod), containerd (nerdctl), cri-o, kubernetes pods, lxc and
 * nspawn (machine names). Never fails: what can't be told stays empty; names too long for
 * the room are left out. */
void cgroup_parse(const char *text, size_t len, struct cgroup_place *place);
