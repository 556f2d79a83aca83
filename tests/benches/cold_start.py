#!/usr/bin/env python3
"""How a function starts: bars 1 to 4, each beside what it is measured against.

    python3 tests/benches/cold_start.py              all four bars; builds what is missing
    python3 tests/benches/cold_start.py --build      the same, after a release build of the functions
    python3 tests/benches/cold_start.py --sizes      bar 4 alone, in an instant: for CI after its release build

Measured are the functions found in the folder of --bins (default target/release;
target/lambda, where each is NAME/bootstrap, works too) and the probe, the
smallest function with an AWS client (shared/lambda/examples/probe.rs). It needs
valgrind, openssl, node and npm, the system's root certificates, and the package
registries the first time. Ends with 1 if a gated bar is missed or a function is
missing. Bar 3 is a time and so reported, never gated on.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from cold import certificates, measure, peers
from cold.service import DynamoDb

ROOT = peers.ROOT
MEGABYTE = 1_000_000
MOST_BYTES = {"api": 7 * MEGABYTE}
MOST_BYTES_OTHERWISE = 5 * MEGABYTE
CPU_RUNS = 21
# A batch of one message, which makes the probe call DynamoDB once.
ONE_CALL = {"Records": [{"messageId": "m-1", "body": '{"pk": "ada"}'}]}


class Table:
    """Rows of the result, printed as they come."""

    LAYOUT = "{:<4} {:<24} {:>15} {:>30} {:>9} {:>9}  {}"

    def __init__(self):
        self.missed = False
        print(self.LAYOUT.format("bar", "of", "measured", "peer", "ratio", "target", "verdict"))

    def row(self, bar, of, measured, peer, ratio, target, verdict):
        self.missed |= verdict.startswith("MISSED")
        print(self.LAYOUT.format(bar, of, measured, peer, ratio, target, verdict), flush=True)

    def unmeasured(self, bar, of, why):
        self.row(bar, of, "-", "-", "-", "-", f"MISSED: {why}")


def main():
    arguments = parsed_arguments()
    if arguments.build:
        packages = [argument for name in function_names() for argument in ("-p", name)]
        subprocess.run(["cargo", "build", "--release", "--locked", *packages], cwd=ROOT, check=True)
    functions = {name: binary(arguments.bins, name) for name in function_names()}
    table = Table()
    if not arguments.sizes:
        probe = peers.probe()
        measured = {"probe": probe} | {n: [str(path)] for n, path in functions.items() if path}
        first_poll(table, measured)
        first_call(table, probe)
        start_time(table, measured)
        functions = {"probe": Path(probe[0])} | functions
    sizes(table, functions)
    sys.exit(1 if table.missed else 0)


def parsed_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bins", type=Path, default=ROOT / "target/release", help="where the functions' binaries are")
    parser.add_argument("--build", action="store_true", help="build the functions first")
    parser.add_argument("--sizes", action="store_true", help="bar 4 only")
    return parser.parse_args()


def function_names():
    return sorted(manifest.parent.name for manifest in ROOT.glob("functions/*/Cargo.toml"))


def binary(folder, name):
    candidates = [folder / name / "bootstrap", folder / name]
    return next((path.resolve() for path in candidates if path.is_file()), None)


def first_poll(table, measured):
    """Bar 1: instructions from exec to the first poll, over a bare runtime's."""
    hello = measure.instructions(peers.rust("hello"))
    for name, command in measured.items():
        try:
            count = measure.instructions(command)
        except measure.Unmeasured as why:
            table.unmeasured(1, name, why)
            continue
        compare(table, 1, name, millions(count), f"{millions(hello)} bare runtime", count / hello, 3, "x")


def first_call(table, probe):
    """Bar 2: instructions from exec through the first TLS call, over the default SDK's."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        certificates.make(folder, ROOT / "shared/lambda/roots")
        database = DynamoDb(folder / "chain.pem", folder / "key.pem")
        variables = {
            "AWS_ENDPOINT_URL": database.url,
            "AWS_CA_BUNDLE": str(folder / "lean.pem"),
            "SSL_CERT_FILE": str(folder / "system.pem"),
        }
        refusal(table, probe, {"AWS_ENDPOINT_URL": database.url})
        try:
            lean = measure.instructions(probe, [ONE_CALL], variables)
            default = measure.instructions(peers.rust("default-sdk"), [ONE_CALL], variables)
        except measure.Unmeasured as why:
            table.unmeasured(2, "probe", why)
            return
        finally:
            database.close()
    compare(table, 2, "probe", millions(lean), f"{millions(default)} default SDK", lean / default, 0.012, "x")


def refusal(table, probe, variables):
    """The figure of bar 2 means something only if a server Amazon does not vouch for is refused."""
    verdict = "MISSED" if measure.succeeds(probe, [ONE_CALL], variables) else "met"
    table.row(2, "probe", "-", "server of an unknown root", "-", "refused", verdict)


def start_time(table, measured):
    """Bar 3: processor time to the first poll, as the share of Node's and Python's."""
    others = [("node + SDK", peers.node(), 40), ("python + boto3", peers.python(), 60)]
    others = [(name, measure.cpu_seconds(command, CPU_RUNS), times) for name, command, times in others]
    for name, command in measured.items():
        try:
            own = measure.cpu_seconds(command, CPU_RUNS)
        except measure.Unmeasured as why:
            table.unmeasured(3, name, why)
            continue
        for peer, seconds, times in others:
            verdict = "met" if own * times <= seconds else "missed (time: not gated)"
            table.row(3, name, f"{own * 1e3:.2f} ms", f"{seconds * 1e3:.0f} ms {peer}",
                      f"1/{seconds / own:.0f}", f"1/{times}", verdict)


def sizes(table, functions):
    """Bar 4: bytes of each stripped binary.

    What is above the target is recorded in sizes.json, so that it is seen, and cannot grow unseen.
    """
    recorded = json.loads((Path(__file__).parent / "sizes.json").read_text())
    for name, path in functions.items():
        if path is None:
            table.unmeasured(4, name, "no binary: build it first")
            continue
        size, most = path.stat().st_size, MOST_BYTES.get(name, MOST_BYTES_OTHERWISE)
        if size <= most:
            verdict = "met"
        elif size <= recorded.get(name, 0):
            verdict = f"missed ({size / most:.2f} of the target; recorded, may not grow)"
        else:
            verdict = "MISSED"
        table.row(4, name, f"{size / MEGABYTE:.2f} MB", "-", "-", f"{most / MEGABYTE:.0f} MB", verdict)


def compare(table, bar, name, measured, peer, ratio, most, unit):
    verdict = "met" if ratio <= most else "MISSED"
    table.row(bar, name, measured, peer, f"{ratio:.3g}{unit}", f"{most}{unit}", verdict)


def millions(count):
    return f"{count / 1e6:.3f} M"


if __name__ == "__main__":
    main()
