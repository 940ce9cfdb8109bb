# SPDX-License-Identifier: LGPL-2.1-or-later
"""How often the daemon wakes up when nothing happens, its watchdog being fed."""
import contextlib
import os
import re
import socket
import statistics
import tempfile
import time

from measure import Daemon, Wrong

WATCHDOG_USEC = 30000000
SECONDS = 60
# What a start leaves to be done later: the kernel's counter is read after 10 s, and what the
# service manager shows of it changes after 15 s.
START_SECONDS = 30


def switches(pid):
    with open(f'/proc/{pid}/status', encoding='ascii') as status:
        return int(re.search(r'^voluntary_ctxt_switches:\s*(\d+)', status.read(), re.M)[1])


def started():
    """Processes and threads that this host has started since its boot."""
    with open('/proc/stat', encoding='ascii') as stat:
        return int(re.search(r'^processes (\d+)', stat.read(), re.M)[1])


@contextlib.contextmanager
def watched_daemon(bench, config):
    """The daemon with a service manager that wants its watchdog fed; what it was told."""
    with tempfile.TemporaryDirectory() as directory, \
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        path = os.path.join(directory, 'notify')
        manager.bind(path)
        manager.setblocking(False)
        env = {'NOTIFY_SOCKET': path, 'WATCHDOG_USEC': str(WATCHDOG_USEC)}
        with Daemon(bench.sigtraild, '--output=json', config=config, env=env) as daemon:
            yield daemon
            if daemon.stop() != 0:
                raise Wrong(daemon.errors())
        fed = bench.quick
        with contextlib.suppress(BlockingIOError):
            while not fed:
                fed = b'WATCHDOG=1' in manager.recv(4096)
    if not fed:
        raise Wrong('it did not feed its watchdog')


def wakeups(bench, seconds, config):
    """Its switches, and how many processes and threads this host started meanwhile: the
    daemon's own look at the rules has the kernel start two threads."""
    with watched_daemon(bench, config) as daemon:
        time.sleep(bench.count(START_SECONDS, 1))
        before, processes = switches(daemon.process.pid), started()
        time.sleep(seconds)
        return switches(daemon.process.pid) - before, started() - processes


def compare(bench):
    seconds = bench.count(SECONDS, 2)
    found = bench.rounds({
        '': lambda: wakeups(bench, seconds, ''),
        ', Track=no': lambda: wakeups(bench, seconds, '[Process]\nTrack=no\n'),
    }, min(bench.runs, 3))
    rows = []
    for what, results in found.items():
        counts, processes = zip(*results)
        value = statistics.median(counts)
        rows.append(bench.limited(
            f'voluntary context switches, idle, {seconds} s, WatchdogSec=30{what}', value, 6,
            f'{value:g} ({min(counts)} to {max(counts)})', len(counts),
            f'{min(processes)} to {max(processes)} processes and threads were started on this '
            'host meanwhile'))
    return rows
