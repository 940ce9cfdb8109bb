/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/view.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/fit.h"
#include "cli/view_layout.h"
#include "core/json.h"
#include "suite.h"

#define TIME 1795300047191000 /* 2026-11-21T22:27:27.191Z */
#define HOUR 3600000000LL

static char *shown;
static size_t shown_len;
static FILE *out;
static struct sink *view;
static struct signal_event ev;

static void set_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

static struct view_want wanted(enum view_format format, int width)
{
	return (struct view_want){ .format = format, .width = width };
}

static void begin(struct view_want want)
{
	free(shown);
	shown = NULL;
	out = open_memstream(&shown, &shown_len);
	ck_assert_int_eq(view_new(&view, out, &want), 0);
}

static void write_one(void)
{
	ck_assert_int_eq(sink_write(view, &ev), 0);
}

static const char *end(void)
{
	ck_assert_int_eq(sink_flush(view), 0);
	sink_free(view);
	fclose(out);
	return shown;
}

/* pkill[4312] signals java[684] by kill(2). */
static void set_signal(int64_t signo)
{
	size_t n;

	event_init(&ev, EVENT_SIGNAL, TIME);
	ev.call = sigcall_table(&n);
	ev.serial = 5;
	ev.result = 0;
	ev.signo = signo;
	ev.scope = SCOPE_PROCESS;
	ev.argument = 684;
	ev.has_target = true;
	ev.sender.pid = 4312;
	ev.sender.comm = "pkill";
	ev.sender.exe = "/usr/bin/pkill";
	ev.sender.uid = 0;
	ev.sender.unit = "cron.service";
	ev.target.pid = 684;
	ev.target.comm = "java";
	ev.target.exe = "/usr/bin/java";
	ev.target.unit = "tomcat.service";
}

static void set_stale(void)
{
	set_signal(SIGTERM);
	ev.argument = 731;
	ev.target.tid = 731;
	ev.target.thread = "GC-worker";
	ev.target.unit = "tomcat-with-long-name.service";
	ev.sender.uid = 1234567;
	ev.notes[ev.n_notes++] = "thread-target";
	ev.notes[ev.n_notes++] = "stale-pidfile=/var/lib/second/second.pid";
}

/* Wide characters in the one name, an escape sequence in the other. */
static void set_hostile(void)
{
	set_signal(SIGRTMIN + 15);
	ev.result = EPERM;
	ev.sender.pid = 1234567;
	ev.sender.comm = "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac";
	ev.target.comm = "x\x1b[2J]\n (root)";
	ev.node = "web\x1b[1m1";
}

static void set_trail(void)
{
	event_init_trail(&ev, TRAIL_INCOMPLETE, TIME + HOUR);
	ev.node = "web2";
	ev.trail.lost = 12;
	ev.trail.of = OF_EVENTS;
	ev.trail.cause = CAUSE_SOCKET_OVERRUN;
	ev.trail.since_usec = ev.time_usec - 7190000;
	ev.trail.until_usec = ev.time_usec - 5891000;
}

static void set_death(void)
{
	event_init(&ev, EVENT_DEATH, TIME + HOUR);
	ev.has_target = true;
	ev.signo = SIGSEGV;
	ev.reason = "core dump";
	ev.target.pid = 12;
	ev.target.comm = "vsftpd";
	ev.target.exe = "/usr/sbin/vsftpd";
}

static const char *show_all(struct view_want want)
{
	begin(want);
	set_signal(SIGTERM);
	write_one();
	set_stale();
	write_one();
	set_hostile();
	write_one();
	set_signal(SIGKILL);
	ev.has_target = false;
	ev.argument = 999999;
	ev.result = ESRCH;
	write_one();
	set_trail();
	write_one();
	set_death();
	write_one();
	return end();
}

START_TEST(view_table_of_80_columns)
{
	set_zone("Europe/Berlin");
	ck_assert_str_eq(show_all(wanted(VIEW_TABLE, 80)),
			 "TIME     UNIT           SENDER             TARGET         "
			 "SIGNAL   HOW    RESULT\n"
			 "-- 2026-11-21\n"
			 "23:27:27 tomcat.service pkill[4312]        java[684]      "
			 "SIGTERM  kill   ok\n"
			 "23:27:27 tomcat-with-l… pkill[4312]        java[684]      "
			 "SIGTERM  kill   ok\n"
			 "         via thread GC-worker[731], "
			 "stale-pidfile=/var/lib/second/second.pid\n"
			 "23:27:27 tomcat.service 日本語日…[1234567] \"x\\x1b[2…[684] "
			 "RTMIN+15 kill   EPERM\n"
			 "23:27:27 tomcat.service pkill[4312]        process 999999 "
			 "SIGKILL  kill   ESRCH\n"
			 "-- 2026-11-22\n"
			 "00:27:27 -- trail incomplete: 12 events lost (socket-overrun), "
			 "00:27:20.001 to\n"
			 "         00:27:21.300\n"
			 "00:27:27 -              kernel             vsftpd[12]     "
			 "SIGSEGV  died   -\n"
			 "         core dump\n");
}
END_TEST

START_TEST(view_table_of_40_columns)
{
	set_zone("Europe/Berlin");
	ck_assert_str_eq(show_all(wanted(VIEW_TABLE, 40)),
			 "TIME     SENDER      TARGET     SIGNAL\n"
			 "-- 2026-11-21\n"
			 "23:27:27 pkill[4312] java[684]  SIGTERM\n"
			 "23:27:27 pkill[4312] java[684]  SIGTERM\n"
			 "         via thread GC-worker[731],\n"
			 "         stale-pidfile=/var/lib/second/second.pid\n"
			 "23:27:27 …[1234567]  \"x\\x…[684] RTMIN+15\n"
			 "         EPERM\n"
			 "23:27:27 pkill[4312] pro…999999 SIGKILL\n"
			 "         ESRCH\n"
			 "-- 2026-11-22\n"
			 "00:27:27 -- trail incomplete: 12 events\n"
			 "         lost (socket-overrun),\n"
			 "         00:27:20.001 to 00:27:21.300\n"
			 "00:27:27 kernel      vsftpd[12] SIGSEGV\n"
			 "         core dump\n");
}
END_TEST

START_TEST(view_table_of_200_columns_with_hosts_in_utc)
{
	struct view_want want = wanted(VIEW_TABLE, 200);

	want.hosts = true;
	want.utc = true;
	set_zone("Europe/Berlin");
	ck_assert_str_eq(
		show_all(want),
		"TIME         HOST            UNIT                    SENDER             "
		"             PROGRAM                TARGET                  SIGNAL      "
		"HOW               RESULT NOTES\n"
		"-- 2026-11-21 UTC\n"
		"22:27:27.191 -               tomcat.service          pkill[4312]        "
		"             /usr/bin/pkill         java[684]               SIGTERM     "
		"kill              ok\n"
		"22:27:27.191 -               tomcat-with-long-name   pkill[4312] uid "
		"1234567         /usr/bin/pkill         java[684]               SIGTERM  "
		"   kill              ok\n"
		"             via thread GC-worker[731], "
		"stale-pidfile=/var/lib/second/second.pid\n"
		"22:27:27.191 \"web\\x1b[1m1\"   tomcat.service          "
		"日本語日本[1234567]             /usr/bin/pkill         "
		"\"x\\x1b[2J]\\x0a (r…[684] SIGRTMIN+15 kill              EPERM\n"
		"22:27:27.191 -               tomcat.service          pkill[4312]        "
		"             /usr/bin/pkill         process 999999          SIGKILL     "
		"kill              ESRCH\n"
		"23:27:27.191 web2            -- trail incomplete: 12 events lost "
		"(socket-overrun), 23:27:20.001Z to 23:27:21.300Z\n"
		"23:27:27.191 -               -                       kernel             "
		"             -                      vsftpd[12]              SIGSEGV     "
		"died              -      core dump\n");
}
END_TEST

START_TEST(view_table_is_never_wider_than_the_terminal)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);

	set_zone("UTC");
	for (int width = 1; width < 400; width++) {
		size_t most = width < VIEW_WIDTH_MIN ? VIEW_WIDTH_MIN : (size_t)width;
		struct view_want want = wanted(VIEW_TABLE, width);
		locale_t before;
		char *line;

		want.hosts = width % 2;
		show_all(want);
		before = fit_begin(utf8);
		/* A path isn't broken. */
		for (line = strtok(shown, "\n"); line; line = strtok(NULL, "\n"))
			ck_assert_msg(fit_width(line, strlen(line)) <= most ||
					      strstr(line, "  stale-pidfile="),
				      "%d: %s", width, line);
		fit_end(before);
	}
	freelocale(utf8);
}
END_TEST

START_TEST(view_columns_fill_the_terminal_whatever_its_width)
{
	struct view_layout layout;

	for (int width = VIEW_WIDTH_MIN; width < 1000; width++) {
		int used = -1;

		view_layout(&layout, width, width % 3 == 0);
		for (int c = 0; c < COLUMN_COUNT; c++)
			used += layout.columns[c] ? layout.columns[c] + 1 : 0;
		ck_assert_int_le(used, width);
		/* From where there are notes, they take what nobody else needs. */
		if (width >= 120)
			ck_assert_int_eq(used, width);
	}
}
END_TEST

START_TEST(view_colours_only_signals_and_notes_and_only_where_wanted)
{
	struct view_want want = wanted(VIEW_TABLE, 130);

	set_zone("UTC");
	ck_assert_ptr_null(strchr(show_all(want), '\x1b'));
	want.colour = true;
	begin(want);
	set_stale();
	write_one();
	set_signal(SIGKILL);
	write_one();
	set_signal(SIGCHLD);
	write_one();
	set_trail();
	write_one();
	ck_assert_str_eq(end(),
			 "TIME         UNIT                SENDER                    "
			 "TARGET              SIGNAL      HOW    RESULT NOTES\n"
			 "-- 2026-11-21\n"
			 "22:27:27.191 tomcat-with-long-n… pkill[4312] uid 1234567   "
			 "java[684]           \033[33mSIGTERM    \033[0m kill   ok\n"
			 "             \033[33mvia thread GC-worker[731], "
			 "stale-pidfile=/var/lib/second/second.pid\033[0m\n"
			 "22:27:27.191 tomcat.service      pkill[4312]               "
			 "java[684]           \033[31mSIGKILL    \033[0m kill   ok\n"
			 "22:27:27.191 tomcat.service      pkill[4312]               "
			 "java[684]           SIGCHLD     kill   ok\n"
			 "23:27:27.191 \033[33m-- trail incomplete: 12 events lost "
			 "(socket-overrun), 23:27:20.001 to 23:27:21.300\033[0m\n");
}
END_TEST

START_TEST(view_table_says_the_date_when_it_changes)
{
	set_zone("UTC");
	begin(wanted(VIEW_TABLE, 60));
	set_signal(SIGTERM);
	write_one();
	ev.time_usec += 1000000;
	write_one();
	ev.time_usec += 24 * HOUR;
	write_one();
	ck_assert_str_eq(end(),
			 "TIME     SENDER                  TARGET             SIGNAL\n"
			 "-- 2026-11-21\n"
			 "22:27:27 pkill[4312]             java[684]          SIGTERM\n"
			 "22:27:28 pkill[4312]             java[684]          SIGTERM\n"
			 "-- 2026-11-22\n"
			 "22:27:28 pkill[4312]             java[684]          SIGTERM\n");
}
END_TEST

START_TEST(view_short_is_the_daemons_line_in_local_time)
{
	struct view_want want = wanted(VIEW_SHORT, 0);

	set_zone("America/New_York");
	begin(want);
	set_signal(SIGTERM);
	ev.repeated = 480;
	ev.since_usec = TIME - 10000000;
	write_one();
	ck_assert_str_eq(end(), "2026-11-21T17:27:27.191-05:00 SIGTERM from pkill[4312] "
				"(/usr/bin/pkill, uid 0, cron.service) to java[684] "
				"(/usr/bin/java, tomcat.service), 480 more since "
				"2026-11-21T17:27:17.191-05:00\n");
	want.utc = true;
	begin(want);
	set_trail();
	write_one();
	ck_assert_str_eq(end(),
			 "2026-11-21T23:27:27.191Z trail incomplete: 12 events lost "
			 "(socket-overrun), 23:27:20.001Z to 23:27:21.300Z\n");
	want.hosts = true;
	begin(want);
	set_trail();
	write_one();
	set_death();
	write_one();
	ck_assert_str_eq(end(),
			 "2026-11-21T23:27:27.191Z web2 trail incomplete: 12 events lost "
			 "(socket-overrun), 23:27:20.001Z to 23:27:21.300Z\n"
			 "2026-11-21T23:27:27.191Z vsftpd[12] (/usr/sbin/vsftpd) died of "
			 "SIGSEGV (core dump)\n");
}
END_TEST

START_TEST(view_tells_the_two_hours_apart_when_the_clock_is_set_back)
{
	set_zone("Europe/Berlin");
	begin(wanted(VIEW_SHORT, 0));
	set_death();
	ev.time_usec = 1792888200LL * 1000000; /* 2026-10-25T00:30:00Z */
	write_one();
	ev.time_usec += HOUR;
	write_one();
	ck_assert_str_eq(end(), "2026-10-25T02:30:00.000+02:00 vsftpd[12] "
				"(/usr/sbin/vsftpd) died of SIGSEGV (core dump)\n"
				"2026-10-25T02:30:00.000+01:00 vsftpd[12] "
				"(/usr/sbin/vsftpd) died of SIGSEGV (core dump)\n");
}
END_TEST

START_TEST(view_verbose_tells_all_that_is_known)
{
	static const struct ancestor ancestors[] = {
		{ 4310, "sh", "/bin/sh", "cron.service" },
		{ 500, "cron", "/usr/sbin/cron", "cron.service" },
		{ 1, "systemd", NULL, "init.scope" },
	};

	set_zone("Europe/Berlin");
	begin(wanted(VIEW_VERBOSE, 0));
	set_stale();
	ev.sender.auid = NUMBER_NULL;
	ev.sender.cmdline = (struct bytes){ "pkill\0-f\0a\x1b b", 13 };
	ev.sender.ancestry = (struct ancestry){ ancestors, 3 };
	write_one();
	ck_assert_str_eq(
		end(),
		"2026-11-21T23:27:27.191+01:00 SIGTERM from pkill[4312] (/usr/bin/pkill, "
		"uid 1234567, cron.service) to java[684] (/usr/bin/java, "
		"tomcat-with-long-name.service), via thread GC-worker[731], "
		"stale-pidfile=/var/lib/second/second.pid\n"
		"    time: 2026-11-21T23:27:27.191+01:00\n"
		"    serial: 5\n"
		"    syscall: kill\n"
		"    result: success\n"
		"    signal.number: 15\n"
		"    signal.name: SIGTERM\n"
		"    scope: process\n"
		"    argument: 731\n"
		"    notes: thread-target, stale-pidfile=/var/lib/second/second.pid\n"
		"    sender.pid: 4312\n"
		"    sender.uid: 1234567\n"
		"    sender.auid: none\n"
		"    sender.comm: pkill\n"
		"    sender.exe: /usr/bin/pkill\n"
		"    sender.cmdline: pkill -f 'a\\x1b b'\n"
		"    sender.unit: cron.service\n"
		"    sender.ancestry:\n"
		"        systemd[1] (init.scope)\n"
		"          cron[500] (cron.service)\n"
		"            sh[4310]\n"
		"              pkill[4312]\n"
		"    target.pid: 684\n"
		"    target.tid: 731\n"
		"    target.thread: GC-worker\n"
		"    target.comm: java\n"
		"    target.exe: /usr/bin/java\n"
		"    target.unit: tomcat-with-long-name.service\n"
		"\n");
}
END_TEST

START_TEST(view_json_is_the_daemons)
{
	struct buffer line = { 0 };

	begin(wanted(VIEW_JSON, 0));
	set_hostile();
	write_one();
	ck_assert_int_eq(json_line(&line, &ev), 0);
	ck_assert_str_eq(end(), line.data);
	buffer_free(&line);
}
END_TEST

START_TEST(view_export_frames_what_has_a_newline)
{
	static const char framed[] =
		"\nTARGET_COMM\n\x10\0\0\0\0\0\0\0x\x1b[2J]\n (root)yz\n";

	begin(wanted(VIEW_EXPORT, 0));
	set_hostile();
	ev.target.comm = "x\x1b[2J]\n (root)yz";
	write_one();
	end();
	ck_assert_int_eq(
		strncmp(shown,
			"__REALTIME_TIMESTAMP=1795300047191000\n_UID=0\n"
			"_HOSTNAME=web\x1b[1m1\nMESSAGE=SIGRTMIN+15 from ",
			strlen("__REALTIME_TIMESTAMP=1795300047191000\n_UID=0\n"
			       "_HOSTNAME=web\x1b[1m1\nMESSAGE=SIGRTMIN+15 from ")),
		0);
	ck_assert_ptr_nonnull(memmem(shown, shown_len, framed, sizeof(framed) - 1));
	ck_assert_mem_eq(shown + shown_len - 2, "\n\n", 2);
}
END_TEST

START_TEST(view_shows_the_first_lines_at_once)
{
	const struct view_want want = wanted(VIEW_TABLE, 80);
	char line[4096];
	int fds[2];

	set_zone("UTC");
	ck_assert_int_eq(pipe2(fds, O_NONBLOCK), 0);
	out = fdopen(fds[1], "w");
	ck_assert_int_eq(view_new(&view, out, &want), 0);
	set_signal(SIGTERM);
	write_one();
	ck_assert_int_gt(read(fds[0], line, sizeof(line)), 80);
	sink_free(view);
	fclose(out);
	close(fds[0]);
}
END_TEST

/* The i-th of a trail with rows, notes on lines of their own, trail entries, dates. */
static void set_any(unsigned i)
{
	static void (*const kinds[])(void) = { set_stale, set_hostile, set_death,
					       set_trail };

	if (i % 7 < 4)
		set_signal(i % 3 ? SIGTERM : SIGKILL);
	else
		kinds[i % 4]();
	if (i % 7 < 4)
		ev.sender.pid = i;
	ev.time_usec += i * 60000000LL;
}

static char *shown_flushed_after(unsigned events, struct view_want want)
{
	begin(want);
	for (unsigned i = 0; i < 3000; i++) {
		set_any(i);
		write_one();
		if (i % events == events - 1)
			ck_assert_int_eq(sink_flush(view), 0);
	}
	return strdup(end());
}

START_TEST(view_table_is_the_same_held_back_or_at_once)
{
	static const int widths[] = { 40, 80, 200 };

	for (size_t i = 0; i < 6; i++) {
		struct view_want want = wanted(VIEW_TABLE, widths[i / 2]);
		char *at_once, *held;

		want.colour = i % 2;
		at_once = shown_flushed_after(1, want);
		held = shown_flushed_after(5000, want);
		ck_assert_str_eq(at_once, held);
		free(held);
		held = shown_flushed_after(37, want);
		ck_assert_str_eq(at_once, held);
		free(at_once);
		free(held);
	}
}
END_TEST

static void check_held(void (*set)(void), size_t bytes)
{
	size_t before;

	begin(wanted(VIEW_TABLE, 80));
	for (size_t i = 0; i < 20000; i++) {
		set();
		write_one();
	}
	fflush(out);
	before = shown_len;
	end();
	ck_assert_uint_gt(before, 100000);
	ck_assert_uint_lt(shown_len - before, bytes);
}

START_TEST(view_table_holds_back_little)
{
	check_held(set_death, 100000);
	check_held(set_stale, 200000);
	check_held(set_trail, 100000);
}
END_TEST

START_TEST(view_ends_where_nobody_reads)
{
	const struct view_want want = wanted(VIEW_TABLE, 80);
	int fds[2];

	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(pipe(fds), 0);
	close(fds[0]);
	out = fdopen(fds[1], "w");
	ck_assert_int_eq(view_new(&view, out, &want), 0);
	set_signal(SIGTERM);
	ck_assert_int_eq(sink_write(view, &ev), -EPIPE);
	sink_free(view);
	fclose(out);
}
END_TEST

START_TEST(view_ends_soon_where_the_reader_went)
{
	const struct view_want want = wanted(VIEW_TABLE, 80);
	int fds[2], r = 0, n = 0;

	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(pipe(fds), 0);
	out = fdopen(fds[1], "w");
	ck_assert_int_eq(view_new(&view, out, &want), 0);
	set_signal(SIGTERM);
	for (; n < 40; n++)
		write_one();
	close(fds[0]);
	while (r == 0 && n++ < 1000)
		r = sink_write(view, &ev);
	ck_assert_int_eq(r, -EPIPE);
	ck_assert_int_eq(sink_flush(view), -EPIPE);
	sink_free(view);
	fclose(out);
}
END_TEST

START_TEST(view_says_that_the_disk_is_full)
{
	const struct view_want want = wanted(VIEW_JSON, 0);

	out = fopen("/dev/full", "w");
	ck_assert_int_eq(view_new(&view, out, &want), 0);
	set_signal(SIGTERM);
	ck_assert_int_eq(sink_write(view, &ev), -ENOSPC);
	sink_free(view);
	fclose(out);
}
END_TEST

START_TEST(view_formats_have_names)
{
	struct reason reason;
	enum view_format format;

	ck_assert_int_eq(view_format_parse(&format, "verbose", &reason), 0);
	ck_assert_int_eq(format, VIEW_VERBOSE);
	ck_assert_int_eq(view_format_parse(&format, "x\x1b", &reason), -EINVAL);
	ck_assert_str_eq(reason.text, "there is no format x\\x1b: choose table, short, "
				      "verbose, json or export");
}
END_TEST

SUITE("view", view_table_of_80_columns, view_table_of_40_columns,
      view_table_of_200_columns_with_hosts_in_utc,
      view_table_is_never_wider_than_the_terminal,
      view_columns_fill_the_terminal_whatever_its_width,
      view_colours_only_signals_and_notes_and_only_where_wanted,
      view_table_says_the_date_when_it_changes,
      view_short_is_the_daemons_line_in_local_time,
      view_tells_the_two_hours_apart_when_the_clock_is_set_back,
      view_verbose_tells_all_that_is_known, view_json_is_the_daemons,
      view_export_frames_what_has_a_newline, view_shows_the_first_lines_at_once,
      view_table_is_the_same_held_back_or_at_once, view_table_holds_back_little,
      view_ends_where_nobody_reads, view_ends_soon_where_the_reader_went,
      view_says_that_the_disk_is_full, view_formats_have_names)
