/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <syslog.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "cli/account.h"
#include "cli/child.h"
#include "cli/command.h"
#include "cli/trace.h"
#include "io/config_file.h"
#include "io/identity.h"
#include "io/now.h"
#include "io/sink_stream.h"
#include "trail/output.h"
#include "trail/recorder.h"
#include "trail/say.h"
#include "trail/sieve.h"

#define QUEUE_BYTES (8 * 1024 * 1024)
/* How long a record may take. */
#define RECORD_USEC 500000
/* What is told of children before our own signals get their turn. */
#define REAPED_A_TURN 64

static const char run_help[] =
	"Usage: sigtrail run [OPTION]... -- COMMAND [ARG...]\n"
	"\n"
	"Runs COMMAND, tells on standard error of every signal that it or its children "
	"get,\n"
	"and at the end how it ended: by an exit code or by a signal, and after what.\n"
	"Signals that sigtrail gets are passed on to COMMAND. As the first process of a\n"
	"container it reaps orphans too.\n"
	"\n"
	"With audit rights it tells who sent each signal from the kernel's audit; "
	"without,\n"
	"only of those sent to sigtrail itself.\n"
	"\n"
	"  --trace            follow COMMAND by ptrace: every signal delivered, those of "
	"the\n"
	"                     kernel too; no audit rights needed, slower\n"
	"  -o text|json       --json is short for -o json\n"
	"  -h, --help\n"
	"\n"
	"Exit status: COMMAND's own; 128 + N if signal N ended it; 125: sigtrail failed, "
	"126:\n"
	"COMMAND can't be executed, 127: there is no such COMMAND.\n";

struct run {
	bool trace;
	bool json;
	char **command;
	struct child_signals given;
	sd_event *loop;
	sd_event_source *signals;
	sd_event_source *children; /* running: there may be more to reap */
	int signal_fd;
	int proc_fd;
	struct config *config;
	struct output output;
	struct recorder *recorder;   /* NULL: signals aren't told by audit */
	struct identity *identity;   /* of senders that no record tells of */
	sd_event_source *unrecorded; /* running: a record is awaited */
	struct account account;
	struct child child;
};

/* --- what is told where the records of the kernel don't --- */

static void tell(struct run *run, const struct siginfo_facts *facts, int64_t time_usec,
		 pid_t pid, pid_t tid)
{
	char note[SIGINFO_NOTE_SIZE];
	struct signal_event ev;

	event_init(&ev, EVENT_SIGNAL, time_usec);
	siginfo_describe(&ev, facts, note);
	ev.has_target = true;
	ev.target.pid = pid;
	identity_begin_batch(run->identity, now_read_usec(CLOCK_REALTIME),
			     now_read_usec(CLOCK_BOOTTIME));
	identity_describe(run->identity, &ev);
	/* What went to the process is taken by whichever thread has time. */
	if (ev.scope == SCOPE_THREAD)
		ev.target.tid = tid;
	(void)sink_write(run->output.sink, &ev);
	output_flush(&run->output);
}

static void on_traced_signal(const struct trace_signal *signal, void *userdata)
{
	tell(userdata, &signal->info, now_read_usec(CLOCK_REALTIME), signal->pid,
	     signal->tid);
}

/* A signal to us. With audit its record tells more, if there is one. */
static void tell_own(struct run *run, const struct siginfo_facts *facts)
{
	int64_t now = now_read_usec(CLOCK_REALTIME);

	if (!run->recorder || !account_await(&run->account, facts, now)) {
		tell(run, facts, now, getpid(), getpid());
		return;
	}
	(void)sd_event_source_set_time_relative(run->unrecorded, RECORD_USEC);
	(void)sd_event_source_set_enabled(run->unrecorded, SD_EVENT_ONESHOT);
}

static void tell_unrecorded(struct run *run, int64_t until_usec)
{
	struct account_pending pending;

	while (account_unrecorded(&run->account, until_usec, &pending))
		tell(run, &pending.info, pending.time_usec, getpid(), getpid());
}

static int on_unrecorded(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct run *run = userdata;

	tell_unrecorded(run, now_read_usec(CLOCK_REALTIME) - RECORD_USEC / 2);
	if (run->account.n_pending == 0)
		return 0;
	(void)sd_event_source_set_time_relative(source, RECORD_USEC);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* --- signals --- */

/* All that has happened to children, ours and, as the first process of a container,
 * orphans. */
static void reap(struct run *run)
{
	int status, stop;
	pid_t pid = 1;

	for (int i = 0; i < REAPED_A_TURN; i++) {
		pid = waitpid(-1, &status, __WALL | WNOHANG | WUNTRACED);
		if (pid <= 0)
			break;
		if (WIFSTOPPED(status)) {
			stop = run->trace
				       ? trace_stopped(pid, status, on_traced_signal, run)
				       : WSTOPSIG(status);
			if (pid == run->child.pid && stop)
				child_stopped(&run->child, stop);
		} else if (pid == run->child.pid) {
			run->child.ended = true;
			run->child.status = status;
		}
	}
	if (run->child.ended)
		(void)sd_event_exit(run->loop, 0);
	else if (pid > 0)
		(void)sd_event_source_set_enabled(run->children, SD_EVENT_ONESHOT);
}

static int on_children(sd_event_source *source, void *userdata)
{
	reap(userdata);
	return 0;
}

static void take(struct run *run, const struct signalfd_siginfo *info)
{
	const struct siginfo_facts facts = { (int)info->ssi_signo, info->ssi_code,
					     info->ssi_pid, info->ssi_uid };
	union sigval value = { .sival_ptr = (void *)(uintptr_t)info->ssi_ptr };

	/* Also when somebody sent it: that of a child may have been merged into it. */
	if (facts.signo == SIGCHLD)
		reap(run);
	if (facts.signo == SIGCHLD && !siginfo_has_sender(&facts))
		return;
	tell_own(run, &facts);
	if (facts.signo == SIGCONT)
		child_continue(&run->child);
	else
		child_pass_on(&run->child, facts.signo, facts.code, value);
}

static int on_signals(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct signalfd_siginfo info[16];
	ssize_t n = read(fd, info, sizeof(info));

	for (ssize_t i = 0; i < n / (ssize_t)sizeof(info[0]); i++)
		take(userdata, &info[i]);
	return 0;
}

static int watch_signals(struct run *run)
{
	sigset_t all;
	int r;

	r = child_take_signals(&run->given, &all);
	if (r < 0)
		return r;
	run->signal_fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (run->signal_fd < 0)
		return -errno;
	r = sd_event_new(&run->loop);
	if (r >= 0)
		r = sd_event_add_io(run->loop, &run->signals, run->signal_fd, EPOLLIN,
				    on_signals, run);
	if (r >= 0)
		r = sd_event_add_defer(run->loop, &run->children, on_children, run);
	/* Else it would be first each time. */
	if (r >= 0)
		r = sd_event_source_set_priority(run->children, SD_EVENT_PRIORITY_IDLE);
	if (r >= 0)
		r = sd_event_source_set_enabled(run->children, SD_EVENT_OFF);
	if (r >= 0)
		r = sd_event_add_time(run->loop, &run->unrecorded, CLOCK_MONOTONIC, 0, 0,
				      on_unrecorded, run);
	if (r >= 0)
		r = sd_event_source_set_enabled(run->unrecorded, SD_EVENT_OFF);
	return r;
}

/* --- */

static int open_output(struct run *run)
{
	struct sink *sink;
	int r;

	r = sink_stream_new(&sink, STDERR_FILENO,
			    run->json ? SINK_STREAM_JSON : SINK_STREAM_TEXT, QUEUE_BYTES);
	if (r == 0)
		r = sieve_new(&sink, sink, account_pass, &run->account);
	if (r == 0)
		output_take(&run->output, run->loop, sink, "standard error", false);
	return r;
}

/* Every signal of the host that can concern the command, each with its line. */
static int configure(struct run *run, struct reason *reason)
{
	int r = config_file_read_default(&run->config, "", reason);

	if (r < 0)
		return r;
	run->config->source = SOURCE_MULTICAST;
	run->config->signals_all = true;
	run->config->runtime_noise = false;
	run->config->probes = false;
	run->config->failed = true;
	run->config->manage = true;
	run->config->track = true;
	config_ignore_nothing(run->config);
	run->config->burst.limit = 0;
	return 0;
}

/* Those whose signals no record tells of are looked up when they come. */
static int look_up(struct run *run)
{
	run->proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return run->proc_fd < 0 ? -errno : identity_new(&run->identity, run->proc_fd);
}

static int start(struct run *run, struct reason *reason)
{
	struct reason why = { "" };
	int r;

	r = watch_signals(run);
	if (r >= 0)
		r = open_output(run);
	if (r < 0) {
		reason_set(reason, "can't wait for signals: %s", strerror(-r));
		return r;
	}
	r = configure(run, reason);
	if (r < 0)
		return r;
	r = look_up(run);
	if (r < 0) {
		reason_set(reason, "can't look into /proc: %s", strerror(-r));
		return r;
	}
	/* Before the command is there: a process older than audit is never recorded. */
	if (!run->trace &&
	    recorder_start(&run->recorder, run->loop, run->config, &run->output, false,
			   NULL, NULL, NULL, &why) == 0)
		return 0;
	if (!run->trace) {
		run->account.of = ACCOUNT_RELAY;
		say(LOG_NOTICE,
		    "no audit here (%s), so only signals sent to this process are told "
		    "and "
		    "passed on; those sent straight to the command's pid are not seen, "
		    "--trace shows them",
		    why.text);
	}
	return 0;
}

static int finish(struct run *run)
{
	struct reason reason = { "" };
	int status = child_why_not(&run->child, run->command[0], &reason);
	int64_t now = now_read_usec(CLOCK_REALTIME);

	/* What was recorded until the end comes before it. */
	if (run->recorder)
		recorder_stop(run->recorder, false);
	tell_unrecorded(run, INT64_MAX);
	output_drain(&run->output, false);
	if (status) {
		say(LOG_ERR, "%s", reason.text);
		return status;
	}
	account_say_end(&run->account, run->command[0], run->child.status, now);
	return child_exit_status(&run->child);
}

static int run_command(struct run *run)
{
	struct reason reason = { "" };
	int status = CHILD_BROKEN, r;

	account_init(&run->account, run->trace ? ACCOUNT_TRACE : ACCOUNT_AUDIT,
		     run->json);
	if (start(run, &reason) < 0) {
		say(LOG_ERR, "%s", reason.text);
	} else if (child_start(&run->child, run->command, &run->given, run->trace,
			       &reason) != 0) {
		say(LOG_ERR, "%s", reason.text);
	} else {
		run->account.child = run->child.pid;
		r = sd_event_loop(run->loop);
		if (r < 0)
			say(LOG_ERR, "the event loop broke: %s", strerror(-r));
		else
			status = finish(run);
	}
	child_close(&run->child);
	recorder_free(run->recorder);
	output_free(&run->output);
	identity_free(run->identity);
	config_free(run->config);
	account_clear(&run->account);
	sd_event_source_disable_unref(run->signals);
	sd_event_source_disable_unref(run->children);
	sd_event_source_disable_unref(run->unrecorded);
	sd_event_unref(run->loop);
	return status;
}

static int parse(struct run *run, int argc, char **argv)
{
	static const struct option table[] = {
		{ "trace", no_argument, NULL, 't' },
		{ "output", required_argument, NULL, 'o' },
		{ "json", no_argument, NULL, 'j' },
		{ 0 },
	};
	int c;

	opterr = 0;
	optind = 0;
	while ((c = getopt_long(argc, argv, "+:o:", table, NULL)) != -1) {
		if (c == 't') {
			run->trace = true;
		} else if (c == 'j' || (c == 'o' && strcmp(optarg, "json") == 0)) {
			run->json = true;
		} else if (c == 'o' && strcmp(optarg, "text") == 0) {
			run->json = false;
		} else if (c == 'o') {
			say(LOG_ERR, "-o %s: text and json are what there is", optarg);
			return -EINVAL;
		} else {
			say(LOG_ERR, "%s: %s, see sigtrail run --help", argv[optind - 1],
			    c == ':' ? "needs a value" : "no such option");
			return -EINVAL;
		}
	}
	if (optind == argc) {
		say(LOG_ERR, "run what? sigtrail run -- COMMAND [ARG...]");
		return -EINVAL;
	}
	run->command = argv + optind;
	return 0;
}

static int run_main(int argc, char **argv)
{
	struct run run = { .signal_fd = -1,
			   .proc_fd = -1,
			   .child = { .report = -1, .terminal = -1 } };

	if (parse(&run, argc, argv) < 0)
		return CHILD_BROKEN;
	return run_command(&run);
}

const struct command command_run = {
	"run",
	"runs a command and tells who signals it and how it ends",
	run_help,
	run_main,
};
