/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines of an audit log, through join in both orders, libauparse and all that is written
 * of an event. */
#include "core/decode.h"
#include "fuzz.h"

static void on_event(struct signal_event *ev, void *userdata)
{
	FUZZ_REQUIRE(ev->kind == EVENT_DEATH || ev->call);
	FUZZ_REQUIRE(!number_known(ev->targets) || ev->index <= ev->targets);
	fuzz_require_event(ev);
}

static void on_joined(const struct joined *joined, void *userdata)
{
	(void)decode_event(userdata, joined);
}

static void on_incomplete(int64_t time_usec, uint64_t serial, void *userdata)
{
}

static void run(struct decode *decode, enum join_order order, struct bytes rest)
{
	struct bytes line;
	struct record record;
	struct join *join;

	FUZZ_REQUIRE(join_new(&join, order, on_joined, on_incomplete, decode) == 0);
	while (fuzz_line(&rest, &line)) {
		if (record_parse_line(line.data, line.len, &record) == 0)
			(void)join_feed(join, &record, record_time_usec(&record));
	}
	join_flush(join);
	join_free(join);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static auparse_state_t *parser;
	struct decode *decode;

	if (!parser)
		parser = auparse_init(AUSOURCE_FEED, NULL);
	FUZZ_REQUIRE(parser && decode_new(&decode, parser, on_event, NULL) == 0);
	run(decode, JOIN_LIVE, (struct bytes){ (const char *)data, size });
	run(decode, JOIN_LOG, (struct bytes){ (const char *)data, size });
	decode_free(decode);
	return 0;
}
