# SPDX-License-Identifier: LGPL-2.1-or-later
"""How long sigtrail replay takes, against ausearch and against itself."""
import collections
import json
import os
import re
import statistics
import subprocess
import tempfile

from measure import Missing, Wrong, command, cpu_of_output

SYSCALL = ('arch=c000003e syscall=62 success=yes exit=0 a0=6f1 a1=f a2=0 a3=7fae370f0580 items=0 '
           'ppid=1478 pid={pid} auid=4294967295 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 '
           'fsgid=0 tty=pts0 ses=4294967295 comm="sig" exe="/opt/demo/sig" subj=unconfined '
           'key="sigtrail"')
OBJ_PID = 'opid=1777 oauid=-1 ouid=0 oses=-1 obj=unconfined ocomm="sig"'
PROCTITLE = 'proctitle=2E2F736967002D78'
KINDS = ('SYSCALL', 'OBJ_PID', 'PROCTITLE')
MANY = 100
SAID = {'no sender': r'(\d+) without sender', 'no target': r'(\d+) without target',
        'no record': r'passed over, and so were (\d+) more lines'}


def damage(record, line, what):
    """One record in a hundred is gone, or lacks its last two fifths, by turns; what counts them."""
    if record % 100 != 50:
        return line
    kind = line.split(None, 1)[0].removeprefix('type=')
    torn = record // 100 % 2
    what[kind, torn] += 1
    return line[:len(line) * 3 // 5] + '\n' if torn else ''


def write_log(path, events, damaged=False):
    """20 events in a millisecond, as a flood has them. What is damaged of it."""
    what = collections.Counter()
    with open(path, 'w', encoding='ascii') as out:
        for i in range(events):
            msec = 1795301637000 + i // 20
            stamp = f'msg=audit({msec // 1000}.{msec % 1000:03}:{1000 + i}): '
            for n, body in enumerate((SYSCALL.format(pid=1000 + i % 5000), OBJ_PID, PROCTITLE)):
                line = f'type={KINDS[n]} {stamp}{body}\n'
                out.write(damage(3 * i + n, line, what) if damaged else line)
    return what


def check(bench, path, events, what):
    """Every event that has its SYSCALL is told, of the right target, and what is missing is
    said: how many are told."""
    run = subprocess.run([bench.sigtrail, 'replay', '-o', 'json', path], check=True,
                         capture_output=True, text=True)
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    said = {name: sum(map(int, re.findall(pattern, run.stderr))) for name, pattern in SAID.items()}
    # A torn PROCTITLE lacks a part of its time; it is one more than those that follow.
    if 'passed over' in run.stderr:
        said['no record'] += 1
    expected = {'no sender': what['SYSCALL', 0], 'no target': what['OBJ_PID', 0],
                'no record': what['PROCTITLE', 1]}
    told = events - what['SYSCALL', 0]
    targets = collections.Counter((line['target'] or {}).get('pid') for line in lines)
    right = collections.Counter({1777: told - said['no target'], None: said['no target']})
    if said != expected or targets != right:
        raise Wrong(f'{targets} told, not {right}; said: {said}, not {expected}')
    return told


def compare_with_ausearch(bench, path, name, events, what):
    """The row, and our seconds."""
    told = check(bench, path, events, what)
    # It finds no event without the key, which is the end of the SYSCALL.
    theirs = events - what['SYSCALL', 0] - what['SYSCALL', 1]
    found = bench.rounds({
        'ausearch': lambda: cpu_of_output([command('ausearch'), '-if', path, '-k', 'sigtrail'],
                                          b'----', theirs)[0],
        'sigtrail': lambda: cpu_of_output([bench.sigtrail, 'replay', path], b' SIGTERM ',
                                          told)[0],
    })
    if isinstance(found['ausearch'], Missing):
        raise found['ausearch']
    our, their = (statistics.median(found[n]) for n in ('sigtrail', 'ausearch'))
    our = max(our, 1e-4)
    return bench.limited(
        f'replay of {events} events, {name}, times as fast as ausearch', their / our, 30,
        f'{their / our:.0f} ({our * 1e3:.3g} ms, {their * 1e3:.4g} ms)', len(found['sigtrail']),
        f'{sum(what.values())} of {3 * events} records gone or torn; {told} and {theirs} events '
        'told' if what else '', least=True), our


def compare(bench):
    events = bench.count(20000, 500)
    rows = []
    with tempfile.TemporaryDirectory(prefix='sigtrail-bench-', dir='/var/tmp') as directory:
        path = os.path.join(directory, 'log')
        for name, damaged in (('1 % damaged', True), ('clean', False)):
            what = write_log(path, events, damaged)
            row, base = compare_with_ausearch(bench, path, name, events, what)
            rows.insert(0, row)
        write_log(path, events * MANY)
        found = bench.rounds({'ours': lambda: cpu_of_output(
            [bench.sigtrail, 'replay', path], b' SIGTERM ', events * MANY)},
            min(bench.runs, 3))['ours']
        seconds, kib = (statistics.median(column) for column in zip(*found))
        rows.append(bench.limited(
            f'replay of {events * MANY} events, times as long as {events}', seconds / base, 110,
            f'{seconds / base:.0f} ({seconds:.2f} s)', len(found), f'{kib / 1024:.0f} MiB'))
    return rows
