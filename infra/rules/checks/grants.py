"""Exact actions on exact resources, written by hand; a `*` needs a written reason."""

from template import listed, target

CONSUME = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
READ_STREAM = {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"}


def _statements(template):
    for role, properties in template.of("AWS::IAM::Role"):
        for policy in properties.get("Policies", []):
            for statement in listed(policy["PolicyDocument"]["Statement"]):
                yield role, statement


def _granted(template, role, actions):
    """Resources on which the role may do any of these actions."""
    return {
        target(resource)
        for name, statement in _statements(template)
        if name == role and actions & set(listed(statement["Action"]))
        for resource in listed(statement["Resource"])
    }


def _actions(template):
    for role, statement in _statements(template):
        if "NotAction" in statement or any("*" in action for action in listed(statement.get("Action", []))):
            yield role, f"{statement.get('Sid')} names actions by a pattern"


def _resources(template):
    for role, statement in _statements(template):
        for resource in listed(statement.get("Resource", "*")):
            text = str(resource.get("Fn::Sub", "") if isinstance(resource, dict) else resource)
            # A table's streams are named by their date: the pattern stays inside the one table.
            if "*" in text and not (target(resource) and text.endswith("/stream/*")):
                yield role, f"{statement.get('Sid')} names resources by a pattern"


def _named(template):
    seen = set()
    for role, statement in _statements(template):
        sid = statement.get("Sid")
        if not sid or (role, sid) in seen:
            yield role, f"has a statement without a name of its own ({sid})"
        seen.add((role, sid))


def _by_hand(template):
    for name, function in template.functions():
        for setting in ("Policies", "Connectors"):
            if setting in function:
                yield name, f"takes its grants from SAM's {setting}"
    for role, properties in template.of("AWS::IAM::Role"):
        if properties.get("ManagedPolicyArns"):
            yield role, "takes its grants from a managed policy"
    for name, resource in template.resources.items():
        if resource["Type"] in ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::User"):
            yield name, "is a grant outside a role"


def _sources(template):
    """Lambda polls with the function's role: the emulator does not check that, so it is checked here."""
    for name, function in template.functions():
        role = target(function.get("Role"))
        expected = {
            "SQS": (CONSUME, {target(s.get("Queue")) for f, _, s in template.sources("SQS") if f == name}),
            "DynamoDB": (READ_STREAM, {target(s.get("Stream")) for f, _, s in template.sources("DynamoDB") if f == name}),
        }
        for actions, sources in expected.values():
            for action in actions:
                if _granted(template, role, {action}) != sources:
                    yield role, f"{action} does not match what {name} reads"


def _own_logs(template):
    for name, function in template.functions():
        group = target(function.get("LoggingConfig", {}).get("LogGroup"))
        for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
            if _granted(template, target(function.get("Role")), {action}) != {group}:
                yield target(function.get("Role")), f"{action} is not on {name}'s own log group alone"


RULES = {
    "exact-actions": _actions,
    "exact-resources": _resources,
    "named-statements": _named,
    "grants-by-hand": _by_hand,
    "grants-match-sources": _sources,
    "grants-match-logs": _own_logs,
}
