# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the packages' scripts do before a removal, with programs other than the host's."""
import os
import subprocess
import tempfile

# What /run/sigtrail has, and what an unload makes of it: it takes the directory along, unless
# another one holds the rules.
HELD = (['lock', 'rules'], 'exit 2')
LEFT_RULES = (['lock', 'rules'], 'rm -r RUN')
NO_FILES = ([], 'exit 9')
NO_DIRECTORY = (None, 'exit 9')


def before_removal(shell, text, found, rules_unit=':'):
    """Runs a script of a package where systemd is, with other programs than the host's and
    another /run; rules_unit is what the stop of sigtrail-rules.service does. What it called, and
    what its directory has then (None: it is gone)."""
    with tempfile.TemporaryDirectory(prefix='sigtrail-removal-') as root:
        run, (files, unload) = f'{root}/sigtrail', found
        os.mkdir(f'{root}/systemd')
        if files is not None:
            os.mkdir(run)
            for name in files:
                with open(f'{run}/{name}', 'w', encoding='ascii'):
                    pass
        programs = {'systemctl': '', 'deb-systemd-invoke': '', 'deb-systemd-helper': '',
                    'sigtrail': unload}
        os.mkdir(f'{root}/bin')
        for name, does in programs.items():
            with open(f'{root}/bin/{name}', 'w', encoding='utf-8') as file:
                logs = '' if name == 'deb-systemd-helper' else f'echo {name} $* >>{root}/log'
                file.write(f'#!/bin/sh\n{logs}\ncase "$*" in\n"stop sigtrail-rules.service") '
                           f'{rules_unit} ;;\nesac\n{does or ":"}\n'.replace('RUN', run))
            os.chmod(f'{root}/bin/{name}', 0o755)
        text = text.replace('/run/systemd/system', f'{root}/systemd').replace('/run/sigtrail', run)
        path = f'{root}/bin:{os.environ["PATH"]}'
        ran = subprocess.run([shell, '-c', text], env={**os.environ, 'PATH': path}, text=True,
                             stdin=subprocess.DEVNULL, capture_output=True, check=False)
        assert ran.returncode == 0, ran
        called = []
        if os.path.exists(f'{root}/log'):
            with open(f'{root}/log', encoding='utf-8') as file:
                called = file.read().splitlines()
        return called, sorted(os.listdir(run)) if os.path.exists(run) else None


def removal_puts_the_host_back(shell, text, stops):
    """First the daemon is stopped, then the unit of its rules, and what is left goes."""
    unit, unload = f'{stops} stop sigtrail-rules.service', 'sigtrail rules unload'
    for found, called, left, rules_unit in (
            (LEFT_RULES, [unit, unload], None, ':'),
            (LEFT_RULES, [unit], None, 'rm -r RUN'),
            (HELD, [unit, unload], ['lock', 'rules'], 'exit 5'),
            (NO_FILES, [unit], None, ':'),
            (NO_DIRECTORY, [unit], None, 'exit 5')):
        said, has = before_removal(shell, text, found, rules_unit)
        assert 'sigtraild.service' in said[0] and said[1:] == called and has == left, \
            (found, rules_unit, said, has)
