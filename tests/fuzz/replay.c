/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gives a fuzz target the inputs that are files, without libFuzzer; as TAP.
 *
 *     fuzz_TARGET FILE_OR_DIRECTORY...
 */
#include <fts.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

/* In memory of exactly its size, so that what reads beyond it is seen. */
static void replay(const FTSENT *file)
{
	size_t size = (size_t)file->fts_statp->st_size;
	FILE *stream = fopen(file->fts_accpath, "r");
	uint8_t *data = malloc(size ? size : 1);

	FUZZ_REQUIRE(stream && data && fread(data, 1, size, stream) == size);
	fclose(stream);
	/* Before it is known to end well. */
	printf("# %s\n", file->fts_path);
	fflush(stdout);
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
}

int main(int argc, char **argv)
{
	FTS *tree = argc > 1 ? fts_open(argv + 1, FTS_LOGICAL | FTS_NOCHDIR, NULL) : NULL;
	FTSENT *file;
	size_t n = 0;

	printf("1..1\n");
	(void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	while (tree && (file = fts_read(tree))) {
		if (file->fts_info != FTS_F)
			continue;
		replay(file);
		n++;
	}
	if (tree)
		fts_close(tree);
	printf("%s 1 - %zu inputs keep what is promised\n", n ? "ok" : "not ok", n);
	return n ? EXIT_SUCCESS : EXIT_FAILURE;
}
