#!/usr/bin/env python3
"""Asks a served system for what the description of its API promises, with Schemathesis and all its checks.

Needs the binary of the local system (`cargo build --bin crm-local`) and `infra/setup-tools`:
`.tools/contract/bin/python tests/contract/check.py`. Longer: `--cases 500 --seconds 3600 --seed 7`.

The system is started with the sample store, on a port and in a directory of its own, and ended. It fails at the first
server error, answer that is not described (status, kind, headers, schema), accepted invalid request, refused valid one,
request without a token that is answered, or delivery that was given up. And it fails where a request never did what it is for:
whatever is refused for making no sense, or never asked because the time was up, has been held to nothing.
"""

import argparse
import base64
import collections
import hashlib
import hmac
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from conditions import Conditions

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BINARY = Path(os.environ.get("CRM_LOCAL", ROOT / "target" / "debug" / "crm-local"))
# Seconds for the sample store to come in: enough of it is there long before.
PATIENCE = 120
# Requests that cannot be answered with success here, and why.
UNREACHED = {"GET /v1/openapi.json": "Schemathesis reads it to know what to ask, and does not ask for it again"}


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
        self.secret = facts["webhook_secrets"]["shopify"]
        self.connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=600)

    def call(self, method, path, body=None):
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = self.connection.getresponse()
        text = response.read()
        if response.status >= 400:
            sys.exit(f"{method} {path} answered {response.status}: {text[:300]!r}")
        return json.loads(text)

    def tell(self, topic, shop, body):
        """A webhook of a shop, signed."""
        body = json.dumps(body).encode()
        signature = base64.b64encode(hmac.new(self.secret.encode(), body, hashlib.sha256).digest()).decode()
        headers = {
            "content-type": "application/json", "x-shopify-topic": topic, "x-shopify-shop-domain": shop,
            "x-shopify-api-version": "2026-07", "x-shopify-webhook-id": hashlib.sha256(body).hexdigest()[:16],
            "x-shopify-triggered-at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "x-shopify-hmac-sha256": signature,
        }
        self.connection.request("POST", "/webhooks/shopify", body, headers)
        response = self.connection.getresponse()
        response.read()
        if response.status != 200:
            sys.exit(f"{topic} was not let in: {response.status}")

    def until(self, path, there):
        """What a list has, once there is anything."""
        end = time.monotonic() + PATIENCE
        while True:
            found = [item for item in self.call("GET", path)["items"] if there(item)]
            if found or time.monotonic() > end:
                return found
            time.sleep(1)

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


def made(served, ids, emails, shop):
    """What there has to be one of: made, for the sample store has none."""
    ada = ids[0]
    case = served.call("POST", "/v1/cases", {"customer_id": ada, "subject": "Where is it?", "priority": "high"})
    said = [served.call("POST", f"/v1/customers/{ada}/communications", {"kind": "note", "body": "A friend."}) for _ in range(4)]
    run = served.call("POST", "/v1/segments/refresh")
    served.call("POST", "/v1/duplicates/search")
    served.call("PUT", "/v1/costs", {"costs": [{"product": "shopify:one.example:9", "unit_cost": "4.5"}]})
    name = lambda name: served.call("POST", "/v1/named-segments", {"name": name, "condition": {"any": [{"vip": True}, {"tag": "press"}]}})
    merge = served.call("POST", f"/v1/customers/{ids[1]}/merge", {"with": ids[2], "accept_limits": True})
    # Who is nobody's customer asks about themselves: an answer, and nothing to erase. Whoever goes by somebody's address, and
    # by another id, may be meant or not: a person says so.
    strangers = [f"nobody{n}@example.com" for n in range(4)]
    for n, email in enumerate([*strangers, *emails[:8]]):
        asking = {"shop_id": 1, "shop_domain": shop, "customer": {"id": 990 + n, "email": email}}
        served.tell("customers/data_request", shop, {**asking, "orders_requested": [], "data_request": {"id": 990 + n}})
    doubtful = served.until("/v1/privacy/requests", lambda request: request["state"] == "needs_a_person")
    asked = served.until("/v1/privacy/requests", lambda request: request["state"] == "ready")
    return {
        "case": case["id"], "said": [one["id"] for one in said], "run": run["id"], "merge": merge["id"],
        "named": name("Best of all")["id"], "spare": [name(f"Spare {n}")["id"] for n in range(8)],
        "asked": [one["id"] for one in asked], "doubtful": [one["id"] for one in doubtful],
    }


def known(served):
    """What cases may name."""
    customers = served.customers()
    ids = [customer["id"] for customer in customers]
    of = lambda name: sorted({value for customer in customers for value in customer[name] or []})
    emails, externals = of("emails"), of("external_ids")
    shop = externals[0].split(":")[1]
    there = made(served, ids, emails, shop)
    pairs = served.until("/v1/duplicates", lambda _: True)
    names = {name for customer in customers for name in (customer["first_name"], customer["last_name"]) if name}
    return {
        # The first that begins a path is meant.
        "path": {
            "/v1/customers/{id}/unmerge": {"id": [ids[1]]},
            "/v1/customers/": {"id": ids},
            "/v1/cases/": {"id": [there["case"]]},
            "/v1/communications/": {"id": there["said"]},
            "/v1/segments/refresh/": {"id": [there["run"]]},
            "/v1/duplicates/": {"id": [pair["id"] for pair in pairs]},
            "/v1/named-segments/": {"id": [there["named"]], "customer": ids},
            "/v1/costs/": {"product": ["shopify:one.example:9"]},
            "/v1/spend/": {"channel": ["email", "radio"], "month": ["2026-01", "2026-02"]},
            "/v1/privacy/requests/{id}/decline": {"id": there["doubtful"]},
            "/v1/privacy/requests/": {"id": there["asked"]},
        },
        "body": {"customer_id": ids, "with": ids, "keep": ids, "case_id": [there["case"]], "segment": [there["named"]],
                 "merge_id": [there["merge"]]},
        "filters": [{"segment": "New"}, {"segment": "VIP"}, *({"email": email} for email in emails[:5]),
                    *({"external_id": external} for external in externals[:5])],
        "spare": there["spare"],
        "tests": {
            "name": [*sorted(names)[:20], "a", "Müller", "guest"],
            "email": emails[:20],
            "email_domain": ["example.com", *sorted({email.split("@")[1] for email in emails})[:5]],
            "phone": ["+442079460018", "0900448", "+44 (0)20 7946 0018"],
            "order_number": ["#1001", "1002"],
            "tag": ["press", "wholesale"],
            "channel": ["email", "direct"],
            "source": ["shopify"],
            "shop": [f"shopify:{shop}"],
            "named_segment": [there["named"]],
        },
    }


def reached(served, notes):
    """Tells what every request was answered; those that never did what they are for."""
    told = collections.defaultdict(collections.Counter)
    for line in notes.read_text().splitlines():
        label, meant, status = line.split("\t")
        told[label][meant, status[0] + "xx" if meant == "wrong" else status] += 1
    missed, succeeded = [], 0
    paths = served.call("GET", "/v1/openapi.json")["paths"]
    labels = [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]
    for label in labels:
        counts = ", ".join(f"{meant} {status}: {n}" for (meant, status), n in sorted(told[label].items()))
        print(f"{label}: {counts or 'never asked'}")
        done = any(meant == "meant" and status[0] in "23" for meant, status in told[label])
        succeeded += done
        if done and label in UNREACHED:
            missed.append(f"{label} is reached after all")
        if not done and label not in UNREACHED:
            missed.append(label)
    print(f"{succeeded} of {len(labels)} requests did what they are for; not asked of {UNREACHED}")
    return missed


def ask(served, options, notes):
    begun = time.monotonic()
    there = known(served)
    print(f"{len(there['filters'])} filters, {len(there['path']['/v1/customers/']['id'])} customers, "
          f"{len(there['path']['/v1/duplicates/']['id'])} pairs after {time.monotonic() - begun:.0f} s", flush=True)
    schemas = served.call("GET", "/v1/openapi.json")["components"]["schemas"]
    left_out = Conditions(random.Random(), there["tests"]).left_out(schemas["Condition"]["properties"])
    if left_out:
        sys.exit(f"no condition is made up of {sorted(left_out)}")
    command = [
        Path(sys.executable).with_name("schemathesis"), "--config-file", HERE / "schemathesis.toml", "run",
        "--checks", "all", "--max-examples", str(options.cases), "--max-time", str(options.seconds),
        "--seed", str(options.seed), "--workers", "1", "--continue-on-failure", "--generation-database", "none",
        "--request-timeout", "120", "--no-color", "-H", f"Authorization: Bearer {served.token}", f"{served.url}/v1/openapi.json",
    ]
    settings = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE),
                "CONTRACT_KNOWN": json.dumps(there), "CONTRACT_SEED": str(options.seed), "CONTRACT_NOTES": str(notes)}
    begun = time.monotonic()
    code = subprocess.run(command, env=settings, cwd=HERE, check=False).returncode
    if time.monotonic() - begun >= options.seconds:
        print(f"the time was up before everything was asked: --seconds {options.seconds}")
    return code


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=15, help="most cases of a request in a phase")
    parser.add_argument("--seconds", type=int, default=240, help="most seconds for all of them")
    parser.add_argument("--seed", type=int, default=1, help="the same cases again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="crm-contract-") as directory:
        notes = Path(directory) / "notes"
        served = Served(Path(directory) / "data")
        try:
            code = ask(served, options, notes)
            missed = reached(served, notes)
            given_up = served.call("GET", "/_local/dead-letters")
        finally:
            served.end()
    if given_up:
        sys.exit(f"{len(given_up)} deliveries were given up: {[(letter['queue'], letter['reason']) for letter in given_up]}")
    if missed:
        sys.exit(f"these never did what they are for: {missed}")
    sys.exit(code)


if __name__ == "__main__":
    main()
