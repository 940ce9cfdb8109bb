# SPDX-License-Identifier: LGPL-2.1-or-later
"""How long sigtrail replay takes, against ausearch and against itself."""
import os
import statistics
import subprocess
import tempfile

from measure import Wrong, command, cpu_of_command

SYSCALL = ('arch=c000003e syscall=62 success=yes exit=0 a0=6f1 a1=f a2=0 a3=7fae370f0580 items=0 '
           'ppid=1478 pid={pid} auid=4294967295 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 '
           'fsgid=0 tty=pts0 ses=4294967295 comm="sig" exe="/opt/demo/sig" subj=unconfined '
           'key="sigtrail"')
OBJ_PID = 'opid=1777 oauid=-1 ouid=0 oses=-1 obj=unconfined ocomm="sig"'
PROCTITLE = 'proctitle=2E2F736967002D78'
MANY = 100


def write_log(path, events, missing=()):
    """20 events in a millisecond, as a flood has them."""
    with open(path, 'w', encoding='ascii') as out:
        for i in range(events):
            msec = 1795301637000 + i // 20
            stamp = f'msg=audit({msec // 1000}.{msec % 1000:03}:{1000 + i}): '
            for kind, body in (('SYSCALL', SYSCALL.format(pid=1000 + i % 5000)),
                               ('OBJ_PID', OBJ_PID), ('PROCTITLE', PROCTITLE)):
                if (i, kind) not in missing:
                    out.write(f'type={kind} {stamp}{body}\n')


def check(bench, path, told):
    """Every event that has a SYSCALL has its line."""
    lines = subprocess.run([bench.sigtrail, 'replay', '-o', 'json', path], check=True,
                           stdout=subprocess.PIPE).stdout
    if lines.count(b'"signal":') != told:
        raise Wrong(f'{lines.count(b"signal")} of {told} events told')


def compare(bench):
    events = bench.count(20000, 500)
    middle = events // 2
    damage = {(middle // 2, 'PROCTITLE'), (middle, 'OBJ_PID'), (middle * 3 // 2, 'SYSCALL')}
    ausearch = command('ausearch')
    rows = []
    with tempfile.TemporaryDirectory(prefix='sigtrail-bench-') as directory:
        for name, missing in (('clean', ()), ('damaged', damage)):
            path = os.path.join(directory, name)
            write_log(path, events, missing)
            check(bench, path, events - any(kind == 'SYSCALL' for _, kind in missing))
            ours = [bench.sigtrail, 'replay', path]
            theirs = [ausearch, '-if', path, '-k', 'sigtrail']
            found = bench.rounds({
                'ausearch': lambda command=theirs: cpu_of_command(command)[0],
                'sigtrail': lambda command=ours: cpu_of_command(command)[0],
            })
            our, their = (statistics.median(found[n]) for n in ('sigtrail', 'ausearch'))
            our = max(our, 1e-4)
            rows.append(bench.limited(
                f'replay of {events} events, {name}, times as fast as ausearch', their / our, 30,
                f'{their / our:.0f} ({our * 1e3:.3g} ms, {their * 1e3:.4g} ms)',
                len(found['sigtrail']), least=True))
            if name == 'clean':
                base = our
        path = os.path.join(directory, 'large')
        write_log(path, events * MANY)
        found = bench.rounds({'ours': lambda: cpu_of_command([bench.sigtrail, 'replay', path])},
                             min(bench.runs, 3))['ours']
        seconds, kib = (statistics.median(column) for column in zip(*found))
        rows.append(bench.limited(
            f'replay of {events * MANY} events, times as long as {events}', seconds / base, 110,
            f'{seconds / base:.0f} ({seconds:.2f} s)', len(found), f'{kib / 1024:.0f} MiB'))
    return rows
