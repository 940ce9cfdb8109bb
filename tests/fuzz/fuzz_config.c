/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A sigtrail.conf. What is taken means what it looks like, read line by line; what is
 * refused has a reason that can be shown. */
#include <ctype.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/config.h"
#include "fuzz.h"
#include "io/config_file.h"

static char *trim(char *text)
{
	size_t len;

	while (isspace((unsigned char)*text))
		text++;
	len = strlen(text);
	while (len && isspace((unsigned char)text[len - 1]))
		text[--len] = '\0';
	return text;
}

/* What a person takes it for, who sees no quotes. */
static struct config *read_plainly(struct bytes rest)
{
	struct reason reason = { "" };
	struct config *config;
	char *section = NULL;
	struct bytes line;

	FUZZ_REQUIRE(config_new(&config) == 0);
	while (fuzz_line(&rest, &line)) {
		char *text = fuzz_string(line.data, line.len);
		char *setting, *value;

		text[strcspn(text, "#")] = '\0';
		setting = trim(text);
		value = strchr(setting, '=');
		if (*setting == '[') {
			free(section);
			setting[strcspn(setting, "]")] = '\0';
			section = strdup(trim(setting + 1));
		} else if (value) {
			*value++ = '\0';
			(void)config_set(config, section, trim(setting), trim(value),
					 &reason);
		}
		free(text);
	}
	free(section);
	return config;
}

static void require_equal(const struct config *a, const struct config *b)
{
	FUZZ_REQUIRE(a->source == b->source && a->format == b->format &&
		     a->command_lines == b->command_lines);
	FUZZ_REQUIRE(a->receive_buffer_bytes == b->receive_buffer_bytes);
	FUZZ_REQUIRE(a->signals.low == b->signals.low &&
		     a->signals.max == b->signals.max);
	FUZZ_REQUIRE(a->probes == b->probes && a->failed == b->failed &&
		     a->manage == b->manage && a->runtime_noise == b->runtime_noise);
	FUZZ_REQUIRE(a->track == b->track && a->remember_usec == b->remember_usec &&
		     a->max_processes == b->max_processes);
	FUZZ_REQUIRE(a->burst.limit == b->burst.limit &&
		     a->burst.interval_usec == b->burst.interval_usec &&
		     a->burst.total == b->burst.total);
	FUZZ_REQUIRE(a->n_pid_files == b->n_pid_files && a->n_ignores == b->n_ignores);
	for (size_t i = 0; i < a->n_pid_files; i++)
		FUZZ_REQUIRE(strcmp(a->pid_files[i], b->pid_files[i]) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = fuzz_file(data, size);
	struct reason reason = { "" };
	struct config *config = NULL, *plain;
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	FUZZ_REQUIRE(fchmod(fd, 0600) == 0);
	if (config_file_read(&config, path, &reason) == 0) {
		if (!memchr(data, '"', size) && !memchr(data, '\'', size)) {
			plain = read_plainly((struct bytes){ (const char *)data, size });
			require_equal(config, plain);
			config_free(plain);
		}
		config_free(config);
	} else {
		FUZZ_REQUIRE(reason.text[0]);
		fuzz_require_shown(reason.text, strlen(reason.text), 0);
	}
	close(fd);
	return 0;
}
