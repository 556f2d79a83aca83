"""Lets the cases meet real customers, cases and pairs: an id that is made up leads nowhere.

Only cases that are meant to be accepted are changed, and of these every other one. A cursor cannot be made up at all,
only handed back, so those cases go without: what is no cursor is among the cases that are to be refused.
"""

import itertools
import json
import os

import schemathesis

# A condition holds conditions, and for what is described by itself no body is made up but a number.
CONDITIONS = {
    "/v1/customers/search": {"condition": {"vip": True}},
    "/v1/named-segments": {"name": "Made up", "condition": {"not": {"vip": True}}},
    "/v1/named-segments/preview": {"condition": {"orders": {"at_least": 2}}},
}
KNOWN = json.loads(os.environ["CONTRACT_KNOWN"])
TURNS = itertools.count()


def pick(values):
    return values[next(TURNS) // 2 % len(values)]


@schemathesis.hook
def before_call(context, case, kwargs):
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive:
        return
    for name in [name for name in case.query or {} if name.endswith("cursor")]:
        del case.query[name]
    if case.method == "POST" and case.path in CONDITIONS and not isinstance(case.body, dict):
        case.body = dict(CONDITIONS[case.path])
    if isinstance(case.body, dict):
        case.body.pop("cursor", None)
    # What is known is not deleted: links between requests lead to what they made themselves.
    if next(TURNS) % 2 or case.method == "DELETE":
        return
    path = case.operation.path
    # What follows a link names what the request before it made: another id there would hide that it is gone.
    linked = meta.phase.name == "stateful"
    for name in () if linked else case.path_parameters or {}:
        for prefix, values in KNOWN["path"].items():
            if path.startswith(prefix) and values.get(name):
                case.path_parameters[name] = pick(values[name])
                break
    if path == "/v1/customers" and case.method == "GET":
        case.query = {**{k: v for k, v in case.query.items() if k == "limit"}, **pick(KNOWN["filters"])}
    if isinstance(case.body, dict):
        for name, values in KNOWN["body"].items():
            if values and isinstance(case.body.get(name), str):
                case.body[name] = pick(values)
