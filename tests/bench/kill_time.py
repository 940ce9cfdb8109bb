# SPDX-License-Identifier: LGPL-2.1-or-later
"""How long kill(2) takes its caller, by who looks on."""
import statistics

from measure import Daemon, EVERY_SIGNAL, Reader, Wrong, account, audit_rules, settle

RATE = 5000


def by_nobody(bench, count):
    return bench.kills('flood', count, RATE)['median_nsec'] / 1000


def by_reader(bench, count):
    with Reader(bench) as reader, audit_rules():
        took = bench.kills('flood', count, RATE)['median_nsec'] / 1000
        settle(reader.pid)
        _, events, dropped = reader.stop()
    if events + dropped < count:
        raise Wrong(f'the bare reader counted {events} events and {dropped} drops')
    return took


def by_sigtraild(bench, count):
    with Daemon(bench.sigtraild, '--output=json', config=EVERY_SIGNAL) as daemon:
        told = bench.kills('flood', count, RATE)
        settle(daemon.process.pid)
        account(bench, daemon, told)
    return told['median_nsec'] / 1000


def compare(bench):
    count = bench.count(25000, 1000)
    found = bench.rounds({
        'nobody': lambda: by_nobody(bench, count),
        'reader': lambda: by_reader(bench, count),
        'sigtraild': lambda: by_sigtraild(bench, count),
    })
    bare = statistics.median(found['nobody'])
    return [bench.ratio(f'kill() at {RATE} a second, median, of the same under a bare reader',
                        1.15, found['sigtraild'], found['reader'], 'us',
                        f'{bare:.2g} us without auditing')]
