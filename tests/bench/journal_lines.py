# SPDX-License-Identifier: LGPL-2.1-or-later
"""CPU for each line that goes to the journal, against libsystemd sending the same."""
import contextlib
import json
import subprocess
import tempfile

from private import Journald
from measure import Daemon, EVERY_LINE, Wrong, cpu_of, microseconds

SETTINGS = ('RateLimitIntervalSec=0\nRateLimitBurst=0\nRuntimeMaxUse=2G\nRuntimeKeepFree=1M\n'
            'RuntimeMaxFileSize=512M\n')
# What journald takes without the daemon's queue getting full.
RATE = 5000


def journalctl(*arguments):
    return subprocess.run(['journalctl', '--no-pager', '-q', *arguments], check=True,
                          stdout=subprocess.PIPE, text=True).stdout


def entries(match):
    """How many the journal has, once it has all that was sent."""
    subprocess.run(['journalctl', '--sync'], check=False, stderr=subprocess.DEVNULL)
    return journalctl('-o', 'cat', '--output-fields=SIGTRAIL_SERIAL', match).count('\n')


def fields_of(sender):
    """The fields of one entry as they were sent."""
    entry = json.loads(journalctl('-n', '1', '-o', 'json', '--all', f'SENDER_PID={sender}',
                                  'SIGTRAIL_SIGNAL=SIGUSR1'))
    for name, value in entry.items():
        if not name.startswith('_'):
            for one in value if isinstance(value, list) else [value]:
                yield f'{name}={one}\n'


def ours(bench, count, fields):
    with Journald(SETTINGS) as _, \
            Daemon(bench.sigtraild, '--output=journal', config=EVERY_LINE) as daemon:
        told, cpu = cpu_of(daemon.process.pid, lambda: bench.kills('flood', count, RATE))
        if daemon.stop() != 0:
            raise Wrong(daemon.errors())
        found = entries(f'SENDER_PID={told["pid"]}')
        # The last one ends the child.
        if found != count + 1:
            raise Wrong(f'{count} sent, {found - 1} in the journal: {daemon.errors()}')
        fields.seek(0)
        fields.truncate()
        fields.writelines(fields_of(told['pid']))
        fields.flush()
    return cpu / count


def theirs(bench, count, fields):
    with Journald(SETTINGS):
        run = subprocess.run([bench.program('tests/journal_loop'), str(count), fields.name],
                             check=True, stdout=subprocess.PIPE)
        found = entries('SIGTRAIL_SIGNAL=SIGUSR1')
        if found != count:
            raise Wrong(f'{count} sent by libsystemd, {found} in the journal')
    return json.loads(run.stdout)['cpu_seconds'] / count


def compare(bench):
    count = bench.count(20000, 500)
    with contextlib.closing(tempfile.NamedTemporaryFile('w', encoding='utf-8')) as fields:
        found = bench.rounds({
            'sigtraild': lambda: ours(bench, count, fields),
            'libsystemd': lambda: theirs(bench, count, fields),
        })
    return [bench.ratio('our CPU a line in the journal, of sd_journal_sendv()', 1.4,
                        microseconds(found['sigtraild']), microseconds(found['libsystemd']),
                        'us', f'{count} kills, {RATE} a second; receiving is in ours')]
