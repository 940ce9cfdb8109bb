/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/cgroup.h"

#include <stdbool.h>
#include <string.h>

#include "core/bytes.h"

/* What docker, podman, containerd and cri-o call a container: a SHA-256 in hex. */
#define ID_LEN 64

static bool is_lower_hex(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++)
		if (!strchr("0123456789abcdef", b.data[i]) || !b.data[i])
			return false;
	return true;
}

static bool equals(struct bytes b, const char *s)
{
	return b.len == strlen(s) && memcmp(b.data, s, b.len) == 0;
}

static bool starts_with(struct bytes b, const char *prefix)
{
	size_t n = strlen(prefix);

	return b.len > n && memcmp(b.data, prefix, n) == 0;
}

static bool ends_with(struct bytes b, const char *suffix)
{
	size_t n = strlen(suffix);

	return b.len > n && memcmp(b.data + b.len - n, suffix, n) == 0;
}

static struct bytes without_start(struct bytes b, size_t n)
{
	return (struct bytes){ b.data + n, b.len - n };
}

static void cut_end(struct bytes *b, const char *suffix)
{
	if (ends_with(*b, suffix))
		b->len -= strlen(suffix);
}

/* Keeps the name if it fits. */
static void keep(char name[CGROUP_NAME_SIZE], struct bytes b)
{
	if (!b.len || b.len >= CGROUP_NAME_SIZE)
		return;
	memcpy(name, b.data, b.len);
	name[b.len] = '\0';
}

/* Takes the next component off the path. Seen from inside a cgroup namespace a path may
 * begin with any number of "..": what lies above isn't known, the names below are. */
static bool next_component(struct bytes *path, struct bytes *component)
{
	const char *slash;

	do {
		while (path->len && path->data[0] == '/')
			*path = without_start(*path, 1);
		if (!path->len)
			return false;
		slash = memchr(path->data, '/', path->len);
		*component =
			(struct bytes){ path->data, slash ? (size_t)(slash - path->data)
							  : path->len };
		*path = without_start(*path, component->len);
	} while (equals(*component, "..") || equals(*component, "."));
	return true;
}

static bool is_unit_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr(":-_.\\@", c));
}

static bool is_named_unit(struct bytes b, const char *suffix)
{
	if (!ends_with(b, suffix))
		return false;
	for (size_t i = 0; i < b.len; i++)
		if (!is_unit_char(b.data[i]))
			return false;
	return true;
}

/* The types of units that can hold processes, slices apart. */
static bool is_unit(struct bytes b)
{
	static const char *const suffixes[] = { ".service", ".scope", ".socket", ".mount",
						".swap" };

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (is_named_unit(b, suffixes[i]))
			return true;
	return false;
}

/* systemd puts '_' before names that the kernel could take for its own files. */
static struct bytes cgroup_unescape(struct bytes b)
{
	return b.len && b.data[0] == '_' ? without_start(b, 1) : b;
}

/* Takes slices and then one unit off the path. False if no unit follows the slices. */
static bool take_unit(struct bytes *path, struct bytes *slice, struct bytes *unit)
{
	struct bytes component;

	while (next_component(path, &component)) {
		component = cgroup_unescape(component);
		if (is_named_unit(component, ".slice")) {
			*slice = component;
			continue;
		}
		*unit = component;
		return is_unit(component);
	}
	return false;
}

static bool is_user_manager(struct bytes unit)
{
	struct bytes uid;

	if (!starts_with(unit, "user@") || !ends_with(unit, ".service"))
		return false;
	uid = without_start(unit, strlen("user@"));
	cut_end(&uid, ".service");
	for (size_t i = 0; i < uid.len; i++)
		if (uid.data[i] < '0' || uid.data[i] > '9')
			return false;
	return uid.len > 0;
}

static void find_units(struct bytes path, struct cgroup_place *place)
{
	struct bytes slice = { 0 }, user_slice = { 0 }, unit;
	bool found = take_unit(&path, &slice, &unit);

	keep(place->slice, slice);
	if (!found)
		return;
	keep(place->unit, unit);
	if (is_user_manager(unit) && take_unit(&path, &user_slice, &unit))
		keep(place->user_unit, unit);
}

/* ID, RUNTIME-ID, RUNTIME-ID.scope, and containerd's SLICE:cri-containerd:ID. */
static bool take_hex_id(struct bytes component, struct bytes *id)
{
	struct bytes prefix;

	cut_end(&component, ".scope");
	if (component.len < ID_LEN)
		return false;
	prefix = (struct bytes){ component.data, component.len - ID_LEN };
	*id = without_start(component, prefix.len);
	if (!is_lower_hex(*id))
		return false;
	if (!prefix.len)
		return true;
	if (prefix.data[prefix.len - 1] != '-' && prefix.data[prefix.len - 1] != ':')
		return false;
	/* conmon watches a container of podman or cri-o from outside. */
	prefix.len--;
	return !equals(prefix, "conmon") && !ends_with(prefix, "-conmon");
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* A machine's name, out of a unit's with its \xNN; those that can't stand in a name stay.
 */
static void keep_machine(char name[CGROUP_NAME_SIZE], struct bytes b)
{
	char text[CGROUP_NAME_SIZE];
	size_t n = 0;

	if (b.len >= sizeof(text))
		return;
	for (size_t i = 0; i < b.len; i++) {
		int high = -1, low = -1;

		if (b.len - i >= 4 && b.data[i] == '\\' && b.data[i + 1] == 'x') {
			high = hex_digit(b.data[i + 2]);
			low = hex_digit(b.data[i + 3]);
		}
		if (high < 0 || low < 0 || !(high * 16 + low) || high * 16 + low == '/') {
			text[n++] = b.data[i];
			continue;
		}
		text[n++] = (char)(high * 16 + low);
		i += 3;
	}
	keep(name, (struct bytes){ text, n });
}

/* A machine of systemd-machined, which keeps the container's supervisor beside its
 * payload where it manages both: systemd-nspawn@NAME.service, machine-NAME.scope. What
 * libvirt calls qemu-ID-NAME is a virtual machine, whose processes are the host's. */
static bool take_machine(struct bytes component, struct bytes below, struct bytes *name)
{
	bool service = is_named_unit(component, ".service");
	bool scope = is_named_unit(component, ".scope");
	struct bytes next;

	cut_end(&component, service ? ".service" : ".scope");
	if (service && starts_with(component, "systemd-nspawn@"))
		*name = without_start(component, strlen("systemd-nspawn@"));
	else if (scope && starts_with(component, "machine-") &&
		 !starts_with(component, "machine-qemu\\x2d"))
		*name = without_start(component, strlen("machine-"));
	else
		return false;
	return !next_component(&below, &next) || !equals(next, "supervisor");
}

/* lxc.payload.NAME, lxc.payload/NAME, and lxc/NAME of versions before 4; the processes in
 * lxc.monitor.NAME are outside. */
static bool take_lxc(struct bytes component, struct bytes below, struct bytes *name)
{
	if (starts_with(component, "lxc.payload.")) {
		*name = without_start(component, strlen("lxc.payload."));
		return true;
	}
	if (equals(component, "lxc.payload") || equals(component, "lxc"))
		return next_component(&below, name);
	return false;
}

/* The outermost container of the path: the one that this host's runtime knows. */
static void find_container(struct bytes path, struct cgroup_place *place)
{
	struct bytes component, found;
	bool in_libpod = false;

	while (!place->container[0] && next_component(&path, &component)) {
		if (take_lxc(component, path, &found)) {
			keep(place->container, found);
		} else if (take_machine(component, path, &found)) {
			keep_machine(place->container, found);
		} else if (take_hex_id(component, &found)) {
			/* There a bare id is a pod's, and libpod-ID below it the
			 * container. */
			if (!in_libpod || component.len > ID_LEN)
				keep(place->container, found);
		} else if (equals(component, "libpod_parent")) {
			in_libpod = true;
		}
	}
}

/* Takes one line off the text: what stands between its first two colons, and its path. */
static bool next_line(struct bytes *text, struct bytes *controllers, struct bytes *path)
{
	const char *end, *first, *second;
	struct bytes line;

	while (text->len) {
		end = memchr(text->data, '\n', text->len);
		line = (struct bytes){ text->data,
				       end ? (size_t)(end - text->data) : text->len };
		*text = without_start(*text, end ? line.len + 1 : line.len);
		first = memchr(line.data, ':', line.len);
		if (!first)
			continue;
		first++;
		second = memchr(first, ':', line.data + line.len - first);
		if (!second)
			continue;
		*controllers = (struct bytes){ first, second - first };
		*path = without_start(line, second + 1 - line.data);
		/* A cgroup that was removed, with a zombie left in it. */
		cut_end(path, " (deleted)");
		return true;
	}
	return false;
}

void cgroup_parse(const char *text, size_t len, struct cgroup_place *place)
{
	const struct bytes whole = { text, len };
	struct bytes rest, controllers, path, named = { 0 }, unified = { 0 };
	struct cgroup_place other = { 0 };

	*place = (struct cgroup_place){ 0 };
	for (rest = whole; next_line(&rest, &controllers, &path);) {
		if (equals(controllers, "name=systemd"))
			named = path;
		else if (!controllers.len)
			unified = path;
	}
	if (named.len) {
		find_units(named, place);
		find_container(named, place);
	}
	if (unified.len && !place->unit[0] && !place->slice[0]) {
		find_units(unified, &other);
		find_container(unified, &other);
		/* In a hybrid hierarchy a runtime may move its container in the first
		 * only and leave its own service's name in the second. */
		if (!place->container[0] || !strcmp(place->container, other.container))
			*place = other;
	}
	for (rest = whole; !place->container[0] && next_line(&rest, &controllers, &path);)
		find_container(path, place);
}
