#!/usr/bin/env python3
"""Asks a served system for what the description of its API promises, with Schemathesis and all its checks.

Needs the binary of the local system (`cargo build --bin crm-local`) and `infra/setup-tools`:
`.tools/contract/bin/python tests/contract/check.py`. Longer: `--cases 500 --seconds 3600 --seed 7`.

The system is started with the sample store, on a port and in a directory of its own, and ended. It fails at the first
server error, answer that is not described (status, kind, headers, schema), accepted invalid request, refused valid one,
request without a token that is answered, or delivery that was given up.
"""

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BINARY = Path(os.environ.get("CRM_LOCAL", ROOT / "target" / "debug" / "crm-local"))
# Seconds for the sample store to come in: enough of it is there long before.
PATIENCE = 120


class Served:
    """A system with the sample store, ended by its own process id."""

    def __init__(self, directory):
        self.process = subprocess.Popen(
            [BINARY, "--data", directory, "--port", "0"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        file = Path(directory) / "local.json"
        for _ in range(600):
            if file.exists():
                break
            if self.process.poll() is not None:
                sys.exit("the system did not start")
            time.sleep(0.1)
        facts = json.loads(file.read_text())
        self.url = facts["api"]
        self.token = facts["tokens"]["admin"]
        self.connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=600)

    def call(self, method, path, body=None):
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = self.connection.getresponse()
        text = response.read()
        if response.status >= 400:
            sys.exit(f"{method} {path} answered {response.status}: {text[:300]!r}")
        return json.loads(text)

    def customers(self):
        """Some customers, once there are any of most kinds."""
        end = time.monotonic() + PATIENCE
        while True:
            found = []
            for segment in ("VIP", "Prospect", "New", "Single-order", "Active", "At-Risk", "Lapsed"):
                found += self.call("GET", f"/v1/customers?segment={segment}&limit=5")["items"]
            if len(found) >= 30 or time.monotonic() > end:
                return found
            time.sleep(1)

    def end(self):
        self.process.terminate()
        self.process.wait(timeout=60)


def known(served):
    """What cases may name: made for them where the sample store has none."""
    customers = served.customers()
    ids = [customer["id"] for customer in customers]
    case = served.call("POST", "/v1/cases", {"customer_id": ids[0], "subject": "Where is it?", "priority": "high"})
    said = served.call("POST", f"/v1/customers/{ids[0]}/communications", {"kind": "note", "body": "A friend."})
    run = served.call("POST", "/v1/segments/refresh")
    served.call("POST", "/v1/duplicates/search")
    served.call("PUT", "/v1/costs", {"costs": [{"product": "shopify:one.example:9", "unit_cost": "4.5"}]})
    named = {"name": "Best of all", "condition": {"any": [{"vip": True}, {"tag": "press"}]}}
    named = served.call("POST", "/v1/named-segments", named)
    pairs = [pair["id"] for pair in served.call("GET", "/v1/duplicates")["items"]]
    emails = [customer["emails"][0] for customer in customers if customer["emails"]]
    externals = [customer["external_ids"][0] for customer in customers if customer["external_ids"]]
    return {
        "path": {
            "/v1/customers/": {"id": ids},
            "/v1/cases/": {"id": [case["id"]]},
            "/v1/communications/": {"id": [said["id"]]},
            "/v1/segments/refresh/": {"id": [run["id"]]},
            "/v1/duplicates/": {"id": pairs},
            "/v1/named-segments/": {"id": [named["id"]], "customer": ids},
            "/v1/costs/": {"product": ["shopify:one.example:9"]},
        },
        "body": {"customer_id": ids, "with": ids, "keep": ids, "case_id": [case["id"]], "segment": [named["id"]]},
        "filters": [{"segment": "New"}, {"segment": "VIP"}, *({"email": email} for email in emails[:5]),
                    *({"external_id": external} for external in externals[:5])],
    }


def ask(served, options):
    command = [
        Path(sys.executable).with_name("schemathesis"), "--config-file", HERE / "schemathesis.toml", "run",
        "--checks", "all", "--max-examples", str(options.cases), "--max-time", str(options.seconds),
        "--seed", str(options.seed), "--workers", "1", "--continue-on-failure", "--generation-database", "none",
        "--request-timeout", "120", "--no-color", "-H", f"Authorization: Bearer {served.token}", f"{served.url}/v1/openapi.json",
    ]
    settings = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE),
                "CONTRACT_KNOWN": json.dumps(known(served))}
    return subprocess.run(command, env=settings, cwd=HERE, check=False).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=15, help="most cases of a request in a phase")
    parser.add_argument("--seconds", type=int, default=240, help="most seconds for all of them")
    parser.add_argument("--seed", type=int, default=1, help="the same cases again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="crm-contract-") as directory:
        served = Served(directory)
        try:
            code = ask(served, options)
            given_up = served.call("GET", "/_local/dead-letters")
        finally:
            served.end()
    if given_up:
        sys.exit(f"{len(given_up)} deliveries were given up: {[(letter['queue'], letter['reason']) for letter in given_up]}")
    sys.exit(code)


if __name__ == "__main__":
    main()
