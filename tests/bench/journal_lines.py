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
# As many as the daemon's queue holds, until journald has taken them.
BURST = 4000


def journalctl(*arguments):
    return subprocess.run(['journalctl', '--no-pager', '-q', *arguments], check=True,
                          stdout=subprocess.PIPE, text=True).stdout


def entries(*matches):
    """How many the journal has, once it has all that was sent."""
    subprocess.run(['journalctl', '--sync'], check=False, stderr=subprocess.DEVNULL)
    return journalctl('-o', 'cat', '--output-fields=SIGTRAIL_SERIAL', *matches).count('\n')


def fields_of(sender):
    """The fields of one entry as they were sent."""
    entry = json.loads(journalctl('-n', '1', '-o', 'json', '--all', f'SENDER_PID={sender}',
                                  'SIGTRAIL_SIGNAL=SIGUSR1'))
    for name, value in entry.items():
        if not name.startswith('_'):
            for one in value if isinstance(value, list) else [value]:
                yield f'{name}={one}\n'


def said_lost():
    said = journalctl('-o', 'json', 'SYSLOG_IDENTIFIER=sigtraild', 'SIGTRAIL_EVENT=incomplete')
    return sum(int(json.loads(line).get('SIGTRAIL_LOST', 0)) for line in said.splitlines())


def ours(bench, count, fields):
    with Journald(SETTINGS), \
            Daemon(bench.sigtraild, '--output=journal', config=EVERY_LINE) as daemon:
        cpu = found = sent = 0
        while sent < count:
            burst = min(BURST, count - sent)
            told, seconds = cpu_of(daemon.process.pid,
                                   lambda burst=burst: bench.kills('flood', burst, 0))
            sent, cpu = sent + burst, cpu + seconds
            found += entries('SIGTRAIL_SIGNAL=SIGUSR1', f'SENDER_PID={told["pid"]}')
        fields.seek(0)
        fields.truncate()
        fields.writelines(fields_of(told['pid']))
        fields.flush()
        if daemon.stop() != 0:
            raise Wrong(daemon.errors())
        lost = said_lost()
    if not found <= sent <= found + lost or found < 0.9 * sent:
        raise Wrong(f'{sent} sent, {found} in the journal, {lost} said to be lost')
    return cpu / found


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
                        'us', f'{count} kills, {min(count, BURST)} at a time; ours is with '
                        'receiving and finding out who it was')]
