/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ready: the least that a daemon with libsystemd does at its start: says that it is
 * ready, and waits to be ended. */
#include <systemd/sd-daemon.h>
#include <unistd.h>

int main(void)
{
	if (sd_notify(0, "READY=1") <= 0)
		return 1;
	pause();
	return 0;
}
