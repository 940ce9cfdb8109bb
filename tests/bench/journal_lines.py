# SPDX-License-Identifier: LGPL-2.1-or-later
"""CPU for each line that goes to the journal, against libsystemd sending the same."""
import contextlib
import json
import subprocess
import tempfile
import time

from private import Journald
from measure import Daemon, EVERY_LINE, Wrong, check_loss, cpu_of, microseconds, settle

SETTINGS = ('RateLimitIntervalSec=0\nRateLimitBurst=0\nRuntimeMaxUse=2G\nRuntimeKeepFree=1M\n'
            'RuntimeMaxFileSize=512M\n')
# As many as the daemon's queue holds, until journald has taken them.
BURST = 3840
# By turns: fewer and more than the daemon keeps the fields of, 64 at each end.
FEW_SENDERS = 32
MANY_SENDERS = 96
# The daemon looks if the journal has kept all, 10 s behind its last look at the latest.
READ_BACK_SECONDS = 11


def journalctl(*arguments):
    return subprocess.run(['journalctl', '--no-pager', '-q', *arguments], check=True,
                          stdout=subprocess.PIPE, text=True).stdout


def entries(*matches):
    """How many the journal has, once it has all that was sent."""
    subprocess.run(['journalctl', '--sync'], check=False, stderr=subprocess.DEVNULL)
    return journalctl('-o', 'cat', '--output-fields=SIGTRAIL_SERIAL', *matches).count('\n')


def fields_of(senders):
    """The fields of the last entry of each as they were sent, an empty line behind each."""
    said = journalctl('-n', str(len(senders)), '-o', 'json', '--all', 'SIGTRAIL_SIGNAL=SIGUSR1',
                      *(f'SENDER_PID={pid}' for pid in senders))
    for line in said.splitlines():
        for name, value in json.loads(line).items():
            if not name.startswith('_'):
                for one in value if isinstance(value, list) else [value]:
                    yield f'{name}={one}\n'
        yield '\n'


def said_lost():
    said = journalctl('-o', 'json', 'SYSLOG_IDENTIFIER=sigtraild', 'SIGTRAIL_EVENT=incomplete')
    return sum(int(json.loads(line).get('SIGTRAIL_LOST', 0)) for line in said.splitlines())


def one(bench, burst):
    """A flood of one sender to one target: who sent, and what besides SIGUSR1."""
    return [bench.kills('flood', burst, 0)['pid']], 1


def by_turns(senders):
    """The same from so many processes to as many."""
    def many(bench, burst):
        return bench.kills('many', burst, senders)['pids'], 0
    return many


def send(bench, daemon, how, count):
    """Bursts, until the daemon has also read the journal back: the last senders, how many entries
    the journal has of them, and how many events there were."""
    found = sent = others = 0
    while sent < count:
        burst = min(BURST, count - sent)
        senders, more = how(bench, burst)
        settle(daemon.process.pid)
        sent, others = sent + burst, others + more
        found += entries('SIGTRAIL_SIGNAL=SIGUSR1', *(f'SENDER_PID={pid}' for pid in senders))
    time.sleep(READ_BACK_SECONDS)
    return senders, found, others


def ours(bench, count, fields, how):
    with Journald(SETTINGS), \
            Daemon(bench.sigtraild, '--output=journal', config=EVERY_LINE) as daemon:
        (senders, found, others), cpu = cpu_of(daemon.process.pid,
                                               lambda: send(bench, daemon, how, count))
        fields.seek(0)
        fields.truncate()
        fields.writelines(fields_of(senders))
        fields.flush()
        if daemon.stop() != 0:
            raise Wrong(daemon.errors())
        check_loss(count, found, said_lost(), others)
    if found < 0.9 * count:
        raise Wrong(f'{found} of {count} have a line: too few to tell what they cost')
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
    # Whole turns of all of them.
    count = bench.count(19200, 576)
    rows = []
    hows = {'of one sender and target': one}
    hows.update((f'of {n} senders and targets by turns', by_turns(n))
                for n in (FEW_SENDERS, MANY_SENDERS))
    for name, how in hows.items():
        with contextlib.closing(tempfile.NamedTemporaryFile('w', encoding='utf-8')) as fields:
            found = bench.rounds({
                'sigtraild': lambda how=how, fields=fields: ours(bench, count, fields, how),
                'libsystemd': lambda fields=fields: theirs(bench, count, fields),
            })
        rows.append(bench.ratio(
            f'our CPU a line in the journal, {name}, of sd_journal_sendv() of the same', 1.4,
            microseconds(found['sigtraild']), microseconds(found['libsystemd']), 'us',
            f'{count} kills, {min(count, BURST)} at a time; ours is with receiving, finding out '
            'who it was, and reading the journal back'))
    return rows
