# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the live tests share: the host's audit state, a running daemon, TAP."""
import contextlib
import fcntl
import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
import time
import traceback

STATE = ('enabled', 'failure', 'pid', 'rate_limit', 'backlog_limit', 'backlog_wait_time')


def auditctl(*args):
    run = subprocess.run(['auditctl', *args], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise RuntimeError(f'auditctl {" ".join(args)}: {run.stderr.strip()}')
    return run.stdout


def audit_state():
    """What the tests must leave as it was."""
    state = dict(line.split(None, 1) for line in auditctl('-s').splitlines() if ' ' in line)
    return {key: state[key] for key in STATE}, auditctl('-l')


def audit_changes(before, after):
    """What differs between two of these; empty where nothing does."""
    changes = [f'{key} was {before[0][key]}, is {after[0][key]}' for key in STATE
               if after[0][key] != before[0][key]]
    if after[1] != before[1]:
        changes.append(f'the rules were "{before[1].strip()}", are "{after[1].strip()}"')
    return '; '.join(changes)


def is_held():
    """Does a sigtraild (or sigtrail watch, run) hold the host's audit? Each has locked a byte
    behind the first."""
    try:
        with open('/run/sigtrail/lock', 'rb') as lock:
            asked = struct.pack('hhqqi4x', fcntl.F_WRLCK, os.SEEK_SET, 1, 0, 0)
            found = fcntl.fcntl(lock, fcntl.F_OFD_GETLK, asked)
    except FileNotFoundError:
        return False
    return struct.unpack('hhqqi4x', found)[0] != fcntl.F_UNLCK


def why_no_audit():
    """Why there is no kernel audit to work with here, or None."""
    if os.geteuid() != 0:
        return 'kernel audit is tested as root'
    try:
        if audit_state()[0]['enabled'] == '2':
            return 'the audit rules are immutable on this host'
    except (OSError, RuntimeError) as error:
        return f'no kernel audit here: {error}'
    return None


def skip_without_audit():
    """Skips (or fails in CI) where there is nothing to test on."""
    why = why_no_audit()
    if why and os.environ.get('CI') == 'true':
        print(f'Bail out! {why}')
        sys.exit(1)
    if why:
        print(f'1..0 # SKIP {why}')
        sys.exit(0)


def require_audit():
    """The same, and cleans what an earlier run left: for who is alone on the host's audit."""
    skip_without_audit()
    if is_held():
        print('Bail out! sigtraild (or sigtrail watch, run) runs here, and would lose its rules: '
              'stop it first: systemctl stop sigtraild')
        sys.exit(1)
    remove_rules()


def remove_rules():
    """Those that an earlier run left."""
    for key in ('sigtrail', 'sigtrail-test'):
        if f'key={key}\n' in auditctl('-l'):
            auditctl('-D', '-k', key)


@contextlib.contextmanager
def audit_restored():
    """Puts back what the tests change of the host's audit (their rules, enabled, backlog_limit),
    whatever happens within."""
    before = audit_state()
    try:
        yield before
    finally:
        for key in ('sigtrail', 'sigtrail-test'):
            if f'key={key}\n' in auditctl('-l') and f'key={key}\n' not in before[1]:
                auditctl('-D', '-k', key)
        state = before[0]
        auditctl('-b', state['backlog_limit'])
        auditctl('-e', state['enabled'])


class Daemon:
    """sigtraild, ready; its lines go to a file unless stdout is given."""

    def __init__(self, path, *args, config='', stdout=None, env=None, ready=True):
        self.files = tempfile.TemporaryDirectory(prefix='sigtrail-test-')
        self.config = os.path.join(self.files.name, 'sigtrail.conf')
        self.out = os.path.join(self.files.name, 'out')
        self.err = os.path.join(self.files.name, 'err')
        self.configure(config)
        with open(self.out, 'wb') as out, open(self.err, 'wb') as err:
            self.process = subprocess.Popen(
                [path, '--config', self.config, *args],
                stdin=subprocess.DEVNULL, stdout=stdout if stdout is not None else out,
                stderr=err, env={**os.environ, **(env or {})},
                # As a service is: what it asks of the scheduler is for its session.
                start_new_session=True)
        if ready:
            self.wait_for(lambda: 'ready' in self.errors(), 'ready')

    def configure(self, text):
        with open(self.config, 'w', encoding='utf-8') as config:
            config.write(text)
        os.chmod(self.config, 0o600)

    def errors(self):
        with open(self.err, encoding='utf-8') as err:
            return err.read()

    def lines(self):
        """Those that are whole: the daemon may be writing one."""
        with open(self.out, encoding='utf-8') as out:
            return [json.loads(line) for line in out if line.endswith('\n')]

    def text(self):
        with open(self.out, encoding='utf-8') as out:
            return out.read()

    def wait_for(self, condition, what, seconds=20):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f'not within {seconds} s: {what}; said: {self.errors()}')
            if self.process.poll() is not None and not condition():
                raise AssertionError(f'ended before: {what}; said: {self.errors()}')
            time.sleep(0.01)

    def stop(self, signo=signal.SIGTERM):
        """Ends it; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signo)
        return self.process.wait(30)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.files.cleanup()


class Auditd:
    """auditd in the foreground, with a configuration of its own and these plugins. It
    writes its log only with the option -n: with -f all goes to standard error."""

    def __init__(self, plugins=None, settings='log_format = RAW\nflush = NONE\n',
                 option='-f'):
        self.files = tempfile.TemporaryDirectory(prefix='sigtrail-test-')
        self.log = os.path.join(self.files.name, 'audit.log')
        directory = os.path.join(self.files.name, 'plugins.d')
        os.mkdir(directory, 0o750)
        for name, text in (plugins or {}).items():
            self.write(os.path.join(directory, name), text)
        self.write(os.path.join(self.files.name, 'auditd.conf'),
                   f'log_file = {self.log}\nplugin_dir = {directory}\nspace_left = 2\n'
                   f'admin_space_left = 1\n{settings}')
        self.err = os.path.join(self.files.name, 'err')
        with open(self.err, 'wb') as err:
            self.process = subprocess.Popen(
                ['auditd', option, '-s', 'nochange', '-c', self.files.name],
                stdin=subprocess.DEVNULL, stdout=err, stderr=err)

    @staticmethod
    def write(path, text):
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        os.chmod(path, 0o640)

    def errors(self):
        with open(self.err, encoding='utf-8') as err:
            return err.read()

    def wait_ready(self):
        end = time.monotonic() + 20
        while audit_state()[0]['pid'] != str(self.process.pid):
            assert self.process.poll() is None, self.errors()
            assert time.monotonic() < end, self.errors()
            time.sleep(0.01)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(30)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.files.cleanup()


def end_once(*_):
    # A second one would cut the putting back short.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(1)


def run_tests(tests):
    """Runs each as one TAP point, alone on the host's audit and with its state put back.

    SIGTRAIL_ONLY=NAME runs those that have it in their name, for whoever works on one.
    """
    tests = [t for t in tests if os.environ.get('SIGTRAIL_ONLY', '') in t.__name__]
    # Behind nohup(1) it is ignored, by all that is started here too.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, end_once)
    with open('/run/lock/sigtrail-test.lock', 'w', encoding='utf-8') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Not before: the rules that it removes may be those of another test.
        require_audit()
        failed = 0
        print(f'1..{len(tests)}', flush=True)
        for number, test in enumerate(tests, 1):
            name = test.__name__
            try:
                with audit_restored() as before:
                    test()
                    changes = audit_changes(before, audit_state())
                    assert not changes, changes
                print(f'ok {number} - {name}', flush=True)
            except Exception:  # pylint: disable=broad-except
                failed += 1
                print(f'not ok {number} - {name}', flush=True)
                for line in traceback.format_exc().splitlines():
                    print(f'# {line[:2000]}', flush=True)
    sys.exit(1 if failed else 0)
