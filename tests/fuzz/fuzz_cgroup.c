/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text of a /proc/PID/cgroup. */
#include "core/cgroup.h"
#include "fuzz.h"

/* It is one component of a path, or nothing; a machine's name may have been anything. */
static void require_name(const char *name)
{
	FUZZ_REQUIRE(memchr(name, '\0', CGROUP_NAME_SIZE));
	FUZZ_REQUIRE(!strchr(name, '/'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cgroup_place place;

	cgroup_parse((const char *)data, size, &place);
	require_name(place.unit);
	require_name(place.user_unit);
	require_name(place.slice);
	require_name(place.container);
	FUZZ_REQUIRE(!strpbrk(place.unit, " \n") && !strpbrk(place.user_unit, " \n") &&
		     !strpbrk(place.slice, " \n"));
	return 0;
}
