# SPDX-License-Identifier: LGPL-2.1-or-later
"""CPU for each event of a flood, lines burst-limited as shipped, and what is lost of it."""
from measure import (EVERY_SIGNAL, Row, microseconds, read_by_auditd, read_by_reader,
                     read_by_sigtraild)

LOSS_RUNS = 10


def compare(bench):
    count = bench.count(100000, 2000)
    found = bench.rounds({
        'auditd': lambda: read_by_auditd(bench, 'RAW', count),
        'reader': lambda: read_by_reader(bench, count),
        'sigtraild': lambda: read_by_sigtraild(bench, EVERY_SIGNAL, count),
    })
    ours = microseconds(cpu for cpu, _ in found['sigtraild'])
    lost = [n for _, n in found['sigtraild']]
    while not bench.quick and len(lost) < LOSS_RUNS:
        more = bench.rounds({'ours': lambda: read_by_sigtraild(bench, EVERY_SIGNAL, count)}, 1)
        lost.append(more['ours'][0][1])
    whole = sum(n == 0 for n in lost)
    met = None if bench.quick else whole >= 0.9 * len(lost)
    note = f'{count} kills in a tight loop'
    rows = [bench.ratio(f'CPU an event, burst-limited, of {peer}', limit, ours,
                        microseconds(found[key]), 'us', note)
            for key, peer, limit in (('auditd', 'auditd RAW', 0.35),
                                     ('reader', 'a bare reader', 1.6))]
    rows.append(Row('events lost of the flood', '0 in 9 of 10 runs',
                    f'0 in {whole} of {len(lost)}, at most {max(lost)}', max(lost), met,
                    len(lost), 'each loss is said in the trail'))
    return rows
