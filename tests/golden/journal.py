# SPDX-License-Identifier: LGPL-2.1-or-later
"""Journals for tests: as text in journal export format, and made into journal files.

    journal.py SIGTRAILD LOG...          what sigtraild writes into the journal for these
                                         recorded logs, in export format (as root)
"""
import os
import pathlib
import re
import socket
import struct
import subprocess
import sys
import tempfile

REMOTE = '/lib/systemd/systemd-journal-remote'
SOCKET_DIRECTORY = '/run/systemd/journal'
BOOT = '6e1b0ff3a4d74d6b9f0b8f6f3c1f6a01'
MACHINE = 'c2d1b5d0f5a24c7c8d3cc1ce6f1ab001'
LATE_USEC = 2000


def field(name, value):
    """One field in export format."""
    if isinstance(value, str):
        value = value.encode()
    if b'\n' in value or any(byte < 32 and byte != 9 for byte in value):
        return name.encode() + b'\n' + struct.pack('<Q', len(value)) + value + b'\n'
    return name.encode() + b'=' + value + b'\n'


def entry(fields, realtime_usec, uid=0, host='host', boot=BOOT):
    """An entry as journald keeps it: fields in export format and what it trusts."""
    return (b'__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n'
            % (realtime_usec, realtime_usec % 10**12)
            + field('_BOOT_ID', boot) + field('_MACHINE_ID', MACHINE)
            + (field('_HOSTNAME', host) if host else b'')
            + field('_UID', str(uid)) + field('_TRANSPORT', 'journal') + fields + b'\n')


def usec_of(fields):
    """When the event was that the entry is of."""
    return int(re.search(rb'^SIGTRAIL_TIME_USEC=(\d+)$', fields, re.M)[1])


def make(export, path):
    """The journal file at path of text in export format."""
    made = subprocess.run([REMOTE, '-o', str(path), '-'], input=export, capture_output=True,
                          check=False)
    if made.returncode != 0:
        raise RuntimeError(made.stderr.decode())


def capture_here(daemon, log):
    """What sigtraild sends to the journal's socket; in a mount namespace of our own."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 20)
    path = SOCKET_DIRECTORY + '/socket'
    pathlib.Path(path).unlink(missing_ok=True)
    listener.bind(path)
    listener.setblocking(False)
    found = []
    with open(log, 'rb') as source, tempfile.TemporaryFile() as errors:
        run = subprocess.Popen(
            [daemon, '--config', os.path.join(os.path.dirname(log), 'golden.conf'),
             '--source', 'stdin', '--output', 'journal'], stdin=source, stderr=errors)
        while True:
            ended = run.poll() is not None
            try:
                while True:
                    data, control, _, _ = listener.recvmsg(1 << 20, socket.CMSG_SPACE(4))
                    for _, _, descriptor in control:
                        number = struct.unpack('i', descriptor)[0]
                        data = os.pread(number, 1 << 24, 0)
                        os.close(number)
                    found.append(data)
            except BlockingIOError:
                if ended:
                    break
                try:
                    run.wait(0.002)
                except subprocess.TimeoutExpired:
                    pass
    listener.close()
    return found


def capture(daemon, logs):
    """The entries that sigtraild writes for each log, in export format: a dictionary."""
    made = subprocess.run(
        ['unshare', '-m', sys.executable, __file__, '--inside', daemon, *logs],
        stdout=subprocess.PIPE, check=True).stdout
    found = {}
    while made:
        name_len, size = struct.unpack('<QQ', made[:16])
        made = made[16:]
        name, made = made[:name_len].decode(), made[name_len:]
        found.setdefault(name, []).append(made[:size])
        made = made[size:]
    return found


def inside(daemon, logs):
    os.makedirs(SOCKET_DIRECTORY, exist_ok=True)
    subprocess.run(['mount', '-t', 'tmpfs', 'tmpfs', SOCKET_DIRECTORY], check=True)
    for log in logs:
        for fields in capture_here(daemon, log):
            sys.stdout.buffer.write(struct.pack('<QQ', len(log.encode()), len(fields))
                                    + log.encode() + fields)


def main():
    if sys.argv[1] == '--inside':
        inside(sys.argv[2], sys.argv[3:])
        return
    for fields in sum(capture(sys.argv[1], sys.argv[2:]).values(), []):
        sys.stdout.buffer.write(entry(fields, usec_of(fields) + LATE_USEC))


if __name__ == '__main__':
    main()
