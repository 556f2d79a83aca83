"""Builds and installs what we are measured against, pinned, into ignored folders."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PEERS = ROOT / "tests/benches/peers"
BUILT = ROOT / "target/peers"
INSTALLED = ROOT / ".tools/peers"


def probe():
    """The command of our own smallest function with a client."""
    _run(["cargo", "build", "--release", "--locked", "-p", "crm-lambda", "--example", "probe"], ROOT)
    return [str(ROOT / "target/release/examples/probe")]


def rust(name):
    """The command of a Rust peer."""
    _run(["cargo", "build", "--release", "--locked", "-p", name, "--target-dir", str(BUILT)], PEERS)
    return [str(BUILT / "release" / name)]


def node():
    """The command of the Node peer."""
    folder = INSTALLED / "node"
    folder.mkdir(parents=True, exist_ok=True)
    for file in ("package.json", "package-lock.json", "start.js"):
        (folder / file).write_text((PEERS / "node" / file).read_text())
    _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
    # Past any version manager's wrapper, whose time is not Node's.
    executable = subprocess.check_output(["node", "-p", "process.execPath"], text=True).strip()
    return [executable, str(folder / "start.js")]


def python():
    """The command of the Python peer."""
    folder = INSTALLED / "python"
    if not (folder / "bin/python").exists():
        _run([sys.executable, "-m", "venv", str(folder)], ROOT)
    requirements = PEERS / "python/requirements.txt"
    _run([str(folder / "bin/pip"), "install", "--quiet", "--requirement", str(requirements)], ROOT)
    start = PEERS / "python/start.py"
    command = [str(folder / "bin/python"), str(start)]
    # Lambda's Python has its libraries compiled already; so has this one from here on.
    _run([str(folder / "bin/python"), "-m", "compileall", "-q", str(folder / "lib")], ROOT)
    return command


def _run(command, folder):
    subprocess.run(command, cwd=folder, check=True, stdout=sys.stderr)
