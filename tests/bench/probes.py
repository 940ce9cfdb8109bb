# SPDX-License-Identifier: LGPL-2.1-or-later
"""What our rules cost calls that they leave out: probes, and the SIGURG of Go's runtime."""
import statistics

from measure import Row, audit_rules

# A call that nobody makes; auditing is on, and nothing is recorded.
OTHER_CALL = '-a always,exit -F arch=b64 -S swapoff'
# Has the kernel look at each signal's target as ours do, and record none.
KILL_RULE = '-a always,exit -F arch=b64 -S kill,tgkill -F a0=4294967295'


def under(bench, count, *rules):
    with audit_rules(*rules):
        return bench.kills('probes', count)['cpu_seconds'] / count / 2 * 1e9


def compare(bench):
    count = bench.count(1000000, 20000)
    found = bench.rounds({
        'ours': lambda: under(bench, count),
        'other': lambda: under(bench, count, OTHER_CALL),
        'kill': lambda: under(bench, count, KILL_RULE),
    })
    note = ('a rule for a call that nobody makes; any for kill has the kernel look at each '
            'target')
    rows = [bench.ratio('probes and SIGURG under our rules, of the same under one rule that '
                        'matches nothing', 1.1, found['ours'], found['other'], 'ns', note)]
    ours, kill = statistics.median(found['ours']), statistics.median(found['kill'])
    rows.append(Row('the same, where that rule names kill', measured=f'{ours / kill:.2f} '
                    f'({ours:.3g} of {kill:.3g} ns)', value=ours / kill,
                    runs=len(found['ours'])))
    return rows
