# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tracers cost that show signals too: their own CPU, and the sender's time."""
import contextlib
import json
import os
import signal
import statistics
import subprocess
import tempfile
import time

from measure import Daemon, EVERY_LINE, Missing, Row, Wrong, account, command, cpu_of

START_SECONDS = 60


@contextlib.contextmanager
def sender(bench, count):
    """A sender that waits for its word; started before whoever attaches to it."""
    process = subprocess.Popen([bench.program('tests/kills'), 'wait', str(count), '0'],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def go(process):
    """What it says once it has sent all."""
    said, _ = process.communicate('go\n', timeout=600)
    return json.loads(said)


def by_nobody(bench, count):
    with sender(bench, count) as process:
        return go(process)['seconds'] / count, 0, 0


def by_sigtraild(bench, count):
    with Daemon(bench.sigtraild, '--output=json', config=EVERY_LINE) as daemon, \
            sender(bench, count) as process:
        told, cpu = cpu_of(daemon.process.pid, lambda: go(process))
        return told['seconds'] / count, cpu / count, account(bench, daemon, told)


def wait_for_text(path, text, process):
    end = time.monotonic() + START_SECONDS
    while True:
        with open(path, encoding='utf-8', errors='replace') as file:
            said = file.read()
        if text in said:
            return
        if process.poll() is not None or time.monotonic() > end:
            raise Missing('does not run on this kernel: ' + ' '.join(said.split())[-160:])
        time.sleep(0.1)


def by_tracer(bench, count, arguments, begun, told_by):
    """CPU and loss of a tracer that writes a line for each kill(2)."""
    arguments = [command(arguments[0]), *arguments[1:]]
    if arguments[0].endswith('stdbuf'):
        command(arguments[2])
    with sender(bench, count) as process, tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, 'out')
        with open(path, 'wb') as out, subprocess.Popen(
                [a.format(pid=process.pid) for a in arguments], stdin=subprocess.DEVNULL,
                stdout=out, stderr=out) as tracer:
            try:
                wait_for_text(path, begun, tracer)
                told, cpu = cpu_of(tracer.pid, lambda: go(process))
            finally:
                if tracer.poll() is None:
                    tracer.send_signal(signal.SIGINT)
                    tracer.wait(60)
        with open(path, encoding='utf-8', errors='replace') as out:
            shown = sum(told_by(line, told) for line in out)
    if shown == 0:
        raise Missing('shows nothing on this kernel')
    if shown > count:
        raise Wrong(f'{arguments[0]} shows {shown} of {count}')
    return told['seconds'] / count, cpu / count, count - shown


def snooped(line, told):
    """Is this its SIGUSR1? The columns: TIME PID COMM SIG TPID RESULT."""
    columns = line.split()
    return len(columns) == 6 and columns[1] == str(told['pid']) and \
        columns[3] == str(int(signal.SIGUSR1))


TRACERS = {
    'strace -p': (['strace', '-e', 'trace=kill', '-p', '{pid}'], 'attached',
                  lambda line, told: line.startswith('kill(') and 'SIGUSR1' in line),
    'killsnoop.bt (bpftrace)': (['killsnoop.bt'], 'RESULT', snooped),
    # As on a terminal: a line is out when it is written.
    'sigsnoop (libbpf-tools)': (['stdbuf', '-oL', 'sigsnoop', '-k'], 'RESULT', snooped),
}


def have_tracefs():
    """Where bpftrace and libbpf look for tracepoints; in this mount namespace only."""
    if not os.path.exists('/sys/kernel/tracing/events'):
        subprocess.run(['mount', '-t', 'tracefs', 'tracefs', '/sys/kernel/tracing'],
                       stderr=subprocess.DEVNULL, check=False)


def compare(bench):
    have_tracefs()
    count = bench.count(50000, 1000)
    peers = {'nobody': lambda: by_nobody(bench, count),
             'sigtraild, a line each': lambda: by_sigtraild(bench, count)}
    for name, how in TRACERS.items():
        peers[name] = lambda how=how: by_tracer(bench, count, *how)
    found = bench.rounds(peers)
    bare = statistics.median(seconds for seconds, _, _ in found.pop('nobody'))
    rows = []
    for name, results in found.items():
        title = f'kill() in a tight loop under {name}, of the same unwatched'
        if isinstance(results, Missing):
            rows.append(Row(title, measured='-', note=str(results)))
            continue
        took, cpu, lost = (statistics.median(column) for column in zip(*results))
        rows.append(Row(title, measured=f'{took / bare:.1f} ({took * 1e6:.3g} of '
                        f'{bare * 1e6:.3g} us)', value=took / bare, runs=len(results),
                        note=f'its CPU {cpu * 1e6:.3g} us an event; {lost:.0f} of {count} lost'
                        + ('' if name.startswith('sigtraild') else ', without a word')
                        * (lost > 0)))
    return rows
