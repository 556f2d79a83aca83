"""AWS on this machine: one process on loopback, gone with everything it started when the check ends."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = ROOT / ".tools" / "emulator" / "bin" / "ministack"
REGION = "eu-central-1"
READY_SECONDS = 60
STOP_SECONDS = 5
LAST_LINES = 60

# What the emulator knows as the account's root: it may do anything, unlike the functions' roles.
ROOT_KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _descendants(pid):
    """Ids of the processes below this one, by what the kernel says of their parents."""
    children = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name in brackets may hold spaces: what follows the last bracket is the state, then the parent.
            parent = int(status.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        children.setdefault(parent, []).append(int(status.parent.name))
    found, waiting = [], [pid]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


class Emulator:
    """Runs while the `with` block does. Roles are enforced; nothing is kept."""

    def __enter__(self):
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = Path(tempfile.mkdtemp(prefix="crm-deployed-"))
        self.log = self.folder / "emulator.log"
        # A kill would skip __exit__ and leave the emulator behind.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [PROGRAM], cwd=self.folder, env=self._environment(), stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT,
            )
        return self

    def __exit__(self, *_):
        # The functions it started have sessions of their own and outlive it when it has to be killed.
        started = _descendants(self.process.pid)
        self.process.terminate()
        try:
            self.process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pid in started:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self):
        """What a program needs to take the emulator for AWS."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {**kept, **ROOT_KEYS, "AWS_ENDPOINT_URL": self.url}

    def _environment(self):
        return {
            **self.environment(),
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            "LAMBDA_EXECUTOR": "local",
            "TMPDIR": str(self.folder),
            "STATE_DIR": str(self.folder / "state"),
        }

    def wait_until_ready(self):
        """Returns once it answers.

        Raises RuntimeError with its last words where it does not.
        """
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/_ministack/ready", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise RuntimeError(f"the emulator does not answer:\n{self.last_words()}")

    def log_text(self):
        """Everything it and the functions have said so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def last_words(self):
        """The end of that, for a failure's report."""
        return "\n".join(self.log_text().splitlines()[-LAST_LINES:])
