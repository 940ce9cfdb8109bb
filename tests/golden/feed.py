# SPDX-License-Identifier: LGPL-2.1-or-later
"""Feeds sigtraild (the first argument of the program) a stream of records, and holds its output,
memory and time against what they may be."""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading

SIGTRAILD, DATA = sys.argv[1:3]
CONFIG = os.path.join(DATA, 'golden.conf')

with open(SIGTRAILD, 'rb') as program:
    SANITIZED = b'__asan_init' in program.read()
# Shadow memory and quarantine are the sanitizer's, not ours.
MEMORY_KIB = (1024 if SANITIZED else 80) << 10
SLOWER = 8 if SANITIZED else 1
ENVIRONMENT = {**os.environ, 'ASAN_OPTIONS': 'quarantine_size_mb=16:detect_leaks=1',
               'UBSAN_OPTIONS': 'halt_on_error=1:print_stacktrace=1'}

# What must never come out: C0 (but for the newline at the end), DEL, C1, line and paragraph
# separators, bidi controls.
DIRTY = re.compile('[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]')
NAME = r'(?:"[^"]*"|[^\s,"\[\]()]+)'
TEXT = re.compile(rf'(?P<time>\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z) '
                  rf'(?:trail (?P<trail>.*)|(?P<died>\S.* died of .*)|'
                  rf'(?P<signal>a signal|-?\w+(?:\+\d+)?) from (?P<ends>.*))')


class Result:
    """What a run gave: its lines, which are clean."""

    def __init__(self, lines):
        self.lines = lines

    def entries(self):
        return [json.loads(line) for line in self.lines]

    def signals(self):
        return [e for e in self.entries() if 'signal' in e or 'syscall' in e]

    def lost(self, cause):
        return sum(e['trail']['lost'] for e in self.entries()
                   if e.get('trail', {}).get('cause') == cause)


def check_line(raw, output):
    assert raw.endswith(b'\n'), f'no whole line: {raw[-200:]}'
    line = raw[:-1].decode('utf-8')
    assert not DIRTY.search(line), f'control characters: {raw[:300]}'
    if output == 'json':
        assert isinstance(json.loads(line), dict), line[:300]
    else:
        assert TEXT.fullmatch(line), f'not of the form: {line[:300]}'
    return line


def write_all(pipe, chunks):
    try:
        with pipe:
            for chunk in chunks:
                pipe.write(chunk)
    except BrokenPipeError:
        pass


# Starts the daemon and tells what it needed. A program of its own, since a process that was
# just started counts as large as the one that started it, and this one holds the test's data.
LAUNCHER = '''
import os, sys
report = int(sys.argv[1])
pid = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
status, usage = os.wait4(pid, 0)[1:]
os.write(report, b'%d %d %f' % (os.waitstatus_to_exitcode(status), usage.ru_maxrss,
                               usage.ru_utime + usage.ru_stime))
'''


def run(chunks, output='json', limit_seconds=20):
    """Feeds the stream; every line of the output is clean, the exit status 0, memory and
    processor time bounded."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, \
            tempfile.TemporaryFile() as report:
        process = subprocess.Popen(
            [sys.executable, '-I', '-S', '-c', LAUNCHER, str(report.fileno()), SIGTRAILD,
             '--config', CONFIG, '--source', 'stdin', '--output', output],
            stdin=subprocess.PIPE, stdout=out, stderr=err, env=ENVIRONMENT,
            pass_fds=[report.fileno()], start_new_session=True)
        killer = threading.Timer(min(limit_seconds * SLOWER * 10, 400), os.killpg,
                                 (process.pid, signal.SIGKILL))
        killer.start()
        write_all(process.stdin, chunks)
        process.wait()
        killer.cancel()
        report.seek(0)
        status, memory_kib, seconds = map(float, report.read().split() or (-1, 0, 0))
        err.seek(0)
        said = err.read(20000).decode('utf-8', 'replace')
        assert status == 0, f'exit status {status:.0f}: {said[:3000]}'
        assert 'runtime error' not in said, said[:3000]
        assert len(said) < 10000, f'says too much: {said[:1000]}'
        assert memory_kib < MEMORY_KIB, f'{memory_kib / 1024:.0f} MiB'
        assert seconds < limit_seconds * SLOWER, f'{seconds:.1f} s of processor time'
        out.seek(0)
        return Result([check_line(raw, output) for raw in out])
