#!/usr/bin/env python3
"""Replays the whole of UCI's Online Retail, and CDNOW's sample, through a served system, and compares every customer with
the expected books.

Needs the release binary (`cargo build --release --bin crm-local`), the real data beside the repository, and `zstandard`
from `infra/setup-tools`: `.tools/deploy/bin/python tests/books/check.py`.

Five rounds: with zero-value orders counted, all 4,339 customers equal the expected values exactly; with the default beside
it only the customers of four named invoices differ; a second replay changes nothing; and a replay in shuffled order with
every invoice delivered twice, into a new directory, ends in the same state. Then everyone as of a past date, scored and
valued, is read as CSV and compared, for both shops.
"""

import csv
import http.client
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

import zstandard

import past

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
BOOKS = DATA / "transactions" / "online_retail.csv.zst"
EXPECTED = DATA / "expected" / "rfm_online_retail_2011-12-10.csv.zst"
CDNOW = DATA / "transactions" / "cdnow_sample.csv"
CDNOW_EXPECTED = DATA / "expected" / "rfm_cdnow_sample_1998-07-01.csv"
BINARY = Path(os.environ.get("CRM_LOCAL", ROOT / "target" / "release" / "crm-local"))
ZERO_VALUE_INVOICES = {"543599", "564651", "568384", "578841"}


def rows(path):
    with path.open("rb") as file:
        text = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), encoding="utf-8")
        yield from csv.DictReader(text)


class Served:
    """A system served from a directory, ended by its own process id."""

    def __init__(self, directory):
        self.directory = directory
        command = [BINARY, "--data", directory, "--empty", "--port", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        facts = self.wait_for(Path(directory) / "local.json")
        host = facts["api"].removeprefix("http://")
        self.tokens = facts["tokens"]
        self.connection = http.client.HTTPConnection(host, timeout=600)

    def wait_for(self, file):
        for _ in range(600):
            if file.exists():
                return json.loads(file.read_text())
            if self.process.poll() is not None:
                sys.exit("the system did not start")
            time.sleep(0.1)
        sys.exit("the system did not say that it is ready")

    def call(self, method, path, body=None, role="admin"):
        headers = {"authorization": f"Bearer {self.tokens[role]}", "content-type": "application/json"}
        self.connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        response = self.connection.getresponse()
        text = response.read()
        if response.status >= 300:
            sys.exit(f"{method} {path} answered {response.status}: {text[:300]!r}")
        return json.loads(text) if text else None

    def text(self, method, path, role="admin"):
        """An answer that is no JSON, with its headers."""
        self.connection.request(method, path, None, {"authorization": f"Bearer {self.tokens[role]}"})
        response = self.connection.getresponse()
        text = response.read().decode()
        if response.status >= 300:
            sys.exit(f"{method} {path} answered {response.status}: {text[:300]!r}")
        return text, {name.lower(): value for name, value in response.getheaders()}

    def post(self, path):
        self.connection.request("POST", path, "")
        response = self.connection.getresponse()
        text = response.read()
        if response.status >= 300:
            sys.exit(f"POST {path} answered {response.status}: {text[:300]!r}")

    def replay(self, *options, books=BOOKS, form="online-retail", currency="GBP"):
        started = time.monotonic()
        command = [BINARY, "--data", self.directory, "replay", books, "--format", form]
        command += ["--currency", currency, "--time-zone", "UTC", *options]
        subprocess.run(command, check=True)
        print(f"replay {' '.join(options)}: {time.monotonic() - started:.1f} s", flush=True)

    def customers(self, ids):
        """What people see of each customer, without the ids that are random in every directory."""
        seen = {}
        for customer in ids:
            answer = self.call("GET", f"/v1/customers?external_id=online-retail:{customer}", role="viewer")
            [item] = answer["items"]
            for random in ("id", "orders_cursor"):
                item.pop(random, None)
            # The assessment's settings version and dates follow the changes of settings, not the books.
            item["assessment"] = {key: item["assessment"][key] for key in ("r", "f", "m", "code", "group", "stage", "vip")}
            seen[customer] = item
        return seen

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(timeout=60) != 0:
            sys.exit("the system did not end cleanly")


def wrong(row, item):
    """The fields in which a customer differs from the expected books."""
    as_decimal = lambda text: Decimal(text or "0")
    pairs = {
        "orders_count": (int(row["frequency"]), item["orders_count"]),
        "gross": (as_decimal(row["monetary"]), as_decimal(item["gross"])),
        "net": (as_decimal(row["historical_clv_net"]), as_decimal(item["net"])),
        "units_returned": (-int(row["return_units"]), item["units_returned"]),
        "units_bought": (int(row["units_bought"]), item["units_bought"]),
        "return_documents": (int(row["return_invoices"]), item["return_documents"]),
        "first_order_at": (row["first_order_at"] + "Z", item["first_order_at"]),
        "last_order_at": (row["last_order_at"] + "Z", item["last_order_at"]),
        "currency": ("GBP", item["currency"]),
    }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def compare(expected, seen):
    return {customer: found for customer, row in expected.items() if (found := wrong(row, seen[customer]))}


def main():
    for file in (BOOKS, EXPECTED, CDNOW, CDNOW_EXPECTED, BINARY):
        if not file.exists():
            sys.exit(f"{file} is missing")
    expected = {row["customer_id"]: row for row in rows(EXPECTED)}
    zero_valued = {row["CustomerID"] for row in rows(BOOKS) if row["InvoiceNo"] in ZERO_VALUE_INVOICES}
    assert len(expected) == 4339 and len(zero_valued) == 4, (len(expected), len(zero_valued))

    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        served = Served(first)
        served.call("PUT", "/v1/settings", {"reporting_currency": "GBP", "count_zero_value_orders": True})
        served.replay()
        counted = served.customers(expected)
        differing = compare(expected, counted)
        print(f"zero-value orders counted: {len(expected) - len(differing)} of {len(expected)} customers equal")
        assert not differing, dict(list(differing.items())[:5])

        served.call("PUT", "/v1/settings", {"count_zero_value_orders": False})
        differing = compare(expected, served.customers(expected))
        print(f"the default beside it: {sorted(differing)} differ, the customers of {sorted(ZERO_VALUE_INVOICES)}")
        assert set(differing) == zero_valued, differing
        served.call("PUT", "/v1/settings", {"count_zero_value_orders": True})

        run = past.compare(served, expected, "2011-12-10", "Online Retail")
        print(f"the run: {json.dumps(run)[:400]}")

        served.replay()
        assert served.customers(expected) == counted, "a second replay changed something"
        print("replayed a second time: nothing changed")
        served.end()

        served = Served(second)
        served.call("PUT", "/v1/settings", {"reporting_currency": "GBP", "count_zero_value_orders": True})
        served.replay("--shuffle", "7", "--repeat", "2")
        assert served.customers(expected) == counted, "the order of arrival left a trace"
        print("shuffled, each invoice twice: the same final state")
        served.end()

    with tempfile.TemporaryDirectory() as third:
        served = Served(third)
        served.call("PUT", "/v1/settings", {"reporting_currency": "USD", "count_zero_value_orders": True})
        served.replay(books=CDNOW, form="cdnow", currency="USD")
        with CDNOW_EXPECTED.open(newline="") as file:
            expected = {row["customer_id"]: row for row in csv.DictReader(file)}
        past.compare(served, expected, "1998-07-01", "CDNOW")
        served.end()


if __name__ == "__main__":
    main()
