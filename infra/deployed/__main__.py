"""Deploys the template to an emulated AWS on this machine and lives one order's life in it.

    python infra/deployed            the story, then once more without a grant it needs
    python infra/deployed --grants   each grant of each function in turn (minutes)

Expects the binaries in target/lambda (infra/build-functions) and the tools in .tools (infra/setup-tools).
"""

import argparse
import sys
import time
from contextlib import contextmanager

import grants
from emulator import Emulator
from stack import Stack
from story import Failed, Story


@contextmanager
def step(name):
    """Says what is being done, and how long it took."""
    print(f"deployed: {name} ...", flush=True)
    start = time.monotonic()
    yield
    print(f"deployed: {name}: {time.monotonic() - start:.1f} s", flush=True)


def main():
    """The answer is the exit code."""
    parser = argparse.ArgumentParser(description="Checks the deployed template.")
    parser.add_argument("--grants", action="store_true", help="take every grant away in turn")
    options = parser.parse_args()

    with Emulator() as emulator:
        with step("start the emulator"):
            emulator.wait_until_ready()
        with step("deploy the template"):
            stack = Stack.deploy(emulator)
        try:
            with step("an order becomes a customer"):
                Story(stack).run()
            if options.grants:
                with step("each grant taken away in turn"):
                    grants.all_are_needed(stack)
            else:
                with step("the same without one grant"):
                    grants.one_is_needed(stack)
        except Failed as failure:
            print(f"{emulator.last_words()}\ndeployed: FAILED: {failure}", file=sys.stderr)
            return 1
    print("deployed: all as it should be")
    return 0


if __name__ == "__main__":
    sys.exit(main())
