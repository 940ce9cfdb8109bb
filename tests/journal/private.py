# SPDX-License-Identifier: LGPL-2.1-or-later
"""A journald of our own in a private mount namespace, for live tests of the daemon beside it."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

JOURNALD = '/lib/systemd/systemd-journald'
CONF = pathlib.Path('/run/systemd/journald.conf.d/99-sigtrail-test.conf')
SOCKET = pathlib.Path('/run/systemd/journal/socket')
SETTINGS = '[Journal]\nStorage=volatile\nReadKMsg=no\nForwardToSyslog=no\nForwardToWall=no\n'


def enter(script):
    """Runs the script again in a mount namespace of its own, over what a journald of ours
    would change; its configuration is ours alone. To be called before anything else; does
    nothing without root, which the tests say in their own words."""
    if os.geteuid() != 0:
        return
    if not os.environ.get('SIGTRAIL_TEST_INSIDE'):
        os.environ['SIGTRAIL_TEST_INSIDE'] = '1'
        os.execvp('unshare', ['unshare', '-m', '--propagation', 'private', sys.executable,
                              os.path.abspath(script), *sys.argv[1:]])
    for path in ('/run/systemd', '/run/log', '/var/log', '/etc/systemd'):
        os.makedirs(path, exist_ok=True)
        subprocess.run(['mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', path], check=True)
    CONF.parent.mkdir(parents=True)
    os.makedirs('/run/systemd/journal')
    os.makedirs('/run/log/journal')


class Journald:
    """A systemd-journald with these settings; it may not touch audit itself. With activated
    its socket is ours and outlives it, as the service manager's does, and it reads no audit
    records; else it makes its sockets itself."""

    def __init__(self, settings='', activated=False):
        self.settings = settings
        self.process = None
        self.socket = self.activated_socket() if activated else None

    @staticmethod
    def activated_socket():
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        SOCKET.unlink(missing_ok=True)
        listening.bind(str(SOCKET))
        SOCKET.chmod(0o666)
        return listening

    def start(self):
        CONF.write_text(SETTINGS + 'Audit=\n' + self.settings, encoding='ascii')
        command, fds = f'exec {JOURNALD}', []
        if self.socket:
            fds = [self.socket.fileno()]
            # The number of the process is known to itself only.
            command = f'LISTEN_PID=$$ LISTEN_FDS=1 exec {JOURNALD} 3<&{fds[0]}'
        else:
            SOCKET.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            ['setpriv', '--pdeathsig', 'KILL', 'sh', '-c', command], pass_fds=fds,
            stderr=subprocess.DEVNULL)
        end = time.monotonic() + 20
        while not SOCKET.exists():
            assert time.monotonic() < end, 'journald does not listen'
            time.sleep(0.02)

    def stop(self, signo=signal.SIGTERM):
        self.process.send_signal(signal.SIGCONT)
        self.process.send_signal(signo)
        self.process.wait(20)

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)
        stat = pathlib.Path(f'/proc/{self.process.pid}/stat')
        end = time.monotonic() + 20
        while ') T ' not in stat.read_text(encoding='ascii'):
            assert time.monotonic() < end, 'journald does not stop'
            time.sleep(0.01)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        if self.socket:
            self.socket.close()
        SOCKET.unlink(missing_ok=True)
        for path in ('/run/log/journal', '/var/log/journal'):
            subprocess.run(['find', path, '-type', 'f', '-delete'], check=False,
                           stderr=subprocess.DEVNULL)


def entries(*matches):
    """What the journal has of the daemon, oldest first."""
    run = subprocess.run(['journalctl', '--no-pager', '-q', '-o', 'json', '--all',
                          'SYSLOG_IDENTIFIER=sigtraild', *matches],
                         check=True, stdout=subprocess.PIPE)
    return [json.loads(line) for line in run.stdout.splitlines()]
