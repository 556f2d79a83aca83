"""Runs a function's process against the loopback services and counts what it costs."""

import os
import re
import signal
import statistics
import subprocess
import tempfile
from pathlib import Path

from cold.service import SIGNAL_THAT_LETS_CALLGRIND_WRITE, RuntimeApi

# The longest that one process may take under callgrind.
LIMIT_SECONDS = 300

# Whatever a function of ours asks for at its start; none of it is real.
SETTINGS = {
    "BUS_NAME": "bus",
    "FACTS_TABLE": "facts",
    "IMPORT_SECRET_ID": "import",
    "INGEST_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/1/ingest",
    "MAIL_FROM": "shop@example.com",
    "OUTBOUND_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/1/outbound",
    "PARKED_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/1/parked",
    "PEOPLE_TABLE": "people",
    "ROLE_CLAIM": "cognito:groups",
    "SHOPIFY_SECRET_ID": "shopify",
    "STORE_NAME": "Shop",
}

# As Lambda sets them.
LAMBDA = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
    "AWS_LAMBDA_FUNCTION_NAME": "measured",
    "AWS_LAMBDA_FUNCTION_VERSION": "1",
    "AWS_REGION": "eu-central-1",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "token",
    "HOME": "/nowhere",
    "LANG": "en_US.UTF-8",
    "LOG_LEVEL": "info",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "TZ": ":UTC",
}


class Unmeasured(Exception):
    """The process did not do what was to be measured."""


def instructions(command, events=(), variables=()):
    """Instructions from exec to the poll after `events`, counted by callgrind."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "callgrind.out"
        valgrind = ["valgrind", "--tool=callgrind", "--quiet", f"--callgrind-out-file={out}"]
        _run(valgrind + command, SIGNAL_THAT_LETS_CALLGRIND_WRITE, events, variables)
        return int(re.search(r"^(?:totals|summary): (\d+)", out.read_text(), re.MULTILINE)[1])


def succeeds(command, events, variables):
    """Whether the process handles all of `events` without reporting a failure."""
    try:
        _run(command, signal.SIGKILL, events, variables)
    except Unmeasured:
        return False
    return True


def cpu_seconds(command, times):
    """Median processor time, user and system, from exec to the first poll."""
    return statistics.median(_cpu_seconds_once(command) for _ in range(times))


def _cpu_seconds_once(command):
    usage = _run(command, signal.SIGKILL, (), ())
    return usage.ru_utime + usage.ru_stime


def _run(command, ended_by, events, variables):
    api = RuntimeApi(events, ended_by)
    environment = LAMBDA | SETTINGS | {"AWS_LAMBDA_RUNTIME_API": api.address} | dict(variables)
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        api.serves(process.pid)
        usage = _ended(process)
        api.close()
        if api.polls <= len(events) or api.failures:
            output.seek(0)
            told = output.read().decode(errors="replace").strip() or "nothing said"
            raise Unmeasured("; ".join(api.failures) or f"never polled: {told[-300:]}")
    return usage


def _ended(process):
    """Waits for the end, by force if need be, and returns the resources used."""
    signal.signal(signal.SIGALRM, lambda *_: process.kill())
    signal.alarm(LIMIT_SECONDS)
    _, status, usage = os.wait4(process.pid, 0)
    signal.alarm(0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage
