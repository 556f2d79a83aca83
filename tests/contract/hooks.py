"""Lets the cases meet real customers, cases and pairs, and notes what they were answered.

An id that is made up leads nowhere. Only cases that are meant to be accepted are changed, and of these every other one; all of
them where nothing that is made up could be accepted. A cursor cannot be made up at all, only handed back, so those cases
go without: what is no cursor is among the cases that are to be refused.
"""

import collections
import json
import os
import random

import schemathesis
from conditions import Conditions

KNOWN = json.loads(os.environ["CONTRACT_KNOWN"])
DICE = random.Random(os.environ["CONTRACT_SEED"])
CONDITIONS = Conditions(DICE, KNOWN["tests"])
# Requests with a condition, and whether they look for somebody.
CONDITIONAL = {
    ("POST", "/v1/customers/search"): True,
    ("POST", "/v1/exports/customers.csv"): True,
    ("POST", "/v1/named-segments"): False,
    ("POST", "/v1/named-segments/preview"): False,
    ("PUT", "/v1/named-segments/{id}"): False,
}
# Cases of each request so far, of which every other one names what there is, the first among them.
TURNS = collections.Counter()
# Named segments that may be given up; all else that is known stays.
SPARE = list(KNOWN["spare"])


def conditional(case, path, for_search):
    body = case.body if isinstance(case.body, dict) else {}
    body["condition"] = CONDITIONS.made(for_search)
    if path in ("/v1/named-segments", "/v1/named-segments/{id}"):
        # A name is somebody's alone.
        body["name"] = f"Made up {DICE.randrange(10**9)}"
    case.body = body


def is_giving_up(case):
    return case.method == "DELETE" and case.operation.path == "/v1/named-segments/{id}"


def real(case, path, linked):
    """Lets a case name what there is."""
    # A tag that is made up is never the one that is there.
    for name in [name for name in case.headers or {} if name.lower() == "if-match"]:
        del case.headers[name]
    if is_giving_up(case):
        if SPARE and not linked:
            case.path_parameters["id"] = SPARE.pop()
        return
    # What follows a link names what the request before it made: another id there would hide that it is gone.
    for name in () if linked else case.path_parameters or {}:
        for prefix, values in KNOWN["path"].items():
            if path.startswith(prefix) and values.get(name):
                case.path_parameters[name] = DICE.choice(values[name])
                break
    if path == "/v1/customers" and case.method == "GET":
        case.query = {**{k: v for k, v in case.query.items() if k == "limit"}, **DICE.choice(KNOWN["filters"])}
    if path == "/v1/customers/{id}" and case.method == "PATCH":
        case.body = {"fields": {"nps": DICE.randint(0, 10), "loyalty_tier": DICE.choice(("gold", None))}}
    if path == "/v1/communications/{id}" and case.method == "PATCH":
        case.body = {"body": f"Put right {DICE.randrange(10**9)}"}
    if not isinstance(case.body, dict):
        return
    if path.endswith("/communications"):
        # A direction goes with what has one; dates and orders that are made up are nobody's.
        case.body = {name: case.body[name] for name in ("kind", "subject", "body") if name in case.body}
        if case.body.get("kind") in ("email", "call"):
            case.body["direction"] = DICE.choice(("inbound", "outbound"))
    for name, values in KNOWN["body"].items():
        if values and isinstance(case.body.get(name), str):
            case.body[name] = DICE.choice(values)
    # Two of one shop are one person only if somebody says so, and the one who stays is one of the two.
    if path.endswith(("/merge", "/accept")):
        case.body["accept_limits"] = True
        case.body.pop("keep", None)


@schemathesis.hook
def before_call(context, case, kwargs):
    meta = case.meta
    # Ids that earlier answers held come back where one is made up, and others need this segment.
    kept = KNOWN["path"]["/v1/named-segments/"]["id"]
    if is_giving_up(case) and (case.path_parameters or {}).get("id") in kept:
        case.path_parameters["id"] = SPARE.pop() if SPARE else "givenuplongago"
    if meta is None or not meta.generation.mode.is_positive:
        return
    for name in [name for name in case.query or {} if name.endswith("cursor")]:
        del case.query[name]
    if isinstance(case.body, dict):
        case.body.pop("cursor", None)
    path = case.operation.path
    if (case.method, path) in CONDITIONAL:
        conditional(case, path, CONDITIONAL[case.method, path])
    # What other cases set is not taken out of the settings; how such a body is read, the comparison of settings shows.
    if (case.method, path) == ("PUT", "/v1/settings") and isinstance(case.body, dict):
        case.body.pop("custom_fields", None)
    TURNS[case.operation.label] += 1
    if TURNS[case.operation.label] % 2:
        real(case, path, meta.phase.name == "stateful")


@schemathesis.hook
def after_call(context, case, response):
    meta = case.meta
    meant = meta is None or meta.generation.mode.is_positive
    with open(os.environ["CONTRACT_NOTES"], "a", encoding="utf-8") as notes:
        notes.write(f"{case.operation.label}\t{'meant' if meant else 'wrong'}\t{response.status_code}\n")
