# SPDX-License-Identifier: LGPL-2.1-or-later
"""Resident and proportional memory, idle, with few and with many processes."""
import contextlib
import os
import statistics
import subprocess

from measure import Daemon, Wrong, settle

LIMITS = ((200, 'RSS', 6), (200, 'PSS', 4), (5000, 'RSS', 12))


@contextlib.contextmanager
def processes(bench, count):
    """So many on this host, or as many more as there are already."""
    here = sum(name.isdigit() for name in os.listdir('/proc'))
    herd = subprocess.Popen([bench.program('tests/lives'), 'herd', str(max(1, count - here))],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        herd.stdout.readline()
        yield
    finally:
        herd.communicate()


def memory(bench, count):
    with processes(bench, count), Daemon(bench.sigtraild, '--output=json') as daemon:
        settle(daemon.process.pid)
        with open(f'/proc/{daemon.process.pid}/smaps_rollup', encoding='ascii') as file:
            sizes = dict(line.split(':') for line in file if line.endswith('kB\n'))
        if daemon.stop() != 0:
            raise Wrong(daemon.errors())
    return {name.upper(): int(sizes[name].split()[0]) / 1024 for name in ('Rss', 'Pss')}


def compare(bench):
    counts = (200,) if bench.quick else (200, 5000)
    found = bench.rounds({count: lambda count=count: memory(bench, count) for count in counts})
    rows = []
    for count, name, limit in LIMITS:
        if count in found:
            value = statistics.median(sizes[name] for sizes in found[count])
            rows.append(bench.limited(f'{name} idle with {count} processes, MiB', value, limit,
                                      f'{value:.1f}', len(found[count])))
    return rows
