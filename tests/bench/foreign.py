# SPDX-License-Identifier: LGPL-2.1-or-later
"""CPU for the records that others' rules make, of execve and of a watched file."""
import contextlib
import statistics
import subprocess
import tempfile

from measure import Daemon, EVERY_SIGNAL, Reader, Wrong, account, audit_rules, cpu_of

EVENTS_AN_EXEC = 5  # the exec, and OPENS of foreign.c


@contextlib.contextmanager
def load(bench, execs):
    """What makes the records; a kill(2) behind them all must still be told."""
    with tempfile.NamedTemporaryFile() as watched, audit_rules(
            f'-w {watched.name} -p r', '-a always,exit -F arch=b64 -S execve'):
        def run():
            subprocess.run([bench.program('tests/foreign'), str(execs), watched.name],
                           check=True)
            return bench.kills('flood', 1, 0)
        yield run


def by_reader(bench, execs):
    with Reader(bench) as reader, load(bench, execs) as run:
        _, cpu = cpu_of(reader.pid, run)
        records, events, dropped = reader.stop()
    if dropped or events < execs * EVENTS_AN_EXEC:
        raise Wrong(f'the bare reader counted {events} events and {dropped} drops')
    return cpu / records, records


def by_sigtraild(bench, execs, track):
    config = EVERY_SIGNAL + f'[Process]\nTrack={track}\n'
    with Daemon(bench.sigtraild, '--output=json', config=config) as daemon, \
            load(bench, execs) as run:
        told, cpu = cpu_of(daemon.process.pid, run)
        if account(bench, daemon, told):
            raise Wrong('the signal behind the foreign records was lost')
        if any(event.get('trail', {}).get('event') == 'incomplete' for event in daemon.lines()):
            raise Wrong('the trail is incomplete')
    return cpu


def compare(bench):
    execs = bench.count(20000, 100)
    found = bench.rounds({
        'reader': lambda: by_reader(bench, execs),
        'ours': lambda: by_sigtraild(bench, execs, 'no'),
        'tracking': lambda: by_sigtraild(bench, execs, 'yes'),
    })
    records = statistics.median(n for _, n in found['reader'])
    theirs = [cpu * 1e6 for cpu, _ in found['reader']]
    note = f'{execs * EVENTS_AN_EXEC} events, {records:.0f} records'
    return [bench.ratio(f"CPU for a record that isn't ours, {name}, of a bare reader", 0.5,
                        [cpu / records * 1e6 for cpu in found[key]], theirs, 'us', note)
            for key, name in (('tracking', 'as shipped (Track=yes: each exec is looked at)'),
                              ('ours', 'Track=no'))]
