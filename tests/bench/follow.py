# SPDX-License-Identifier: LGPL-2.1-or-later
"""CPU that following processes costs sigtraild, against a bare reader of the connector."""
import statistics
import subprocess

from measure import Daemon, Row, Wrong, cpu_of


def load(bench, count, *whats):
    for what in whats:
        subprocess.run([bench.program('tests/lives'), what, str(count)], check=True)


def by_reader(bench, count):
    with subprocess.Popen([bench.program('tests/connector')], stderr=subprocess.PIPE,
                          text=True) as process:
        process.stderr.readline()
        _, cpu = cpu_of(process.pid, lambda: load(bench, count, 'execs', 'forks'))
        process.terminate()
        process.stderr.read()
    return cpu / count * 1e6


def by_sigtraild(bench, count):
    with Daemon(bench.sigtraild, '--output=json') as daemon:
        pid = daemon.process.pid
        _, cpu = cpu_of(pid, lambda: load(bench, count, 'execs', 'forks'))
        _, threads = cpu_of(pid, lambda: load(bench, count, 'threads'))
        if daemon.stop() != 0 or 'overran' in daemon.errors():
            raise Wrong(daemon.errors())
    return cpu / count * 1e6, threads / count * 1e6


def compare(bench):
    count = bench.count(5000, 100)
    found = bench.rounds({
        'reader': lambda: by_reader(bench, count),
        'sigtraild': lambda: by_sigtraild(bench, count),
    })
    our, threads = (statistics.median(column) for column in zip(*found['sigtraild']))
    their = statistics.median(found['reader'])
    return [Row('CPU for an exec and a fork that are followed, of a bare connector reader',
                measured=f'{our / their:.2f} ({our:.3g} of {their:.3g} us)', value=our / their,
                runs=len(found['reader']), note=f'{threads:.3g} us a thread')]
