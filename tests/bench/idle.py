# SPDX-License-Identifier: LGPL-2.1-or-later
"""How often the daemon wakes up when nothing happens, its watchdog being fed."""
import os
import re
import socket
import statistics
import tempfile
import time

from measure import Daemon, Wrong

WATCHDOG_USEC = 30000000


def switches(pid):
    with open(f'/proc/{pid}/status', encoding='ascii') as status:
        return int(re.search(r'^voluntary_ctxt_switches:\s*(\d+)', status.read(), re.M)[1])


def wakeups(bench, seconds):
    with tempfile.TemporaryDirectory() as directory, \
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        path = os.path.join(directory, 'notify')
        manager.bind(path)
        env = {'NOTIFY_SOCKET': path, 'WATCHDOG_USEC': str(WATCHDOG_USEC)}
        with Daemon(bench.sigtraild, '--output=json', env=env) as daemon:
            time.sleep(3)
            before = switches(daemon.process.pid)
            time.sleep(seconds)
            count = switches(daemon.process.pid) - before
            if daemon.stop() != 0:
                raise Wrong(daemon.errors())
        said, manager_said = b'', True
        manager.setblocking(False)
        while manager_said:
            try:
                said += manager.recv(4096)
            except BlockingIOError:
                manager_said = False
    if seconds > 16 and b'WATCHDOG=1' not in said:
        raise Wrong('it did not feed its watchdog')
    return count


def compare(bench):
    seconds = bench.count(60, 2)
    found = bench.rounds({'ours': lambda: wakeups(bench, seconds)})['ours']
    value = statistics.median(found)
    return [bench.limited(f'voluntary context switches, idle, {seconds} s, WatchdogSec=30', value,
                          6, f'{value:g} ({min(found)} to {max(found)})', len(found),
                          'each process that anybody starts meanwhile wakes it too')]
