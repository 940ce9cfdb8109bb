# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the comparisons share: CPU seconds, rounds of peers by turns, medians, rows."""
import contextlib
import dataclasses
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
for directory in ('kernel', 'journal', 'golden'):
    sys.path.insert(0, os.path.join(ROOT, 'tests', directory))
# pylint: disable=wrong-import-position
from host import Auditd, Daemon, audit_restored, auditctl

RULES = os.path.join(ROOT, 'rules', '40-sigtrail.rules')
# As Debian's auditd.conf has it, but for the sizes: nothing is rotated away or refused.
AUDITD = ('flush = INCREMENTAL_ASYNC\nfreq = 50\nmax_log_file = 1000\n'
          'max_log_file_action = IGNORE\nspace_left_action = IGNORE\n'
          'admin_space_left_action = IGNORE\nlog_format = {}\n')
# SIGUSR1 within a unit is left out as shipped; here it is what is counted.
EVERY_SIGNAL = '[Ignore]\nchatter=\n'
EVERY_LINE = EVERY_SIGNAL + '[Burst]\nLimit=0\n'
SETTLED_SECONDS = 0.7
SETTLE_MAX_SECONDS = 60


class Wrong(Exception):
    """What came out isn't what went in: no figure of this is worth anything."""


class Missing(Exception):
    """This peer can't be had here."""


@dataclasses.dataclass
class Row:
    """A line of the table; met is None where nothing was to be met."""
    name: str
    goal: str = ''
    measured: str = ''
    value: float = None
    met: bool = None
    runs: int = 0
    note: str = ''


@dataclasses.dataclass
class Bench:
    """What to measure, and how often."""
    build: str
    quick: bool
    runs: int

    def program(self, name):
        return os.path.join(self.build, name)

    @property
    def sigtraild(self):
        return self.program('src/sigtraild')

    @property
    def sigtrail(self):
        return self.program('src/sigtrail')

    def count(self, full, quick):
        return quick if self.quick else full

    def kills(self, *args, stdin=subprocess.DEVNULL):
        """What kills says of itself."""
        run = subprocess.run([self.program('tests/kills'), *map(str, args)], stdin=stdin,
                             capture_output=True, text=True, check=False)
        if run.returncode != 0:
            raise Wrong(run.stderr.strip())
        return json.loads(run.stdout)

    def rounds(self, peers, runs=None):
        """Each peer once, then each again: what each gave, by name. A peer that isn't there
        has the reason."""
        results = {name: [] for name in peers}
        for _ in range(runs or self.runs):
            for name, run in peers.items():
                if isinstance(results[name], Missing):
                    continue
                try:
                    with audit_restored():
                        results[name].append(run())
                except Missing as error:
                    results[name] = error
        return results

    def limited(self, name, value, limit, measured, runs, note='', least=False):
        """A row with a bound; small counts aren't held to it."""
        met = None if self.quick else value >= limit if least else value <= limit
        return Row(name, f'{"at least" if least else "at most"} {limit:g}', measured, value,
                   met, runs, note)

    def ratio(self, name, limit, ours, theirs, unit, note=''):
        """A row that compares the medians of two lists in that unit."""
        our, their = statistics.median(ours), statistics.median(theirs)
        measured = f'{our / their:.2f} ({our:.3g} of {their:.3g} {unit})'
        return self.limited(name, our / their, limit, measured, len(ours), note)


def command(name):
    path = shutil.which(name, path='/usr/sbin:/usr/bin:/sbin:/bin')
    if not path:
        raise Missing(f'{name} is not installed')
    return path


def cpu_seconds(pid):
    """User and system seconds of all its threads, as the scheduler counts them."""
    nsec = 0
    for task in os.listdir(f'/proc/{pid}/task'):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError), \
                open(f'/proc/{pid}/task/{task}/schedstat', encoding='ascii') as stat:
            nsec += int(stat.read().split()[0])
    return nsec / 1e9


def settle(pid):
    """Until it has nothing more to do: under a hundredth of a CPU for a while."""
    give_up = time.monotonic() + SETTLE_MAX_SECONDS
    value, since = cpu_seconds(pid), time.monotonic()
    while time.monotonic() - since < SETTLED_SECONDS:
        if time.monotonic() > give_up:
            raise Wrong(f'process {pid} did not come to rest in {SETTLE_MAX_SECONDS} s')
        time.sleep(0.1)
        now = cpu_seconds(pid)
        if now - value > 0.01 * SETTLED_SECONDS:
            value, since = now, time.monotonic()


def cpu_of(pid, work):
    """What work gave, and the CPU seconds of that process for it."""
    before = cpu_seconds(pid)
    result = work()
    settle(pid)
    return result, cpu_seconds(pid) - before


def cpu_of_command(arguments, stdout=subprocess.DEVNULL):
    """User and system seconds of a command that must succeed, and its peak in KiB."""
    with subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=stdout,
                          stderr=subprocess.DEVNULL) as process:
        status, usage = os.wait4(process.pid, 0)[1:]
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Wrong(f'{arguments[0]} ended with {process.returncode}')
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def cpu_of_output(arguments, mark, told):
    """The same of a command whose output must have so many lines with the mark."""
    with tempfile.TemporaryFile(dir='/var/tmp') as out:
        used = cpu_of_command(arguments, out)
        out.seek(0)
        found = sum(mark in line for line in out)
    if found != told:
        raise Wrong(f'{" ".join(arguments)}: {found} of {told} were told')
    return used


@contextlib.contextmanager
def audit_rules(*rules):
    """Auditing on, with these rules of auditctl, or our own; gone at the end."""
    auditctl('-e', '1')
    auditctl('-b', '8192')
    try:
        if rules:
            for rule in rules:
                auditctl(*rule.split(), '-k', 'sigtrail-test')
        else:
            auditctl('-R', RULES)
        yield
    finally:
        auditctl('-D', '-k', 'sigtrail-test' if rules else 'sigtrail')


class Reader:
    """The bare multicast reader; with stdout it prints the records."""

    def __init__(self, bench, stdout=None):
        mode = '-p' if stdout else '0'
        self.process = subprocess.Popen([bench.program('tests/reader'), mode, '3600'],
                                        stdout=stdout, stderr=subprocess.PIPE, text=True)
        self.process.stderr.readline()
        self.pid = self.process.pid

    def stop(self):
        """Records, events and drops that it has counted."""
        self.process.terminate()
        said = self.process.communicate()[1]
        found = re.search(r'(\d+) records, (\d+) events, (\d+) dropped', said)
        if not found:
            raise Wrong(f'the reader said: {said}')
        return tuple(map(int, found.groups()))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def read_by_auditd(bench, log_format, count):
    """CPU seconds an event of auditd for a flood, none of which it may lose."""
    command('auditd')
    with Auditd(settings=AUDITD.format(log_format), option='-n') as auditd:
        auditd.wait_ready()
        pid = auditd.process.pid
        with audit_rules():
            told, cpu = cpu_of(pid, lambda: bench.kills('flood', count, 0))
        if auditd.stop() != 0:
            raise Wrong(auditd.errors())
        with open(auditd.log, encoding='utf-8', errors='replace') as log:
            of_sender = f' pid={told["pid"]} '
            logged = sum('type=SYSCALL' in line and of_sender in line and
                         ' syscall=62 ' in line for line in log)
    # The last one ends the child.
    if logged < count:
        raise Wrong(f'auditd logged {logged} of {count}')
    return cpu / count


def check_loss(sent, told, lost, others):
    """Every event is told or said to be lost. Whose the lost ones are nobody can know: as many
    may be said beyond it as there were events of others."""
    if not told <= sent <= told + lost <= sent + others:
        raise Wrong(f'{sent} sent, {told} told, {lost} said to be lost, {others} events of others')


def account(bench, daemon, told):
    """How many of the signals sent have no line; Wrong if that isn't said, and exactly: the
    numbers of the first event and of one behind all tell how many were others'."""
    def lines(pid):
        return [event for event in daemon.lines()
                if 'signal' in event and event['sender']['pid'] == pid]

    last = bench.kills('flood', 1, 0)['pid']
    daemon.wait_for(lambda: lines(last), 'the line of the last signal')
    if daemon.stop() != 0:
        raise Wrong(daemon.errors())
    mine = lines(told['pid'])
    counted = sum(1 + event.get('repeated', 0) for event in mine)
    # The child ends by one more.
    sent = told['sent'] + 1
    others = lines(last)[0]['serial'] - min(event['serial'] for event in mine) - sent
    trail = [event['trail'] for event in daemon.lines() if 'trail' in event]
    lost = sum(entry.get('lost', 0) for entry in trail
               if entry['event'] == 'incomplete' and entry.get('of') == 'events')
    check_loss(sent, counted, lost, others)
    if trail[-1]['lost'] != lost:
        raise Wrong(f'{lost} said to be lost, at the end {trail[-1]["lost"]}')
    return sent - counted


def read_by_sigtraild(bench, config, count, rate=0):
    """CPU seconds an event for a flood, and how many were lost."""
    with Daemon(bench.sigtraild, '--output=json', config=config) as daemon:
        told, cpu = cpu_of(daemon.process.pid, lambda: bench.kills('flood', count, rate))
        return cpu / count, account(bench, daemon, told)


def read_by_reader(bench, count):
    """CPU seconds an event of the bare reader for a flood."""
    with Reader(bench) as reader:
        with audit_rules():
            _, cpu = cpu_of(reader.pid, lambda: bench.kills('flood', count, 0))
        _, events, dropped = reader.stop()
    if events + dropped < count:
        raise Wrong(f'the bare reader counted {events} events and {dropped} drops')
    return cpu / count


def microseconds(seconds):
    return [s * 1e6 for s in seconds]
