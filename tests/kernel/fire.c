/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fire: sends each signal that a system call can send, and says what it sent as lines of
 * JSON, which the live test looks for in the daemon's output. Built for 64 and 32 bits.
 *
 *     fire calls ROUNDS     every call in turn, at a child with a thread, and at its
 * group fire flood COUNT      kill(child, SIGUSR1) in a tight loop fire probes COUNT
 * kill(child, 0), and SIGURG to a thread of its own fire namespace        kills from
 * within a new pid namespace fire deaths           a child aborts, one touches address 0
 *     fire many COUNT       one kill(-group) that reaches so many
 *
 * The child ignores what it is sent and dies with its parent. */
#include <errno.h>
#include <linux/audit.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif

struct child {
	pid_t pid;
	pid_t tid;  /* of its thread */
	pid_t mate; /* another process in its group, which it leads */
};

static void die(const char *what)
{
	fprintf(stderr, "fire: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* One line of what was sent; argument and targets as the daemon must tell them. A
 * negative number: null. */
static void tell(const char *call, int signo, const char *result, const char *scope,
		 long argument, bool has_argument, pid_t target, pid_t tid, int targets)
{
	printf("{\"pid\":%d,\"syscall\":\"%s\",\"signo\":%d,\"result\":\"%s\",\"scope\":"
	       "\"%s\",",
	       getpid(), call, signo, result, scope);
	if (has_argument)
		printf("\"argument\":%ld,", argument);
	else
		printf("\"argument\":null,");
	printf("\"target\":%d,\"tid\":%d,\"targets\":%d}\n", target, tid, targets);
}

static void *thread_main(void *arg)
{
	pid_t *tid = arg;

	prctl(PR_SET_NAME, "worker-thr");
	__atomic_store_n(tid, (pid_t)syscall(SYS_gettid), __ATOMIC_SEQ_CST);
	for (;;)
		pause();
	return NULL;
}

static void ignore_all(void)
{
	for (int s = 1; s < 65; s++)
		if (s != SIGKILL && s != SIGSTOP && s != SIGCHLD)
			signal(s, SIG_IGN);
}

static void child_main(volatile pid_t *shared)
{
	pthread_t thread;
	pid_t mate;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	ignore_all();
	if (pthread_create(&thread, NULL, thread_main, (void *)&shared[0]) != 0)
		die("pthread_create");
	while (!shared[0])
		sched_yield();
	mate = fork();
	if (mate == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	shared[1] = mate;
	shared[2] = 1;
	for (;;)
		pause();
}

static struct child make_child(void)
{
	volatile pid_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct child child;

	if (shared == MAP_FAILED)
		die("mmap");
	child.pid = fork();
	if (child.pid < 0)
		die("fork");
	if (child.pid == 0)
		child_main(shared);
	while (!shared[2])
		usleep(100);
	child.tid = shared[0];
	child.mate = shared[1];
	return child;
}

static const char *result_of(long r)
{
	return r == 0 ? "success" : strerrorname_np(errno);
}

static void send_as_nobody(const struct child *c)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		long r;

		if (setresuid(65534, 65534, 65534) < 0)
			die("setresuid");
		r = kill(c->pid, SIGTERM);
		tell("kill", SIGTERM, result_of(r), "process", c->pid, true, c->pid, 0,
		     1);
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void fire_round(const struct child *c)
{
	siginfo_t info = { .si_signo = SIGUSR1, .si_code = SI_QUEUE };
	int pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
	long r;

	if (pidfd < 0)
		die("pidfd_open");
	info.si_pid = getpid();
	r = syscall(SYS_kill, c->pid, SIGTERM);
	tell("kill", SIGTERM, result_of(r), "process", c->pid, true, c->pid, 0, 1);
	r = syscall(SYS_kill, c->tid, SIGUSR1);
	tell("kill", SIGUSR1, result_of(r), "process", c->tid, true, c->pid, c->tid, 1);
	r = syscall(SYS_tkill, c->tid, SIGUSR1);
	tell("tkill", SIGUSR1, result_of(r), "thread", c->tid, true, c->pid, c->tid, 1);
	r = syscall(SYS_tgkill, c->pid, c->tid, SIGUSR2);
	tell("tgkill", SIGUSR2, result_of(r), "thread", c->tid, true, c->pid, c->tid, 1);
	r = syscall(SYS_rt_sigqueueinfo, c->pid, SIGUSR1, &info);
	tell("rt_sigqueueinfo", SIGUSR1, result_of(r), "process", c->pid, true, c->pid, 0,
	     1);
	info.si_signo = 34;
	r = syscall(SYS_rt_tgsigqueueinfo, c->pid, c->tid, 34, &info);
	tell("rt_tgsigqueueinfo", 34, result_of(r), "thread", c->tid, true, c->pid,
	     c->tid, 1);
	r = syscall(SYS_pidfd_send_signal, pidfd, SIGHUP, NULL, 0);
	tell("pidfd_send_signal", SIGHUP, result_of(r), "process", 0, false, c->pid, 0,
	     1);
	r = syscall(SYS_kill, -c->pid, SIGUSR1);
	tell("kill", SIGUSR1, result_of(r), "group", -c->pid, true, c->pid, 0, 2);
	tell("kill", SIGUSR1, result_of(r), "group", -c->pid, true, c->mate, 0, 2);
	r = syscall(SYS_kill, 999999, SIGTERM);
	tell("kill", SIGTERM, result_of(r), "process", 999999, true, 0, 0, 0);
	r = syscall(SYS_kill, c->pid, 99);
	tell("kill", 99, result_of(r), "process", c->pid, true, 0, 0, 0);
	send_as_nobody(c);
	close(pidfd);
}

static void end_child(const struct child *c)
{
	syscall(SYS_kill, -c->pid, SIGKILL);
	tell("kill", SIGKILL, "success", "group", -c->pid, true, c->pid, 0, 2);
	tell("kill", SIGKILL, "success", "group", -c->pid, true, c->mate, 0, 2);
	waitpid(c->pid, NULL, 0);
}

static int fire_calls(int rounds)
{
	for (int i = 0; i < rounds; i++) {
		struct child child = make_child();

		fflush(stdout);
		fire_round(&child);
		end_child(&child);
		fflush(stdout);
	}
	return 0;
}

static int fire_flood(long count)
{
	struct child child = make_child();

	for (long i = 0; i < count; i++)
		syscall(SYS_kill, child.pid, SIGUSR1);
	printf("{\"pid\":%d,\"target\":%d,\"sent\":%ld}\n", getpid(), child.pid, count);
	syscall(SYS_kill, -child.pid, SIGKILL);
	waitpid(child.pid, NULL, 0);
	return 0;
}

static int fire_probes(long count)
{
	struct child child = make_child();

	for (long i = 0; i < count; i++) {
		syscall(SYS_kill, child.pid, 0);
		syscall(SYS_tgkill, child.pid, child.tid, SIGURG);
	}
	printf("{\"pid\":%d,\"target\":%d}\n", getpid(), child.pid);
	end_child(&child);
	return 0;
}

static int fire_namespace(void)
{
	pid_t pid;

	if (unshare(CLONE_NEWPID) < 0)
		die("unshare");
	printf("{\"outside\":%d}\n", getpid());
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		pid_t inner = fork();

		if (inner == 0)
			for (;;)
				pause();
		syscall(SYS_kill, inner, SIGTERM);
		waitpid(inner, NULL, 0);
		printf("{\"inside\":%d,\"argument\":%d}\n", getpid(), inner);
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	printf("{\"init\":%d}\n", pid);
	return 0;
}

static int fire_deaths(void)
{
	struct rlimit none = { 0, 0 };
	pid_t aborts, crashes;

	setrlimit(RLIMIT_CORE, &none);
	aborts = fork();
	if (aborts == 0)
		abort();
	waitpid(aborts, NULL, 0);
	crashes = fork();
	if (crashes == 0) {
		*(volatile int *)0 = 0;
		_exit(0);
	}
	waitpid(crashes, NULL, 0);
	printf("{\"aborts\":%d,\"crashes\":%d}\n", aborts, crashes);
	return 0;
}

static int fire_many(int count)
{
	pid_t leader = fork();

	if (leader == 0) {
		setpgid(0, 0);
		ignore_all();
		for (int i = 1; i < count; i++) {
			pid_t pid = fork();

			if (pid < 0)
				die("fork");
			if (pid == 0) {
				prctl(PR_SET_PDEATHSIG, SIGKILL);
				pause();
				_exit(0);
			}
		}
		syscall(SYS_kill, 0, SIGUSR1);
		printf("{\"pid\":%d,\"targets\":%d}\n", getpid(), count);
		fflush(stdout);
		syscall(SYS_kill, 0, SIGKILL);
	}
	waitpid(leader, NULL, 0);
	return 0;
}

int main(int argc, char **argv)
{
	long count = argc > 2 ? strtol(argv[2], NULL, 10) : 0;

	if (argc > 2 && !strcmp(argv[1], "calls"))
		return fire_calls((int)count);
	if (argc > 2 && !strcmp(argv[1], "flood"))
		return fire_flood(count);
	if (argc > 2 && !strcmp(argv[1], "probes"))
		return fire_probes(count);
	if (argc > 2 && !strcmp(argv[1], "many"))
		return fire_many((int)count);
	if (argc > 1 && !strcmp(argv[1], "namespace"))
		return fire_namespace();
	if (argc > 1 && !strcmp(argv[1], "deaths"))
		return fire_deaths();
	fprintf(stderr,
		"usage: fire calls|flood|probes|many COUNT | fire namespace|deaths\n");
	return 2;
}
