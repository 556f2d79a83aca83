#!/usr/bin/env python3
"""Bar 9: scoring one customer (digits, code, group, stage) beside Polars on one thread, over the same customers.

Needs `infra/setup-tools --peers`; run with `.tools/peers/bin/python tests/benches/scoring.py`. Builds and runs the example
`score_customers` in release, compares what both found, prints one table, and ends with 1 if they disagree. Times on a
shared machine decide nothing.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ["POLARS_MAX_THREADS"] = "1"

import polars as pl  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
CUSTOMERS = 1_000_000
ROUNDS = 20
TARGET = 0.5

GRID = [
    ["Champions", "Potential Loyal", "Promising", "New"],
    ["Loyal", "Potential Loyal", "Promising", "Promising"],
    ["Loyal", "Needs Attention", "Needs Attention", "About to Sleep"],
    ["At Risk", "At Risk", "About to Sleep", "About to Sleep"],
    ["At Risk", "At Risk", "Hibernating", "Hibernating"],
]
NAMES = sorted({name for row in GRID for name in row})
STAGES = ["New", "SingleOrder", "Active", "AtRisk", "Lapsed"]


def ours(file):
    build = ["cargo", "build", "--release", "--locked", "--quiet", "-p", "crm-domain", "--example", "score_customers"]
    subprocess.run(build, cwd=ROOT, check=True)
    program = ROOT / "target" / "release" / "examples" / "score_customers"
    told = json.loads(subprocess.check_output([program, str(CUSTOMERS), file], cwd=ROOT))
    return told["nanoseconds"], told["found"]


def digit(column, limits, reached):
    passed = [(column >= limit) if reached else (column > limit) for limit in limits]
    return pl.sum_horizontal([one.cast(pl.UInt8) for one in passed])


def plan(customers):
    """Names are places in lists, as an enum is in our own code: Polars need not build text."""
    days, orders, gross = pl.col("days"), pl.col("orders"), pl.col("cents")
    r = 5 - digit(days, [30, 90, 180, 365], False)
    f = 1 + digit(orders, [2, 3, 6, 10], True)
    m = 1 + digit(gross, [10_000, 25_000, 50_000, 100_000], True)
    fm = pl.col("f") + pl.col("m")
    row = 5 - pl.col("r")
    column = 3 - digit(fm, [4, 6, 9], True)
    once = orders == 1
    stage = (
        pl.when(days > 180).then(4)
        .when(once & (days <= 30)).then(0)
        .when(once).then(1)
        .when(days <= 90).then(2)
        .otherwise(3)
    )
    scored = customers.lazy().with_columns(r=r, f=f, m=m)
    return scored.select(
        code=pl.col("r").cast(pl.UInt16) * 100 + pl.col("f").cast(pl.UInt16) * 10 + pl.col("m"),
        place=(row * 4 + column).cast(pl.UInt8),
        stage=stage.cast(pl.UInt8),
    )


def named(scored):
    """The same with the names that people read, as a column of an enum each."""
    place = {row * 4 + column: GRID[row][column] for row in range(5) for column in range(4)}
    return scored.with_columns(
        group=pl.col("place").replace_strict(place, return_dtype=pl.Enum(NAMES)),
        word=pl.col("stage").replace_strict(dict(enumerate(STAGES)), return_dtype=pl.Enum(STAGES)),
    )


def fastest(lazy):
    best, out = float("inf"), None
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        out = lazy.collect()
        best = min(best, time.perf_counter() - begun)
    return best * 1e9 / CUSTOMERS, out


def theirs(file):
    told = pl.read_csv(file, schema_overrides={"gross": pl.String})
    cents = (pl.col("gross").cast(pl.Float64) * 100).round().cast(pl.Int64)
    customers = told.select(days=pl.col("recency_days"), orders=pl.col("orders"), cents=cents)
    scored = plan(customers)
    best, out = fastest(scored)
    with_names, _ = fastest(named(scored))
    found = {}
    for column, name in (
        ("code", str),
        ("place", lambda place: GRID[place // 4][place % 4]),
        ("stage", lambda stage: f"stage {STAGES[stage]}"),
    ):
        for value, count in out[column].value_counts().iter_rows():
            found[name(value)] = found.get(name(value), 0) + count
    return best, with_names, found


def main():
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "customers.csv")
        our_time, our_finds = ours(file)
        their_time, with_names, their_finds = theirs(file)
    if our_finds != their_finds:
        different = {name for name in our_finds.keys() | their_finds.keys() if our_finds.get(name) != their_finds.get(name)}
        sys.exit(f"the two disagree about {sorted(different)[:5]}")
    ratio = our_time / their_time
    print("| bar | of | measured | beside | ratio | target |\n|---|---|---|---|---|---|")
    print(
        f"| 9 | digits, code, group, stage of {CUSTOMERS:,} customers | {our_time:.1f} ns a customer "
        f"| {their_time:.1f} ns, Polars {pl.__version__} on one thread | {ratio:.2f}x | {TARGET}x |"
    )
    print(
        f"| 9 | the same, group and stage by name | {our_time:.1f} ns (our enum is its name) | {with_names:.1f} ns "
        f"| {our_time / with_names:.2f}x | {TARGET}x |"
    )
    print("met" if ratio <= TARGET else "missed by places, and met by names" if our_time / with_names <= TARGET else "missed")


if __name__ == "__main__":
    main()
