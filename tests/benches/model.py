#!/usr/bin/env python3
"""How long the value model takes to fit: bar 13, beside NumPy on one thread.

    infra/setup-tools --peers
    .tools/peers/bin/python tests/benches/model.py [--data FOLDER]          FOLDER holds transactions/cdnow_sample.csv

Builds the example fit_model in release and runs it; NumPy maximises the same
likelihoods over the same customers, ungrouped, by SciPy's Nelder-Mead over the
parameters' logarithms. Both fit purchases (BG/NBD) and spend (gamma-gamma) and
both count the fastest of several runs, of arithmetic alone: neither reads a
file. The larger table is the smaller ten times, and the example goes through
equal histories once. Ends with 1 if a bar is missed.
"""

import os

# Before NumPy is loaded, or it is too late.
for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[threads] = "1"

import argparse
import csv
import json
import subprocess
import sys
import time
from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln

ROOT = Path(__file__).resolve().parents[2]
CALIBRATED = date(1997, 9, 30)
RUNS = 3
MOST_RATIO = 0.5
PARAMETERS = ("r", "alpha", "a", "b", "p", "q", "gamma")
NELDER_MEAD = {"xatol": 1e-6, "fatol": 1e-9, "maxiter": 4000, "maxfev": 4000}


def summary(transactions):
    """Columns x, t_x, T in weeks and mean spend of all customers."""
    days = defaultdict(lambda: defaultdict(float))
    with open(transactions, newline="") as file:
        for row in csv.DictReader(file):
            on = date.fromisoformat(row["date"])
            if on <= CALIBRATED:
                days[row["customer_id"]][on] += float(row["dollar_value"])
    rows = []
    for spend in days.values():
        first, last = min(spend), max(spend)
        repeats = [amount for on, amount in spend.items() if on > first]
        mean = sum(repeats) / len(repeats) if repeats else 0.0
        rows.append((len(repeats), (last - first).days / 7, (CALIBRATED - first).days / 7, mean))
    return np.array(rows).T


def purchases_unlikelihood(logs, x, t_x, age):
    r, alpha, a, b = np.exp(logs)
    counts = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    counts += gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    active = -(r + x) * np.log(alpha + age)
    stopped = np.where(x > 0, np.log(a) - np.log(np.maximum(b + x - 1, 1e-300)) - (r + x) * np.log(alpha + t_x), -np.inf)
    return -np.sum(counts + np.logaddexp(active, stopped))


def spend_unlikelihood(logs, x, mean):
    p, q, gamma = np.exp(logs)
    each = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(gamma)
    each += (p * x - 1) * np.log(mean) + p * x * np.log(x) - (p * x + q) * np.log(gamma + x * mean)
    return -np.sum(each)


def most_likely(function, start, arguments):
    """Begins again where it ended until that no longer helps, as the example does."""
    at, best = np.log(start), np.inf
    while True:
        end = minimize(function, at, args=arguments, method="Nelder-Mead", options=NELDER_MEAD)
        at, gain, best = end.x, best - end.fun, end.fun
        if not gain > 1e-7:
            return np.exp(at), best


def fit(x, t_x, age, mean):
    purchases, unlikelihood = most_likely(purchases_unlikelihood, [0.243, 4.414, 0.793, 2.426], (x, t_x, age))
    spent = mean > 0
    unit = np.sum(x * mean) / np.sum(x[spent])
    start = [6.25, 3.74, 2.74 / 6.25 * unit]
    spend, _ = most_likely(spend_unlikelihood, start, (x[spent], mean[spent]))
    return dict(zip(PARAMETERS, [*purchases, *spend])) | {"log_likelihood": -unlikelihood}


def fastest(columns):
    best = float("inf")
    for _ in range(RUNS):
        start = time.perf_counter()
        result = fit(*columns)
        best = min(best, time.perf_counter() - start)
    return result, best * 1e3


def ours(transactions):
    """The example's lines, by number of customers."""
    example = ["--release", "--package", "crm-domain", "--example", "fit_model"]
    subprocess.run(["cargo", "build", "--quiet", *example], cwd=ROOT, check=True)
    command = ["cargo", "run", "--quiet", *example, "--", str(transactions)]
    text = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return {line["customers"]: line for line in map(json.loads, text.splitlines())}


def same(one, other):
    """To three digits of each parameter."""
    return all(abs(one[name] / other[name] - 1) < 5e-4 for name in PARAMETERS)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data", help="folder of the real data")
    transactions = (parser.parse_args().data / "transactions/cdnow_sample.csv").resolve()
    if not transactions.exists():
        sys.exit(f"{transactions} is missing")

    measured, columns, missed = ours(transactions), summary(transactions), False
    layout = "{:<4} {:>9} {:>10} {:>10} {:>8} {:>7}  {:<24} {}"
    print(layout.format("bar", "customers", "measured", "NumPy", "ratio", "target", "parameters", "verdict"))
    for times in (1, 10):
        repeated = np.tile(columns, times)
        customers = repeated.shape[1]
        line = measured[customers]
        peer, milliseconds = fastest(repeated)
        ratio, agree = line["fit_ms"] / milliseconds, same(line, peer)
        met = ratio <= MOST_RATIO and agree
        missed |= not met
        print(layout.format(
            13, customers, f"{line['fit_ms']:.1f} ms", f"{milliseconds:.0f} ms", f"{ratio:.3f}", f"{MOST_RATIO}",
            "the same to 3 digits" if agree else "DIFFERENT", "met" if met else "MISSED"))
        for name, from_here in (("ours", line), ("NumPy", peer)):
            values = ", ".join(f"{key} {from_here[key]:.4f}" for key in (*PARAMETERS, "log_likelihood"))
            print(f"     {name}: {values}")
    largest = measured[max(measured)]
    print(f"     one customer: prediction with interval {largest['predict_us']:.0f} us, value alone {largest['value_us']:.0f} us")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
