/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/finding.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Cut text must not end within a character. */
__attribute__((format(printf, 2, 0))) static void format_into(
	char text[FINDING_TEXT_BYTES], const char *format, va_list args)
{
	int n = vsnprintf(text, FINDING_TEXT_BYTES, format, args);
	size_t end = FINDING_TEXT_BYTES - 1;

	if (n < FINDING_TEXT_BYTES)
		return;
	while (end && (unsigned char)text[end - 1] >= 0x80)
		end--;
	text[end] = '\0';
}

void finding_add(struct findings *findings, enum finding_status status, const char *check,
		 const char *format, ...)
{
	struct finding *f;
	va_list args;

	if (findings->n < FINDINGS_MAX)
		findings->n++;
	f = &findings->of[findings->n - 1];
	*f = (struct finding){ .status = status, .check = check };
	va_start(args, format);
	format_into(f->text, format, args);
	va_end(args);
}

void finding_advise(struct findings *findings, const char *format, ...)
{
	struct finding *f;
	va_list args;

	if (!findings->n)
		return;
	f = &findings->of[findings->n - 1];
	va_start(args, format);
	format_into(f->advice, format, args);
	va_end(args);
}

const char *finding_status_name(enum finding_status status)
{
	static const char *const names[] = { "ok", "warning", "unchecked", "problem" };

	return names[status];
}

enum finding_status finding_worst(const struct findings *findings)
{
	enum finding_status worst = FINDING_OK;

	for (size_t i = 0; i < findings->n; i++)
		if (findings->of[i].status > worst)
			worst = findings->of[i].status;
	return worst;
}

void finding_text(struct buffer *out, const struct finding *finding)
{
	buffer_printf(out, "%-9s %-14s %s", finding_status_name(finding->status),
		      finding->check, finding->text);
	if (finding->advice[0])
		buffer_printf(out, "; %s", finding->advice);
	buffer_add_char(out, '\n');
}

static json_t *to_json(const struct finding *finding)
{
	json_t *object =
		json_pack("{s:s, s:s, s:s}", "check", finding->check, "status",
			  finding_status_name(finding->status), "text", finding->text);

	if (object && finding->advice[0] &&
	    json_object_set_new(object, "advice", json_string(finding->advice)) < 0) {
		json_decref(object);
		return NULL;
	}
	return object;
}

int finding_json(struct buffer *out, const struct findings *findings)
{
	json_t *checks = json_array(), *all;
	char *text;

	for (size_t i = 0; checks && i < findings->n; i++) {
		if (json_array_append_new(checks, to_json(&findings->of[i])) == 0)
			continue;
		json_decref(checks);
		checks = NULL;
	}
	all = json_pack("{s:s, s:o}", "status",
			finding_status_name(finding_worst(findings)), "checks", checks);
	text = all ? json_dumps(all, JSON_COMPACT) : NULL;
	json_decref(all);
	if (!text)
		return -ENOMEM;
	buffer_add_string(out, text);
	free(text);
	return out->failed ? -ENOMEM : 0;
}
