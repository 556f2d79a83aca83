"""Everyone as of a past date, read as CSV from a served system, beside the expected books.

The books and the product mean the same by everything but three things, and both readings are checked: a VIP by rank is one
of the best tenth by net value here and by gross there; the simple prediction takes nobody for younger than 90 days here;
and a share of nothing sold is unknown here and 0 there.
"""

import csv
import io
import math
import re
from datetime import date
from decimal import Decimal

COLUMNS = (
    "customer_id external_id as_of first_order_at last_order_at recency_days frequency monetary r f m code group stage vip "
    "segment health gross net aov orders_per_year simple_value model_value p_alive return_rate_orders return_rate_units "
    "return_rate_value next_change_on"
).split()
LIFESPAN = Decimal("3.2")
YEAR = Decimal("365.25")
CLOSE = Decimal("0.0000011")


def refreshed(served, as_of):
    """All rows of a refresh as of a date, by the source's customer id, and what the run says of itself."""
    run = served.call("POST", "/v1/segments/refresh", {"as_of": as_of})
    served.post("/_local/settle")
    run = served.call("GET", f"/v1/segments/refresh/{run['id']}")
    assert run["state"] == "done", run
    rows, path = {}, f"/v1/exports/assessments.csv?as_of={as_of}&limit=1000"
    header = None
    while path:
        text, headers = served.text("GET", path)
        lines = list(csv.reader(io.StringIO(text)))
        if header is None:
            header = lines.pop(0)
            assert header == COLUMNS, header
        for line in lines:
            row = dict(zip(header, line, strict=True))
            assert row["as_of"] == as_of, row
            customer = row["external_id"].rsplit(":", 1)[-1]
            assert customer not in rows, row
            rows[customer] = row
        link = re.match(r'<([^>]+)>; rel="next"', headers.get("link") or "")
        path = link and link[1]
    return rows, run


def stage(row):
    """The one stage that follows from the conditions read one by one."""
    if row["is_lapsed"] == "true":
        return "Lapsed"
    if row["frequency"] == "1":
        return "New" if row["is_new"] == "true" else "Single-order"
    return "Active" if row["is_active"] == "true" else "At-Risk"


def best_tenth(expected, column):
    """The customers of the best tenth by a column, ties in."""
    values = sorted((Decimal(row[column]) for row in expected.values()), reverse=True)
    least = values[math.ceil(len(values) / 10) - 1]
    return {customer for customer, row in expected.items() if Decimal(row[column]) >= least}


def simple(row):
    days = max(int(row["days_since_first"]), 90)
    return Decimal(row["monetary"]) / (days / YEAR) * LIFESPAN


def differences(row, found, vip):
    """The fields in which a customer differs from the expected books."""
    def near(name, text, close=CLOSE):
        return abs(Decimal(found[name] or "0") - Decimal(text)) <= close

    moment = lambda text: text + "Z"
    first, sold = found["first_order_at"], Decimal(row["monetary"]) != 0
    young = int(row["days_since_first"]) < 90
    word = stage(row)
    tests = {
        "first_order_at": first == moment(row["first_order_at"]),
        "last_order_at": found["last_order_at"] == moment(row["last_order_at"]),
        "recency_days": found["recency_days"] == row["recency_days"],
        "frequency": found["frequency"] == row["frequency"],
        "monetary": Decimal(found["monetary"]) == Decimal(row["monetary"]),
        "gross": Decimal(found["gross"]) == Decimal(row["historical_clv_gross"]),
        "net": Decimal(found["net"]) == Decimal(row["historical_clv_net"]),
        "digits": all(found[name] == row[name] for name in "rfm"),
        "code": found["code"] == row["rfm_code"],
        "group": row["rfm_group"] in ("", found["group"]),
        "stage": found["stage"] == word,
        "vip": (found["vip"] == "true") == vip,
        "segment": found["segment"] == ("VIP" if vip and word in ("New", "Active") else word),
        "aov": near("aov", row["aov"]),
        "orders_per_year": near("orders_per_year", row["purchase_freq_per_year"]),
        "simple_value": near("simple_value", simple(row), Decimal("0.000001") * max(1, simple(row))),
        "unfloored": young or near("simple_value", row["predicted_clv_3_2y"], Decimal("0.000001") * max(1, simple(row))),
        "return_rate_orders": near("return_rate_orders", row["return_rate_orders"]),
        "return_rate_units": found["return_rate_units"] != "" and near("return_rate_units", row["return_rate_units"]),
        "return_rate_value": not sold or (found["return_rate_value"] != "" and near("return_rate_value", row["return_rate_value"])),
        "no share of nothing": sold or not found["return_rate_value"],
        "model_value": math.isfinite(float(found["model_value"])) and float(found["model_value"]) >= 0,
        "p_alive": not found["p_alive"] or 0 <= float(found["p_alive"]) <= 1,
        "next_change_on": not found["next_change_on"] or date.fromisoformat(found["next_change_on"]) > date.fromisoformat(found["as_of"]),
    }
    return [name for name, holds in tests.items() if not holds]


def compare(served, expected, as_of, name):
    """Fails unless every expected customer is found as expected; prints what was compared."""
    rows, run = refreshed(served, as_of)
    bought = {customer for customer, row in rows.items() if row["frequency"] not in ("", "0")}
    assert bought == set(expected), (len(bought), len(expected), list(bought ^ set(expected))[:5])
    by_net, by_gross = best_tenth(expected, "historical_clv_net"), best_tenth(expected, "monetary")
    by_orders = {customer for customer, row in expected.items() if row["is_vip_orders"] == "true"}
    assert by_gross == {customer for customer, row in expected.items() if row["is_vip_spend"] == "true"}
    wrong = {}
    for customer, row in expected.items():
        found = differences(row, rows[customer], customer in by_net | by_orders)
        if found:
            wrong[customer] = found
    young = sum(int(row["days_since_first"]) < 90 for row in expected.values())
    print(
        f"{name} as of {as_of}: {len(expected) - len(wrong)} of {len(expected)} customers equal; "
        f"{len(by_net ^ by_gross)} flags differ between the best tenth by net and by gross; {young} are younger than 90 days",
        flush=True,
    )
    assert not wrong, dict(list(wrong.items())[:5])
    return run
