/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/procimage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "core/cgroup.h"

/* An entry of the table; what users see of it comes first. */
struct entry {
	struct procplace place;
	UT_hash_handle hh;
	char memory[]; /* the text, then the names */
};

struct procplaces {
	struct entry *entries;
};

struct procimage *procimage_new(void)
{
	struct procimage *image = calloc(1, sizeof(*image));

	if (image)
		image->refs = 1;
	return image;
}

struct procimage *procimage_ref(struct procimage *image)
{
	if (image)
		image->refs++;
	return image;
}

static void drop_command_line(struct procimage *image)
{
	char *memory = image->memory;

	if (image->settled < image->refs || !image->cmdline.len)
		return;
	image->cmdline = (struct bytes){ 0 };
	image->cmdline_cut = false;
	image->dropped = true;
	if (image->exe) {
		memory = realloc(memory, strlen(memory) + 1);
		image->exe = image->memory = memory ? memory : image->memory;
	} else {
		free(memory);
		image->memory = NULL;
	}
}

struct procimage *procimage_unref(struct procimage *image)
{
	if (!image)
		return NULL;
	if (--image->refs) {
		drop_command_line(image);
	} else {
		procimage_forget(image);
		free(image);
	}
	return NULL;
}

void procimage_settle(struct procimage *image)
{
	image->settled++;
	drop_command_line(image);
}

void procimage_unsettle(struct procimage *image)
{
	image->settled--;
	if (image->dropped)
		image->read = false;
}

int procimage_set(struct procimage *image, const char *exe, struct bytes cmdline,
		  bool cmdline_cut, int64_t now_usec)
{
	size_t exe_size = exe ? strlen(exe) + 1 : 0;
	char *memory = NULL;

	procimage_forget(image);
	if (exe_size + cmdline.len) {
		memory = malloc(exe_size + cmdline.len);
		if (!memory)
			return -ENOMEM;
	}
	image->memory = memory;
	if (exe)
		image->exe = memcpy(memory, exe, exe_size);
	if (cmdline.len) {
		memcpy(memory + exe_size, cmdline.data, cmdline.len);
		image->cmdline = (struct bytes){ memory + exe_size, cmdline.len };
	}
	image->cmdline_cut = cmdline_cut;
	image->dropped = false;
	image->read = true;
	image->read_usec = now_usec;
	return 0;
}

void procimage_forget(struct procimage *image)
{
	free(image->memory);
	image->memory = NULL;
	image->exe = NULL;
	image->cmdline = (struct bytes){ 0 };
	image->cmdline_cut = false;
	image->read = false;
}

struct procplaces *procplaces_new(void)
{
	return calloc(1, sizeof(struct procplaces));
}

struct procplaces *procplaces_free(struct procplaces *places)
{
	struct entry *entry, *next;

	if (!places)
		return NULL;
	HASH_ITER (hh, places->entries, entry, next) {
		HASH_DEL(places->entries, entry);
		free(entry);
	}
	free(places);
	return NULL;
}

static const char *put_name(char **end, const char *name)
{
	size_t size = strlen(name) + 1;
	char *start = *end;

	if (size == 1)
		return NULL;
	memcpy(start, name, size);
	*end += size;
	return start;
}

static struct entry *make_entry(const char *text, size_t len)
{
	struct cgroup_place parsed;
	struct entry *entry;
	char *end;

	cgroup_parse(text, len, &parsed);
	entry = calloc(1, sizeof(*entry) + len + strlen(parsed.unit) +
				  strlen(parsed.user_unit) + strlen(parsed.slice) +
				  strlen(parsed.container) + 4);
	if (!entry)
		return NULL;
	memcpy(entry->memory, text, len);
	entry->place.text = (struct bytes){ entry->memory, len };
	end = entry->memory + len;
	entry->place.unit = put_name(&end, parsed.unit);
	entry->place.user_unit = put_name(&end, parsed.user_unit);
	entry->place.slice = put_name(&end, parsed.slice);
	entry->place.container = put_name(&end, parsed.container);
	return entry;
}

struct procplace *procplaces_get(struct procplaces *places, const char *text, size_t len)
{
	struct entry *entry;

	HASH_FIND(hh, places->entries, text, len, entry);
	if (!entry) {
		entry = make_entry(text, len);
		if (!entry)
			return NULL;
		HASH_ADD_KEYPTR(hh, places->entries, entry->memory, len, entry);
		if (!entry->hh.tbl) {
			free(entry);
			return NULL;
		}
	}
	return procplace_ref(&entry->place);
}

struct procplace *procplace_ref(struct procplace *place)
{
	if (place)
		place->refs++;
	return place;
}

struct procplace *procplaces_put(struct procplaces *places, struct procplace *place)
{
	struct entry *entry = (struct entry *)place;

	if (place && --place->refs == 0) {
		HASH_DEL(places->entries, entry);
		free(entry);
	}
	return NULL;
}

size_t procplaces_count(const struct procplaces *places)
{
	return HASH_COUNT(places->entries);
}

static bool equal_names(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool procplace_equal(const struct procplace *a, const struct procplace *b)
{
	static const struct procplace none;

	a = a ? a : &none;
	b = b ? b : &none;
	return a == b || (equal_names(a->unit, b->unit) &&
			  equal_names(a->user_unit, b->user_unit) &&
			  equal_names(a->slice, b->slice) &&
			  equal_names(a->container, b->container));
}
