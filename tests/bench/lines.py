# SPDX-License-Identifier: LGPL-2.1-or-later
"""CPU for each event of a flood when every one has its line as JSON in a file."""
from measure import (EVERY_LINE, Wrong, microseconds, read_by_auditd, read_by_sigtraild)


def ours(bench, count):
    cpu, lost = read_by_sigtraild(bench, EVERY_LINE, count)
    if lost > count / 10:
        raise Wrong(f'{lost} of {count} were lost: too few lines to tell what they cost')
    return cpu * count / (count - lost)


def compare(bench):
    count = bench.count(100000, 2000)
    found = bench.rounds({
        'auditd': lambda: read_by_auditd(bench, 'ENRICHED', count),
        'sigtraild': lambda: ours(bench, count),
    })
    return [bench.ratio('CPU a line of JSON, of auditd ENRICHED', 0.6,
                        microseconds(found['sigtraild']), microseconds(found['auditd']), 'us',
                        f'{count} kills in a tight loop')]
