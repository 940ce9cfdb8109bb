/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files of the host that are looked at: a unit's, journald.conf, the kernel's command
 * line. Read twice they say the same. */
#include "core/bootline.h"
#include "core/journaldconf.h"
#include "core/signame.h"
#include "core/unitfile.h"
#include "fuzz.h"

static void check_unit(const char *text, size_t size)
{
	struct unit_settings once = { 0 };
	struct unit_settings twice;
	char path[UNITFILE_PATH_SIZE];

	unitfile_parse(text, size, &once);
	twice = once;
	unitfile_parse(text, size, &twice);
	FUZZ_REQUIRE(memchr(once.pid_file, '\0', sizeof(once.pid_file)));
	FUZZ_REQUIRE(once.kill_signal >= 0 && once.kill_signal <= SIGNAL_MAX);
	FUZZ_REQUIRE(strcmp(once.pid_file, twice.pid_file) == 0 &&
		     once.kill_signal == twice.kill_signal);
	if (unitfile_pid_path(&once, "a@b.service", path) == 0)
		FUZZ_REQUIRE(path[0] == '/' && memchr(path, '\0', sizeof(path)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct journaldconf once = { 0 };
	struct journaldconf twice;

	check_unit(text, size);
	journaldconf_parse(&once, text, size);
	twice = once;
	journaldconf_parse(&twice, text, size);
	FUZZ_REQUIRE(journaldconf_audit(&once) == journaldconf_audit(&twice));
	FUZZ_REQUIRE(journaldconf_is_unlimited(&once) ==
		     journaldconf_is_unlimited(&twice));
	FUZZ_REQUIRE(bootline_audit(text, size) <= BOOT_AUDIT_ON);
	return 0;
}
