# SPDX-License-Identifier: LGPL-2.1-or-later
"""From the start to READY=1, against a program that says nothing else."""
import os
import signal
import socket
import subprocess
import tempfile
import time

from host import auditctl
from measure import Wrong


def to_ready(arguments):
    """Milliseconds until the message has come."""
    with tempfile.TemporaryDirectory() as directory, \
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        path = os.path.join(directory, 'notify')
        manager.bind(path)
        manager.settimeout(20)
        began = time.perf_counter()
        process = subprocess.Popen(arguments, env={**os.environ, 'NOTIFY_SOCKET': path},
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            while b'READY=1' not in manager.recv(4096):
                continue
            took = time.perf_counter() - began
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
    return took * 1000


def ours(bench):
    with tempfile.NamedTemporaryFile('w', encoding='ascii') as config:
        took = to_ready([bench.sigtraild, '--config', config.name, '--output=json'])
    if 'key=sigtrail\n' in auditctl('-l'):
        raise Wrong('it left its rules')
    return took


def compare(bench):
    found = bench.rounds({
        'ours': lambda: ours(bench),
        'ready': lambda: to_ready([bench.program('tests/ready')]),
    }, bench.runs if bench.quick else 4 * bench.runs)
    return [bench.ratio('start to ready, of a libsystemd program that only says READY', 5,
                        found['ours'], found['ready'], 'ms',
                        'audit is off before; rules, sockets and a look at all processes')]
