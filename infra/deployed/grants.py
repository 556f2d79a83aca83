"""Every grant is needed: without it, the story fails.

Only what a function itself asks for can be shown here. The emulator polls queues and streams, writes logs
and fires schedules with rights of its own; those grants are held to their sources by infra/rules.
"""

import json
import time
from contextlib import contextmanager

from story import Failed, Story

# How long a story may take before it has failed: far longer than it just took with every grant in place.
SHORTEST_PATIENCE_SECONDS = 5
TIMES_AS_LONG = 4

NOT_ASKED_FOR = ("WriteLogs", "Consume", "Read", "List", "SendToSchedulesDeadLetters", "InvokeFunctions")
ASKED_FOR = ("ReadSecrets",)


def one_is_needed(stack):
    """Takes CustomerUpsert's writes to the facts away and sees the order stay out; then gives them back.

    Raises Failed when the story does not fail, or fails still once the grant is back.
    """
    _without(stack, "CustomerUpsertRole", "UseFacts", "dynamodb:PutItem", _patience(stack))
    Story(stack).run()


def all_are_needed(stack):
    """The same with each action of each statement in turn.

    Raises Failed with the list of grants that nobody missed.
    """
    unused, patience = [], _patience(stack)
    for role, sid, action in list(_grants(stack)):
        try:
            _without(stack, role, sid, action, patience)
        except Failed as failure:
            unused.append(str(failure))
    if unused:
        raise Failed("\n  ".join(("grants nobody missed:", *unused)))


def _patience(stack):
    start = time.monotonic()
    Story(stack).run()
    return max(SHORTEST_PATIENCE_SECONDS, TIMES_AS_LONG * (time.monotonic() - start))


def _without(stack, role, sid, action, patience_seconds):
    with _taken_away(stack, role, sid, action):
        before = len(stack.emulator.log_text())
        try:
            Story(stack, patience_seconds).run()
        except Failed as failure:
            denied = f"not authorized to perform: {action}" in stack.emulator.log_text()[before:]
            print(f"deployed:   without {role} {sid} {action}: {failure}{' (refused)' if denied else ''}", flush=True)
            return
    raise Failed(f"{role} {sid} {action}: the story came true without it")


def _policies(stack):
    client = stack.client("iam")
    for logical, role in stack.roles().items():
        for name in client.list_role_policies(RoleName=role)["PolicyNames"]:
            yield logical, role, name, client.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]


def _grants(stack):
    for logical, _, _, document in _policies(stack):
        for statement in document["Statement"]:
            sid = statement["Sid"]
            if sid.startswith(NOT_ASKED_FOR) and sid not in ASKED_FOR:
                continue
            for action in _listed(statement["Action"]):
                yield logical, sid, action


@contextmanager
def _taken_away(stack, logical, sid, action):
    client = stack.client("iam")
    role, name, document = next(found[1:] for found in _policies(stack) if found[0] == logical)
    less = json.loads(json.dumps(document))
    for statement in less["Statement"]:
        if statement["Sid"] == sid:
            statement["Action"] = [kept for kept in _listed(statement["Action"]) if kept != action]
    less["Statement"] = [statement for statement in less["Statement"] if statement["Action"]]
    if less == document:
        raise Failed(f"{logical} has no {action} in {sid} to take away")
    client.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(less))
    try:
        yield
    finally:
        client.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


def _listed(value):
    return value if isinstance(value, list) else [value]
