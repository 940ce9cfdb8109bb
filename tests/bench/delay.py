# SPDX-License-Identifier: LGPL-2.1-or-later
"""From kill(2) to the line in a pipe, while nothing else happens."""
import os

from measure import Daemon, EVERY_LINE, Reader, Wrong, audit_rules

PAUSE_MSEC = 20


def through_pipe(start, bench, count):
    """Medians and 99th percentiles in microseconds of what start writes into a pipe."""
    read_end, write_end = os.pipe()
    try:
        with start(write_end):
            os.close(write_end)
            write_end = -1
            told = bench.kills('delay', count, PAUSE_MSEC, stdin=read_end)
    finally:
        os.close(read_end)
        if write_end >= 0:
            os.close(write_end)
    if told['sent'] != count:
        raise Wrong(f'{told["sent"]} of {count} came')
    return told['median_nsec'] / 1000, told['p99_nsec'] / 1000


def by_reader(bench, count):
    with audit_rules():
        return through_pipe(lambda out: Reader(bench, out), bench, count)


def by_sigtraild(bench, count):
    return through_pipe(lambda out: Daemon(bench.sigtraild, '--output=text', config=EVERY_LINE,
                                           stdout=out), bench, count)


def compare(bench):
    count = bench.count(500, 20)
    found = bench.rounds({
        'reader': lambda: by_reader(bench, count),
        'sigtraild': lambda: by_sigtraild(bench, count),
    })
    rows = []
    for column, name in enumerate(('median', '99th percentile')):
        rows.append(bench.ratio(f'from kill() to the line in a pipe, {name}, of the bare '
                                'reader printing', 2,
                                [times[column] for times in found['sigtraild']],
                                [times[column] for times in found['reader']], 'us',
                                f'{count} kills'))
    return rows
