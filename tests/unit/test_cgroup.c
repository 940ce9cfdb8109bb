/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/cgroup.h"

#include <stdio.h>
#include <string.h>

#include "suite.h"

#define ID	"3f4e8d1c0a5b6978e1d2c3b4a5968778695a4b3c2d1e0f112233445566778899"
#define POD	"0aa1bb2cc3dd4ee5ff60718293a4b5c6d7e8f90112233445566778899aabbccd"
#define POD_UID "8f7e6d5c_4b3a_2918_0716_f5e4d3c2b1a0"

struct sample {
	const char *text;
	const char *unit;
	const char *user_unit;
	const char *slice;
	const char *container;
};

static void check(const struct sample *samples, size_t n)
{
	struct cgroup_place place;

	for (size_t i = 0; i < n; i++) {
		const struct sample *s = &samples[i];

		memset(&place, 0x55, sizeof(place));
		cgroup_parse(s->text, strlen(s->text), &place);
		ck_assert_msg(!strcmp(place.unit, s->unit), "%s: unit %s", s->text,
			      place.unit);
		ck_assert_msg(!strcmp(place.user_unit, s->user_unit), "%s: user unit %s",
			      s->text, place.user_unit);
		ck_assert_msg(!strcmp(place.slice, s->slice), "%s: slice %s", s->text,
			      place.slice);
		ck_assert_msg(!strcmp(place.container, s->container), "%s: container %s",
			      s->text, place.container);
	}
}

#define CHECK(samples) check(samples, sizeof(samples) / sizeof((samples)[0]))

START_TEST(cgroup_system_units)
{
	static const struct sample samples[] = {
		{ "0::/system.slice/ssh.service\n", "ssh.service", "", "system.slice",
		  "" },
		{ "0::/system.slice/ssh.service", "ssh.service", "", "system.slice", "" },
		{ "0::/init.scope\n", "init.scope", "", "", "" },
		{ "0::/\n", "", "", "", "" },
		{ "0::/system.slice\n", "", "", "system.slice", "" },
		{ "0::/system.slice/system-getty.slice/getty@tty1.service\n",
		  "getty@tty1.service", "", "system-getty.slice", "" },
		{ "0::/system.slice/systemd-udevd.service/udev\n",
		  "systemd-udevd.service", "", "system.slice", "" },
		{ "0::/system.slice/dbus.socket\n", "dbus.socket", "", "system.slice",
		  "" },
		{ "0::/system.slice/srv-data.mount\n", "srv-data.mount", "",
		  "system.slice", "" },
		{ "0::/system.slice/dev-sda2.swap\n", "dev-sda2.swap", "", "system.slice",
		  "" },
		{ "0::/system.slice/system-postgresql.slice/postgresql@15-main.service\n",
		  "postgresql@15-main.service", "", "system-postgresql.slice", "" },
		{ "0::/system.slice/a\\x2db@c\\x2fd.service\n", "a\\x2db@c\\x2fd.service",
		  "", "system.slice", "" },
		{ "0::/_cpu.slice/_memory.service\n", "memory.service", "", "cpu.slice",
		  "" },
		{ "0::/system.slice/run-r0f1e2d3c4b5a69788796a5b4c3d2e1f0.scope\n",
		  "run-r0f1e2d3c4b5a69788796a5b4c3d2e1f0.scope", "", "system.slice", "" },
		{ "0::/system.slice/cron.service (deleted)\n", "cron.service", "",
		  "system.slice", "" },
	};

	CHECK(samples);
}
END_TEST

START_TEST(cgroup_sessions_and_user_units)
{
	static const struct sample samples[] = {
		{ "0::/user.slice/user-1000.slice/session-3.scope\n", "session-3.scope",
		  "", "user-1000.slice", "" },
		{ "0::/user.slice/user-1000.slice/user@1000.service/app.slice/"
		  "foo.service\n",
		  "user@1000.service", "foo.service", "user-1000.slice", "" },
		{ "0::/user.slice/user-1000.slice/user@1000.service/init.scope\n",
		  "user@1000.service", "init.scope", "user-1000.slice", "" },
		{ "0::/user.slice/user-1000.slice/user@1000.service\n",
		  "user@1000.service", "", "user-1000.slice", "" },
		{ "0::/user.slice/user-1000.slice/user@1000.service/app.slice/"
		  "app-gnome.slice/app-gnome-org.gnome.Terminal.slice/"
		  "vte-spawn-0a1b.scope\n",
		  "user@1000.service", "vte-spawn-0a1b.scope", "user-1000.slice", "" },
		{ "0::/user.slice/user-0.slice/user@0.service/dbus.service\n",
		  "user@0.service", "dbus.service", "user-0.slice", "" },
		{ "0::/system.slice/user@web.service/app.slice/foo.service\n",
		  "user@web.service", "", "system.slice", "" },
		{ "0::/system.slice/user-runtime-dir@1000.service\n",
		  "user-runtime-dir@1000.service", "", "system.slice", "" },
		{ "0::/user.slice/user-1000.slice/user@1000.service/app.slice/made by "
		  "me\n",
		  "user@1000.service", "", "user-1000.slice", "" },
	};

	CHECK(samples);
}
END_TEST

START_TEST(cgroup_docker_with_both_drivers)
{
	static const struct sample samples[] = {
		{ "0::/system.slice/docker-" ID ".scope\n", "docker-" ID ".scope", "",
		  "system.slice", ID },
		{ "0::/docker/" ID "\n", "", "", "", ID },
		/* systemd inside: the unit is the host's. */
		{ "0::/system.slice/docker-" ID ".scope/system.slice/foo.service\n",
		  "docker-" ID ".scope", "", "system.slice", ID },
		{ "0::/docker/" ID "/system.slice/foo.service\n", "", "", "", ID },
		/* docker inside: the container is the one the host knows. */
		{ "0::/docker/" ID "/docker/" POD "\n", "", "", "", ID },
		{ "0::/docker/" ID "/kubelet/kubepods/burstable/pod" POD_UID "/" POD "\n",
		  "", "", "", ID },
		{ "0::/mine.slice/docker-" ID ".scope\n", "docker-" ID ".scope", "",
		  "mine.slice", ID },
		{ "0::/ecs/0123456789abcdef0123456789abcdef/" ID "\n", "", "", "", ID },
		/* rootless */
		{ "0::/user.slice/user-1000.slice/user@1000.service/user.slice/"
		  "docker-" ID ".scope\n",
		  "user@1000.service", "docker-" ID ".scope", "user-1000.slice", ID },
		{ "0::/system.slice/docker.service\n", "docker.service", "",
		  "system.slice", "" },
		/* no id: too short, too long, capitals */
		{ "0::/docker/3f4e8d1c0a5b\n", "", "", "", "" },
		{ "0::/docker/" ID "0\n", "", "", "", "" },
		{ "0::/docker/"
		  "AF4e8d1c0a5b6978e1d2c3b4a5968778695a4b3c2d1e0f11223344556677"
		  "8899\n",
		  "", "", "", "" },
		{ "0::/system.slice/docker" ID ".scope\n", "docker" ID ".scope", "",
		  "system.slice", "" },
	};

	CHECK(samples);
}
END_TEST

START_TEST(cgroup_podman_without_conmon)
{
	static const struct sample samples[] = {
		{ "0::/machine.slice/libpod-" ID ".scope/container\n",
		  "libpod-" ID ".scope", "", "machine.slice", ID },
		{ "0::/machine.slice/libpod-conmon-" ID ".scope\n",
		  "libpod-conmon-" ID ".scope", "", "machine.slice", "" },
		{ "0::/machine.slice/machine-libpod_pod_" POD ".slice/libpod-" ID
		  ".scope\n",
		  "libpod-" ID ".scope", "", "machine-libpod_pod_" POD ".slice", ID },
		{ "0::/user.slice/user-1000.slice/user@1000.service/user.slice/"
		  "libpod-" ID ".scope/container\n",
		  "user@1000.service", "libpod-" ID ".scope", "user-1000.slice", ID },
		{ "0::/libpod_parent/libpod-" ID "\n", "", "", "", ID },
		{ "0::/libpod_parent/" POD "/libpod-" ID "\n", "", "", "", ID },
		{ "0::/libpod_parent/" POD "/conmon\n", "", "", "", "" },
		{ "0::/libpod_parent/conmon\n", "", "", "", "" },
		/* quadlet, --cgroups=split */
		{ "0::/system.slice/web.service/libpod-payload-" ID "\n", "web.service",
		  "", "system.slice", ID },
		{ "0::/system.slice/web.service/supervisor\n", "web.service", "",
		  "system.slice", "" },
	};

	CHECK(samples);
}
END_TEST

START_TEST(cgroup_containerd_crio_and_kubernetes)
{
	static const struct sample samples[] = {
		{ "0::/kubepods.slice/kubepods-burstable.slice/"
		  "kubepods-burstable-pod" POD_UID ".slice/cri-containerd-" ID ".scope\n",
		  "cri-containerd-" ID ".scope", "",
		  "kubepods-burstable-pod" POD_UID ".slice", ID },
		{ "0::/kubepods.slice/kubepods-pod" POD_UID ".slice/crio-" ID
		  ".scope/container\n",
		  "crio-" ID ".scope", "", "kubepods-pod" POD_UID ".slice", ID },
		{ "0::/kubepods.slice/kubepods-pod" POD_UID ".slice/crio-conmon-" ID
		  ".scope\n",
		  "crio-conmon-" ID ".scope", "", "kubepods-pod" POD_UID ".slice", "" },
		{ "0::/kubepods/besteffort/pod8f7e6d5c-4b3a-2918-0716-f5e4d3c2b1a0/" ID
		  "\n",
		  "", "", "", ID },
		{ "0::/kubepods/pod8f7e6d5c-4b3a-2918-0716-f5e4d3c2b1a0/crio-" ID "\n",
		  "", "", "", ID },
		{ "0::/system.slice/containerd.service/kubepods-burstable-pod" POD_UID
		  ".slice:cri-containerd:" ID "\n",
		  "containerd.service", "", "system.slice", ID },
		{ "0::/system.slice/nerdctl-" ID ".scope\n", "nerdctl-" ID ".scope", "",
		  "system.slice", ID },
		{ "0::/default/" ID "\n", "", "", "", ID },
		{ "0::/system.slice/containerd.service\n", "containerd.service", "",
		  "system.slice", "" },
	};

	CHECK(samples);
}
END_TEST

START_TEST(cgroup_lxc_without_monitor)
{
	static const struct sample samples[] = {
		{ "0::/lxc.payload.web\n", "", "", "", "web" },
		{ "0::/lxc.payload.web/system.slice/ssh.service\n", "", "", "", "web" },
		{ "0::/lxc.payload/101/ns/init.scope\n", "", "", "", "101" },
		{ "0::/lxc/101/ns/system.slice/cron.service\n", "", "", "", "101" },
		{ "0::/lxc.monitor.web\n", "", "", "", "" },
		{ "0::/lxc.monitor/101\n", "", "", "", "" },
		{ "0::/lxc\n", "", "", "", "" },
		{ "0::/lxc.payload.web/system.slice/docker-" ID ".scope\n", "", "", "",
		  "web" },
		{ "0::/user.slice/user-1000.slice/user@1000.service/app.slice/"
		  "lxc-web.scope/lxc.payload.web/init.scope\n",
		  "user@1000.service", "lxc-web.scope", "user-1000.slice", "web" },
	};

	CHECK(samples);
}
END_TEST

START_TEST(cgroup_machines_without_supervisor)
{
	static const struct sample samples[] = {
		{ "0::/machine.slice/systemd-nspawn@web.service/payload/system.slice/"
		  "cron.service\n",
		  "systemd-nspawn@web.service", "", "machine.slice", "web" },
		{ "0::/machine.slice/systemd-nspawn@web.service/supervisor\n",
		  "systemd-nspawn@web.service", "", "machine.slice", "" },
		{ "0::/machine.slice/systemd-nspawn@my\\x2dweb.service/payload\n",
		  "systemd-nspawn@my\\x2dweb.service", "", "machine.slice", "my-web" },
		{ "0::/machine.slice/machine-my\\x2dweb.scope/payload/init.scope\n",
		  "machine-my\\x2dweb.scope", "", "machine.slice", "my-web" },
		{ "0::/machine.slice/machine-web.scope\n", "machine-web.scope", "",
		  "machine.slice", "web" },
		{ "0::/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt/emulator\n",
		  "machine-qemu\\x2d1\\x2dweb.scope", "", "machine.slice", "" },
		{ "0::/machine.slice/machine-web.scope/supervisor\n", "machine-web.scope",
		  "", "machine.slice", "" },
		/* Escapes of what no name holds, and half ones, stay. */
		{ "0::/machine.slice/machine-a\\x00b\\x2fc\\x2.scope\n",
		  "machine-a\\x00b\\x2fc\\x2.scope", "", "machine.slice",
		  "a\\x00b\\x2fc\\x2" },
	};

	CHECK(samples);
}
END_TEST

START_TEST(cgroup_v1_and_hybrid)
{
	static const struct sample samples[] = {
		{ "11:pids:/system.slice/ssh.service\n10:memory:/system.slice/"
		  "ssh.service\n"
		  "4:cpu,cpuacct:/\n1:name=systemd:/system.slice/ssh.service\n",
		  "ssh.service", "", "system.slice", "" },
		{ "11:pids:/docker/" ID "\n1:name=systemd:/docker/" ID "\n", "", "", "",
		  ID },
		/* Hybrid: the runtime moves its container in the hierarchies of v1 only.
		 */
		{ "12:pids:/docker/" ID "\n1:name=systemd:/docker/" ID
		  "\n0::/system.slice/containerd.service\n",
		  "", "", "", ID },
		{ "5:memory:/user.slice\n1:name=systemd:/user.slice/user-1000.slice/"
		  "session-2.scope\n0::/user.slice/user-1000.slice/session-2.scope\n",
		  "session-2.scope", "", "user-1000.slice", "" },
		/* A unified host where somebody mounted systemd's v1 hierarchy as well.
		 */
		{ "1:name=systemd:/\n0::/system.slice/cron.service\n", "cron.service", "",
		  "system.slice", "" },
		{ "1:name=systemd:/docker/" ID "\n0::/system.slice/docker-" ID ".scope\n",
		  "docker-" ID ".scope", "", "system.slice", ID },
		/* The container shows in the other hierarchies only. */
		{ "4:memory:/lxc/web\n3:cpuset:/lxc/web\n1:name=systemd:/user.slice/"
		  "user-0.slice/session-1.scope\n",
		  "session-1.scope", "", "user-0.slice", "web" },
		{ "9:name=systemd:/\n8:pids:/\n4:memory:/process_api/"
		  "dab98f4a8b74421049742b732b450a91\n0::/\n",
		  "", "", "", "" },
		/* Exiting: v1 shows the root. */
		{ "2:cpu:/\n1:name=systemd:/\n", "", "", "", "" },
		{ "8:name=elogind:/3\n0::/3\n", "", "", "", "" },
	};

	CHECK(samples);
}
END_TEST

START_TEST(cgroup_seen_from_inside_a_namespace)
{
	static const struct sample samples[] = {
		{ "0::/../cron.service\n", "cron.service", "", "", "" },
		{ "0::/../../user.slice/user-1000.slice/session-3.scope\n",
		  "session-3.scope", "", "user-1000.slice", "" },
		{ "0::/../../system.slice/docker-" ID ".scope/x\n", "docker-" ID ".scope",
		  "", "system.slice", ID },
		{ "0::/..\n", "", "", "", "" },
		{ "0::/../../..\n", "", "", "", "" },
	};

	CHECK(samples);
}
END_TEST

START_TEST(cgroup_hostile_text_gives_nothing)
{
	static const struct sample samples[] = {
		{ "", "", "", "", "" },
		{ "\n\n", "", "", "", "" },
		{ "0", "", "", "", "" },
		{ "0:", "", "", "", "" },
		{ "0::", "", "", "", "" },
		{ "::::\n", "", "", "", "" },
		{ "0::no slash\n", "", "", "", "" },
		{ "0::/.service\n", "", "", "", "" },
		{ "0::/.slice/.scope\n", "", "", "", "" },
		{ "0::/_/_.service\n", "", "", "", "" },
		{ "0:://///\n", "", "", "", "" },
		{ "0::/system.slice/a b.service\n", "", "", "system.slice", "" },
		{ "0::/system.slice/\x1b[2J.service\n", "", "", "system.slice", "" },
		{ "0::/machine-.scope\n0::/lxc.payload.\n", "", "", "", "" },
		{ "0::/a:b:/system.slice/x.service\n", "", "", "", "" },
	};

	CHECK(samples);
}
END_TEST

START_TEST(cgroup_name_that_does_not_fit_is_left_out)
{
	char name[CGROUP_NAME_SIZE + 1], text[1024];
	struct cgroup_place place;

	memset(name, 'n', sizeof(name));
	for (int len = CGROUP_NAME_SIZE - 2; len <= CGROUP_NAME_SIZE + 1; len++) {
		int fits = len < CGROUP_NAME_SIZE;

		snprintf(text, sizeof(text), "0::/%.*s.service/lxc.payload.%.*s\n",
			 len - 8, name, len, name);
		cgroup_parse(text, strlen(text), &place);
		ck_assert_uint_eq(strlen(place.unit), fits ? len : 0);
		ck_assert_uint_eq(strlen(place.container), fits ? len : 0);
	}
}
END_TEST

START_TEST(cgroup_reads_no_byte_behind_the_text)
{
	static const char text[] =
		"4:memory:/lxc/web\n1:name=systemd:/machine.slice/machine-a\\x2db.scope/"
		"payload\n0::/system.slice/docker-" ID ".scope (deleted)\n";
	struct cgroup_place place;

	for (size_t len = 0; len < sizeof(text); len++) {
		/* Of this length, so that the sanitizer sees a read behind the end. */
		char *exact = malloc(len ? len : 1);

		memcpy(exact, text, len);
		cgroup_parse(exact, len, &place);
		free(exact);
	}
	ck_assert_str_eq(place.container, "a-b");
}
END_TEST

SUITE("cgroup", cgroup_system_units, cgroup_sessions_and_user_units,
      cgroup_docker_with_both_drivers, cgroup_podman_without_conmon,
      cgroup_containerd_crio_and_kubernetes, cgroup_lxc_without_monitor,
      cgroup_machines_without_supervisor, cgroup_v1_and_hybrid,
      cgroup_seen_from_inside_a_namespace, cgroup_hostile_text_gives_nothing,
      cgroup_name_that_does_not_fit_is_left_out, cgroup_reads_no_byte_behind_the_text)
