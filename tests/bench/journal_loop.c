/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* journal_loop: sends entries again and again by libsystemd, as a program that logs does.
 *
 *     journal_loop COUNT FILE     the fields, one a line; behind each entry an empty line
 *
 * Says {"sent", "cpu_seconds"}. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <time.h>

#define FIELDS_MAX  128
#define ENTRIES_MAX 128

struct entry {
	struct iovec fields[FIELDS_MAX];
	int n;
};

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int read_fields(FILE *file, struct iovec *fields)
{
	size_t size = 0;
	ssize_t len;
	int n = 0;

	while (n < FIELDS_MAX) {
		char *line = NULL;

		len = getline(&line, &size, file);
		if (len <= 1) {
			free(line);
			break;
		}
		size = 0;
		fields[n++] = (struct iovec){ line, (size_t)len - 1 };
	}
	return n;
}

static int read_entries(const char *path, struct entry *entries)
{
	FILE *file = fopen(path, "r");
	int n = 0;

	if (!file)
		return 0;
	while (n < ENTRIES_MAX &&
	       (entries[n].n = read_fields(file, entries[n].fields)) > 0)
		n++;
	fclose(file);
	return n;
}

int main(int argc, char **argv)
{
	static struct entry entries[ENTRIES_MAX];
	long count = argc == 3 ? strtol(argv[1], NULL, 10) : 0;
	int n = count > 0 ? read_entries(argv[2], entries) : 0;
	double cpu = cpu_seconds();

	if (n == 0) {
		fprintf(stderr, "usage: journal_loop COUNT FILE\n");
		return 2;
	}
	for (long i = 0; i < count; i++) {
		const struct entry *entry = &entries[i % n];

		if (sd_journal_sendv(entry->fields, entry->n) < 0) {
			perror("journal_loop");
			return 1;
		}
	}
	cpu = cpu_seconds() - cpu;
	for (int i = 0; i < n; i++)
		for (int k = 0; k < entries[i].n; k++)
			free(entries[i].fields[k].iov_base);
	printf("{\"sent\":%ld,\"cpu_seconds\":%.6f}\n", count, cpu);
	return 0;
}
