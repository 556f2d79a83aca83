#!/usr/bin/env python3
"""Ten thousand customers, fifty readers side by side: how long a whole customer document takes, and what reading it costs.

Needs the release binary: `cargo build --release --bin crm-local`, then `python3 tests/benches/page_reads.py`. Everything
stays on the loopback and in a directory that goes with the run. The customers are made up by a seed: 1 to 15 orders each,
most of them few, of one to three lines, brought in as a table of transactions through the door.

Each reader keeps one connection and asks for whole documents (`GET /v1/customers/{id}`) of customers drawn by its own
seed. Printed: median and 99th hundredth of the times, documents a second, and the read units that the answers' headers
tell. Times are wall clock on whatever machine this is and decide nothing; the units do not depend on it.
"""

import argparse
import csv
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("CRM_LOCAL", ROOT / "target" / "release" / "crm-local"))
# So many customers of a hundred have so many orders.
ORDERS = [(1, 45), (2, 22), (3, 12), (4, 8), (6, 7), (10, 4), (15, 2)]
GOODS = [("CUP", "Cup", "7.95"), ("PLATE", "Plate", "12.50"), ("BOWL", "Bowl", "9.99"), ("MUG", "Mug", "6.25")]


def write_books(path, customers):
    """A table of transactions in the columns of Online Retail."""
    dice = random.Random(7)
    counts, weights = zip(*ORDERS)
    invoice = 100_000
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(
            ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
        )
        for customer in range(1, customers + 1):
            for _ in range(dice.choices(counts, weights)[0]):
                invoice += 1
                day = f"2025-{dice.randint(1, 12):02}-{dice.randint(1, 28):02} {dice.randint(8, 19):02}:00:00"
                for code, name, price in dice.sample(GOODS, dice.randint(1, 3)):
                    table.writerow([invoice, code, name, dice.randint(1, 4), day, price, customer, "France"])
    return invoice - 100_000


class Reader(threading.Thread):
    """Reads whole documents over one connection, one after another."""

    def __init__(self, host, token, ids, count, seed):
        super().__init__()
        self.host, self.ids, self.count, self.seed = host, ids, count, seed
        self.headers = {"authorization": f"Bearer {token}"}
        self.times, self.units, self.sizes, self.failures = [], [], [], 0

    def run(self):
        dice = random.Random(self.seed)
        connection = http.client.HTTPConnection(self.host, timeout=120)
        for _ in range(self.count):
            started = time.perf_counter()
            connection.request("GET", f"/v1/customers/{dice.choice(self.ids)}", None, self.headers)
            response = connection.getresponse()
            body = response.read()
            self.times.append(time.perf_counter() - started)
            if response.status != 200:
                self.failures += 1
                continue
            self.units.append(float(response.getheader("x-read-units")))
            self.sizes.append(len(body))


def call(host, token, method, path):
    connection = http.client.HTTPConnection(host, timeout=600)
    connection.request(method, path, None, {"authorization": f"Bearer {token}"})
    response = connection.getresponse()
    body = response.read()
    if response.status >= 300:
        sys.exit(f"{method} {path} answered {response.status}")
    return body.decode(), response.headers


def all_ids(host, token):
    """Every customer's id, from the table of assessments."""
    ids, path = [], "/v1/exports/assessments.csv?limit=10000"
    while path:
        text, headers = call(host, token, "GET", path)
        lines = [line for line in text.splitlines() if line and not line.startswith("customer_id,")]
        ids += [line.split(",", 1)[0] for line in lines]
        link = headers.get("link", "")
        path = link.split("<", 1)[1].split(">", 1)[0] if "<" in link else None
    return ids


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--reads", type=int, default=5_000, help="of all readers together")
    asked = parser.parse_args()
    if not BINARY.exists():
        sys.exit(f"{BINARY} is missing: cargo build --release --bin crm-local")
    with tempfile.TemporaryDirectory() as directory:
        books = Path(directory) / "books.csv"
        data = Path(directory) / "data"
        orders = write_books(books, asked.customers)
        started = time.monotonic()
        command = [BINARY, "--data", data, "replay", books, "--format", "online-retail"]
        subprocess.run([*command, "--currency", "EUR", "--time-zone", "UTC"], check=True)
        print(f"{asked.customers} customers with {orders} orders brought in: {time.monotonic() - started:.0f} s")
        command = [BINARY, "--data", data, "--empty", "--port", "0"]
        served = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            measure(data, served, asked)
        finally:
            served.send_signal(signal.SIGINT)
            served.wait(60)


def measure(data, served, asked):
    facts = data / "local.json"
    while not facts.exists():
        if served.poll() is not None:
            sys.exit("the system did not start")
        time.sleep(0.1)
    told = json.loads(facts.read_text())
    host = told["api"].removeprefix("http://")
    ids = all_ids(host, told["tokens"]["admin"])
    print(f"{len(ids)} customers found")
    token = told["tokens"]["viewer"]
    for readers in (1, asked.readers):
        crew = [Reader(host, token, ids, asked.reads // asked.readers, seed) for seed in range(readers)]
        started = time.perf_counter()
        for reader in crew:
            reader.start()
        for reader in crew:
            reader.join()
        seconds = time.perf_counter() - started
        times = [each for reader in crew for each in reader.times]
        units = [each for reader in crew for each in reader.units]
        sizes = [each for reader in crew for each in reader.sizes]
        failures = sum(reader.failures for reader in crew)
        print(
            f"{readers} readers, {len(times)} documents: p50 {1000 * quantile(times, 0.5):.1f} ms, "
            f"p99 {1000 * quantile(times, 0.99):.1f} ms, {len(times) / seconds:.0f} a second; "
            f"read units mean {sum(units) / len(units):.1f}, p50 {quantile(units, 0.5)}, p99 {quantile(units, 0.99)}; "
            f"bytes p50 {quantile(sizes, 0.5)}; failures {failures}"
        )
        if failures:
            sys.exit("some documents could not be read")


if __name__ == "__main__":
    main()
