# SPDX-License-Identifier: LGPL-2.1-or-later
"""sigtrail log on a large journal, against journalctl with the same matches."""
import json
import pathlib
import subprocess
import tempfile

import journal
from measure import Wrong, command, cpu_of_output

START_USEC = 1795300047000000
SIGNAL_ID = 'ccc71516c8ad4eaea01d4b4f43f043ac'
UNITS = 40
SIGNALS = (('SIGTERM', 15), ('SIGHUP', 1), ('SIGKILL', 9))


def ours(number):
    """A signal as sigtraild writes it, with all that is usual."""
    usec = START_USEC + number * 1000
    unit = f'worker-{number // 10 % UNITS}.service'
    signal, signo = SIGNALS[number // 10 % len(SIGNALS)]
    pid, sender = 1000 + number % 30000, 2000 + number % 17
    ancestry = json.dumps([{'pid': 900, 'comm': 'sh', 'exe': '/usr/bin/dash',
                            'unit': 'cron.service'},
                           {'pid': 1, 'comm': 'systemd', 'exe': '/usr/lib/systemd/systemd',
                            'unit': 'init.scope'}], separators=(',', ':'))
    return (f'MESSAGE={signal} from pkill[{sender}] (/usr/bin/pkill, uid 0, cron.service) to '
            f'java[{pid}] (/usr/bin/java, {unit})\n'
            f'MESSAGE_ID={SIGNAL_ID}\nPRIORITY=5\nSYSLOG_IDENTIFIER=sigtraild\n'
            f'SIGTRAIL_TIME_USEC={usec}\nSIGTRAIL_SERIAL={number}\nSIGTRAIL_SYSCALL=kill\n'
            f'SIGTRAIL_ARCH=x86_64\nSIGTRAIL_RESULT=success\nSIGTRAIL_SIGNO={signo}\n'
            f'SIGTRAIL_SIGNAL={signal}\nSIGTRAIL_SCOPE=process\nSIGTRAIL_ARGUMENT={pid}\n'
            f'SIGTRAIL_TARGETS=1\nSIGTRAIL_INDEX=1\nSIGTRAIL_NOTES=cross-unit\n'
            f'SENDER_PID={sender}\nSENDER_PPID=900\nSENDER_UID=0\nSENDER_EUID=0\n'
            f'SENDER_GID=0\nSENDER_AUID=\nSENDER_SESSION=\nSENDER_COMM=pkill\n'
            f'SENDER_EXE=/usr/bin/pkill\nSENDER_CMDLINE=pkill -f \'java -jar\'\n'
            f'SENDER_UNIT=cron.service\nSENDER_SLICE=system.slice\n'
            f'SENDER_ANCESTRY=pkill[{sender}] < sh[900] < systemd[1]\n'
            f'SENDER_ANCESTRY_JSON={ancestry}\n'
            f'TARGET_PID={pid}\nTARGET_UID=33\nTARGET_AUID=\nTARGET_SESSION=\n'
            f'TARGET_COMM=java\nTARGET_EXE=/usr/bin/java\nTARGET_CMDLINE=java -jar app.jar\n'
            f'TARGET_UNIT={unit}\nTARGET_SLICE=system.slice\n'
            f'OBJECT_SYSTEMD_UNIT={unit}\n_SYSTEMD_UNIT=sigtraild.service\n'
            f'_PID=400\n_GID=0\n_COMM=sigtraild\n_EXE=/usr/sbin/sigtraild\n').encode()


def other(number):
    """What a service logs."""
    unit = f'worker-{number % UNITS}.service'
    return (f'MESSAGE=request {number} served\nPRIORITY=6\nSYSLOG_IDENTIFIER=worker\n'
            f'_SYSTEMD_UNIT={unit}\n_PID={3000 + number % 977}\n_GID=33\n_COMM=worker\n'
            f'_EXE=/usr/bin/worker\n').encode()


def make(directory, entries):
    """One journal file of that many entries."""
    directory.mkdir(parents=True)
    remote = subprocess.Popen([command(journal.REMOTE), '-o',
                               str(directory / 'system.journal'), '-'],
                              stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for number in range(entries):
        usec = START_USEC + number * 1000 + 300
        if number % 10 == 0:
            text = journal.entry(ours(number), usec)
        else:
            text = journal.entry(other(number), usec, uid=33)
        remote.stdin.write(text)
    remote.stdin.close()
    assert remote.wait() == 0


def lines(arguments):
    """How many lines a command prints, none of which may be missing."""
    return subprocess.run(arguments, stdout=subprocess.PIPE, check=True).stdout.count(b'\n')


def compare_one(bench, path, entries, name, options, matches):
    """A row: what both print must be as many lines, each time."""
    ours = [bench.sigtrail, 'log', '--directory', path, *options]
    theirs = ['journalctl', '--no-pager', '-q', '-D', path, *matches]
    expected = lines(theirs)
    if not expected:
        raise Wrong(f'{name}: journalctl finds nothing')
    found = bench.rounds({
        'journalctl': lambda: cpu_of_output(theirs, b'', expected)[0],
        'sigtrail': lambda: cpu_of_output(ours, b'', expected)[0],
    })
    return bench.ratio(f'sigtrail log on {entries} entries, {name}, of journalctl', 1.1,
                       [s * 1e3 for s in found['sigtrail']],
                       [s * 1e3 for s in found['journalctl']], 'ms', f'{expected} lines')


def compare(bench):
    entries = bench.count(1000000, 3000)
    unit = 'worker-7.service'
    filters = {'all of ours': ([], []),
               '-u UNIT': (['-u', unit], [f'TARGET_UNIT={unit}']),
               '-s SIGHUP': (['-s', 'SIGHUP'], ['SIGTRAIL_SIGNAL=SIGHUP']),
               '-p PID': (['-p', '2003'], ['SENDER_PID=2003']),
               '-T PID': (['-T', '1070'], ['TARGET_PID=1070'])}
    runs = [('JSON', 'json', name) for name in filters]
    runs += [('text', 'short', name) for name in ('all of ours', '-u UNIT', '-T PID')]
    with tempfile.TemporaryDirectory(prefix='sigtrail-bench-', dir='/var/tmp') as directory:
        path = pathlib.Path(directory) / 'journal'
        make(path, entries)
        return [compare_one(bench, str(path), entries, f'{kind}, {name}',
                            ['-o', form, *filters[name][0]],
                            ['-o', form, '_UID=0', f'MESSAGE_ID={SIGNAL_ID}', *filters[name][1]])
                for kind, form, name in runs]
