/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/why_json.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/escape.h"
#include "core/json.h"
#include "core/signame.h"
#include "core/timestamp.h"

static void set(json_t *object, const char *key, json_t *value)
{
	(void)json_object_set_new(object, key, value);
}

static void set_number(json_t *object, const char *key, int64_t n)
{
	if (number_known(n))
		set(object, key, json_integer(n));
}

static void set_time(json_t *object, const char *key, int64_t usec)
{
	char text[TIMESTAMP_SIZE];

	if (number_known(usec))
		set(object, key, json_string(timestamp_format(usec, text)));
}

static void set_bytes(json_t *object, const char *key, const char *text)
{
	struct buffer out = { 0 };

	if (!text)
		return;
	escape_add(&out, text, strlen(text));
	set(object, key, json_string(out.data ? out.data : ""));
	buffer_free(&out);
}

static void set_signal(json_t *object, int64_t signo)
{
	char name[SIGNAME_SIZE];

	if (number_known(signo))
		set(object, "signal",
		    json_pack("{s:I, s:s}", "number", (json_int_t)signo, "name",
			      signame_format(signo, name)));
}

static json_t *make_subject(const struct review *review)
{
	static const char *const keys[] = {
		[SUBJECT_UNIT] = "unit",
		[SUBJECT_PID] = "pid",
		[SUBJECT_CONTAINER] = "container",
		[SUBJECT_NAME] = "comm",
	};
	const struct review_subject *subject = &review->subject;
	json_t *object = json_object();

	set_bytes(object, keys[subject->kind], subject->name);
	set_bytes(object, "host", review->host);
	set_number(object, "pid", subject->pid);
	if (subject->is_owned)
		set_number(object, "owner", subject->owner);
	if (subject->kind != SUBJECT_UNIT)
		set_bytes(object, "unit", subject->unit);
	return object;
}

static json_t *make_end(const struct verdict *v)
{
	json_t *object = json_object();
	const char *how = ending_how_name(v->how);

	set_time(object, "time", v->end_usec);
	if (how)
		set(object, "how", json_string(how));
	set_number(object, "status", v->status);
	set_signal(object, v->signo);
	set_bytes(object, "result", v->result);
	return object;
}

/* The lines of a text, an array. */
static json_t *make_lines(const struct buffer *text)
{
	json_t *array = json_array();
	const char *p = text->data ? text->data : "";

	while (*p) {
		size_t len = strcspn(p, "\n");

		(void)json_array_append_new(array, json_stringn(p, len));
		p += len + (p[len] == '\n');
	}
	return array;
}

static json_t *make_gaps(const struct verdict *v, const struct review_show *show)
{
	json_t *array = json_array();
	struct buffer text = { 0 };

	for (size_t i = 0; i < v->n_gaps; i++) {
		const struct review_gap *gap = &v->gaps[i];
		json_t *object = json_object();

		buffer_reset(&text);
		review_add_gap(&text, gap, show);
		set(object, "cause", json_string(gap_cause_name(gap)));
		set_time(object, "since", gap->since_usec);
		set_time(object, "until", gap->until_usec);
		if (gap->event)
			set_number(object, "lost", gap->event->trail.lost);
		set(object, "text", json_string(text.data ? text.data : ""));
		(void)json_array_append_new(array, object);
	}
	buffer_free(&text);
	return array;
}

static const char *source_of(const struct review_item *item)
{
	if (item->event)
		return "sigtrail";
	switch (item->ending.kind) {
	case ENDING_KERNEL_OOM:
	case ENDING_OOM_CHOICE:
		return "kernel";
	case ENDING_COREDUMP:
		return "systemd-coredump";
	default:
		return "systemd";
	}
}

static json_t *make_item(const struct review_item *item)
{
	json_t *object = json_object();
	struct buffer text = { 0 };

	set_time(object, "time", item->time_usec);
	set(object, "source", json_string(source_of(item)));
	if (item->event) {
		text_message(&text, item->event);
		set(object, "text", json_string(text.data ? text.data : ""));
		buffer_reset(&text);
		if (json_line(&text, item->event) == 0)
			set(object, "event", json_loads(text.data, 0, NULL));
	} else {
		set_bytes(object, "text", item->ending.message);
	}
	buffer_free(&text);
	return object;
}

static json_t *make_evidence(const struct verdict *v)
{
	json_t *array = json_array();

	for (size_t i = 0; i < v->n_evidence; i++)
		(void)json_array_append_new(array, make_item(v->evidence[i]));
	return array;
}

static json_t *make_timeline(const struct review *review, const struct verdict *v)
{
	json_t *array = json_array();

	for (size_t i = 0; i < review->n_items; i++) {
		if (review_tells(&review->items[i], v))
			(void)json_array_append_new(array, make_item(&review->items[i]));
	}
	return array;
}

int why_json(struct buffer *out, const struct review *review, const struct verdict *v,
	     const struct review_show *show)
{
	json_t *root = json_object();
	struct buffer text = { 0 };
	char *line;

	set(root, "subject", make_subject(review));
	if (number_known(v->end_usec) || v->how == HOW_RUNNING)
		set(root, "end", make_end(v));
	set(root, "verdict", json_string(verdict_name(v->word)));
	set(root, "complete", json_boolean(v->complete));
	set(root, "gaps", make_gaps(v, show));
	review_add_verdict(&text, review, v, show);
	set(root, "sentences", make_lines(&text));
	buffer_reset(&text);
	review_add_advice(&text, review, v);
	set(root, "advice", make_lines(&text));
	set(root, "evidence", make_evidence(v));
	set(root, "timeline", make_timeline(review, v));
	line = json_dumps(root, JSON_COMPACT);
	if (line) {
		buffer_add_string(out, line);
		buffer_add_char(out, '\n');
	}
	free(line);
	buffer_free(&text);
	json_decref(root);
	return line && !out->failed ? 0 : -ENOMEM;
}
