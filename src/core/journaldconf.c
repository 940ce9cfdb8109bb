/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/journaldconf.h"

#include <string.h>
#include <strings.h>

#include "core/bytes.h"

static struct bytes trim(struct bytes b)
{
	while (b.len && strchr(" \t\r", b.data[0])) {
		b.data++;
		b.len--;
	}
	while (b.len && strchr(" \t\r", b.data[b.len - 1]))
		b.len--;
	return b;
}

static bool is(struct bytes b, const char *word)
{
	return b.len == strlen(word) && memcmp(b.data, word, b.len) == 0;
}

static void copy(char text[JOURNALDCONF_VALUE_SIZE], struct bytes value)
{
	if (value.len >= JOURNALDCONF_VALUE_SIZE)
		value.len = JOURNALDCONF_VALUE_SIZE - 1;
	memcpy(text, value.data, value.len);
	text[value.len] = '\0';
}

static void take_setting(struct journaldconf *conf, struct bytes line, bool comment)
{
	const char *sign = memchr(line.data, '=', line.len);
	struct bytes key, value;

	if (!sign)
		return;
	key = trim((struct bytes){ line.data, sign - line.data });
	value = trim((struct bytes){ sign + 1, line.data + line.len - sign - 1 });
	if (comment && is(key, "Audit")) {
		copy(conf->audit_default, value);
	} else if (comment) {
		return;
	} else if (is(key, "Audit")) {
		conf->audit_set = true;
		copy(conf->audit, value);
	} else if (is(key, "RateLimitIntervalSec")) {
		copy(conf->rate_interval, value);
	} else if (is(key, "RateLimitBurst")) {
		copy(conf->rate_burst, value);
	}
}

void journaldconf_parse(struct journaldconf *conf, const char *text, size_t len)
{
	bool within = false;

	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;
		struct bytes line = trim((struct bytes){ text, n });
		bool comment = line.len && strchr("#;", line.data[0]);

		if (comment) {
			line.data++;
			line.len--;
		}
		if (line.len && line.data[0] == '[' && !comment)
			within = is(line, "[Journal]");
		else if (line.len && within)
			take_setting(conf, line, comment);
		text += n + (end != NULL);
		len -= n + (end != NULL);
	}
}

static bool says_no(const char *value)
{
	static const char *const words[] = { "0", "no", "n", "false", "f", "off" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(value, words[i]) == 0)
			return true;
	return false;
}

enum journald_audit journaldconf_audit(const struct journaldconf *conf)
{
	const char *value = conf->audit_set ? conf->audit : conf->audit_default;

	if (conf->audit_set && (!value[0] || strcmp(value, "keep") == 0))
		return JOURNALD_AUDIT_LEAVE;
	return says_no(value) ? JOURNALD_AUDIT_OFF : JOURNALD_AUDIT_ON;
}

bool journaldconf_is_unlimited(const struct journaldconf *conf)
{
	return strcmp(conf->rate_burst, "0") == 0 ||
	       (conf->rate_interval[0] == '0' &&
		!strpbrk(conf->rate_interval, "123456789"));
}
