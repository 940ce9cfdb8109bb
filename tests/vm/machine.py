# SPDX-License-Identifier: LGPL-2.1-or-later
"""A Debian 12 with systemd in qemu: its file system, its kernel, how it is booted.

What a guest is to run stands below /opt/vm. It writes a line (a mark) to its second serial
port for each step, and the last is "done"; results go into a tar on its second disk.
Building needs root (the file system's owners) and scripts/packages.vm.
"""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

SUITE = "bookworm"
PACKAGES = ["usr-is-merged", "systemd", "systemd-sysv", "libpam-systemd", "dbus", "login",
            "procps", "psmisc", "auditd", "libauparse0", "libeconf0", "libjansson4",
            "libcap-ng0"]

HERE = pathlib.Path(__file__).resolve().parent
# The guest's directory for what it is to run.
VM = "opt/vm"
MACHINE_ID = "5197a11d5197a11d5197a11d5197a11d"
MEMORY_MB = 1024
RESULTS_MB = 64
BOOTS = 3
# How often a guest that came up may stand still or panic.
STALLS = 2
# qemu 7.2 hangs in one boot of a hundred: who is silent for so long, also on a busy
# host, never comes up.
UP_SECONDS = 200

COMMAND_LINE = ("root=/dev/nvme0n1 rw console=ttyS0 quiet systemd.show_status=0 "
                "mitigations=off tsc=reliable no_timer_check "
                "sysctl.kernel.panic_on_rcu_stall=1 panic=-1")


# Guests that run, in any thread.
running = set()


class Trouble(Exception):
    """One sentence for whoever called us."""


def run(*args, **kwargs):
    """Runs a command; what it says is shown only when it fails."""
    kwargs.setdefault("env", {**os.environ, "LC_ALL": "C.UTF-8"})
    done = subprocess.run([str(a) for a in args], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, **kwargs)
    output = done.stdout.decode(errors="replace")
    if done.returncode:
        raise Trouble(f"{args[0]} failed ({done.returncode}):\n{output}")
    return output


def cache_directory():
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(home) / "sigtrail-vm"


def cached(directory, name, inputs, make):
    """The file that make(path) makes of these inputs, now or at an earlier time."""
    key = hashlib.sha256(repr(inputs).encode()).hexdigest()[:16]
    path = directory / f"{name}-{key}"
    if not path.exists():
        print(f"boot: making {path}", file=sys.stderr)
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=directory) as work:
            make(pathlib.Path(work) / name)
            os.rename(pathlib.Path(work) / name, path)
        # What older inputs gave serves nobody any more.
        for old in set(directory.glob(name + "-*")) - {path}:
            old.unlink()
    return path


def kernel_package():
    """The package that linux-image-cloud-amd64 stands for, with its version."""
    depends = run("apt-cache", "depends", "--important", "linux-image-cloud-amd64")
    names = [line.split()[-1] for line in depends.splitlines() if "Depends:" in line]
    if not names:
        raise Trouble("apt knows no linux-image-cloud-amd64: apt-get update")
    shown = run("apt-cache", "show", "--no-all-versions", names[0])
    version = [line for line in shown.splitlines() if line.startswith("Version:")]
    return names[0], version[0].split()[1]


def make_kernel(path, package):
    work = path.parent
    run("apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", package, cwd=work)
    run("dpkg-deb", "-x", next(work.glob("*.deb")), work / "deb")
    shutil.move(next((work / "deb/boot").glob("vmlinuz-*")), path)


def kernel(cache):
    """The cache's kernel, as new as apt knows it."""
    package, version = kernel_package()
    return cached(cache, "kernel", (package, version),
                  lambda path: make_kernel(path, package))


def versions(packages):
    """What apt has of these packages and of all that they depend on: names, versions."""
    listed = run("apt-cache", "depends", "--recurse", "--important", *packages)
    names = {line for line in listed.splitlines() if re.match(r"[a-z0-9]", line)}
    if not names.issuperset(packages):
        raise Trouble(f"apt knows no {' '.join(set(packages) - names)}: apt-get update")
    policy = run("apt-cache", "policy", *sorted(names))
    return re.findall(r"^(\S+):\n  Installed: .*\n  Candidate: (.*)$", policy, re.M)


def root(cache, name="root", packages=PACKAGES):
    """The cache's root file system, a tar, with these packages, as new as apt knows them."""
    command = ["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase",
               "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
               "--include=" + ",".join(packages)]
    command += [f"--dpkgopt=path-exclude=/usr/share/{directory}/*"
                for directory in ("doc", "man", "locale")]

    def make(path):
        run(*command, SUITE, path.with_suffix(".tar"))
        os.rename(path.with_suffix(".tar"), path)
    return cached(cache, name, (command, SUITE, versions(packages)), make)


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def prepare(root, wanted):
    """What makes the packages' tree one that boots by itself and starts these units."""
    units = root / "etc/systemd/system"
    # There is no udev that would bring the terminals: they would be waited for.
    for name in ("console-getty", "getty@tty1", "serial-getty@ttyS0"):
        (units / f"{name}.service").symlink_to("/dev/null")
    # A known machine is no first boot.
    write(root / "etc/machine-id", MACHINE_ID + "\n")
    write(root / "etc/hostname", "guest\n")
    write(root / "etc/hosts", "127.0.0.1 localhost guest\n")
    write(root / "etc/fstab", "/dev/nvme0n1 / ext4 rw,noatime 0 0\n")
    (root / "var/log/journal").mkdir(exist_ok=True)
    for target, unit in wanted:
        wants = units / f"{target}.target.wants"
        wants.mkdir(exist_ok=True)
        (wants / unit).symlink_to(f"../{unit}")


def add_programs(root, sources):
    """Builds the C programs that the cases need."""
    (root / VM / "bin").mkdir(parents=True)
    for source in sources:
        run("cc", "-O1", "-g", "-Wall", "-Werror", "-static", "-pthread", "-o",
            root / VM / "bin" / source.stem, source)


def image(work, tar, megabytes, fill):
    """An ext4 image of the tar with what fill(root) adds."""
    tree = work / "root"
    tree.mkdir()
    run("tar", "-C", tree, "--numeric-owner", "--xattrs", "-xf", tar)
    fill(tree)
    path = work / "root.img"
    run("mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-d", tree, path,
        f"{megabytes}M")
    shutil.rmtree(tree)
    return path


def qemu_command(vmlinuz, disk, results, work, append, snapshot="on"):
    """The guest on that disk; with snapshot "on" what it writes there is forgotten."""
    def drive(number, path, forget):
        options = f"if=none,id=d{number},format=raw,file={path},snapshot={forget}"
        return ["-drive", options,
                "-device", f"nvme-ns,drive=d{number},bus=nvme,nsid={number}"]
    return (["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-smp", "2",
             "-cpu", "max", "-m", str(MEMORY_MB), "-nodefaults", "-no-user-config",
             "-display", "none", "-no-reboot",
             "-kernel", str(vmlinuz), "-append", f"{COMMAND_LINE} {append}",
             "-device", "nvme,id=nvme,serial=vm"]
            + drive(1, disk, snapshot) + drive(2, results, "off")
            + ["-serial", f"file:{work}/console", "-serial", f"file:{work}/marks"])


def read_marks(work):
    try:
        return (work / "marks").read_text(errors="replace").split("\n")[:-1]
    except FileNotFoundError:
        return []


def boot_once(command, work, seconds, tell):
    """True when the guest ran to its end, False when it didn't come up or stalled.

    Each mark buys the time for one more; tell(mark) is called with it.
    """
    (work / "marks").unlink(missing_ok=True)
    seen = 0
    deadline = time.monotonic() + UP_SECONDS
    qemu = subprocess.Popen(command)
    running.add(qemu)
    try:
        while qemu.poll() is None:
            if time.monotonic() > deadline:
                return False
            marks = read_marks(work)
            for mark in marks[seen:]:
                deadline = time.monotonic() + seconds
                tell(mark.strip())
            seen = len(marks)
            time.sleep(0.1)
    finally:
        if qemu.poll() is None:
            qemu.kill()
        qemu.wait()
        running.remove(qemu)
    for mark in read_marks(work)[seen:]:
        tell(mark.strip())
    return "done" in [m.strip() for m in read_marks(work)]


def empty_results(path):
    with open(path, "wb") as file:
        file.truncate(RESULTS_MB << 20)


def last_words(work):
    return (work / "console").read_text(errors="replace")[-3000:]
