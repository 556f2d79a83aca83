"""Each function is its own: role, logs that end, a place in the build, no secret in its variables."""

import re

from template import target


def _logs(template):
    for name, function in template.functions():
        group = target(function.get("LoggingConfig", {}).get("LogGroup"))
        if template.kind(group) != "AWS::Logs::LogGroup":
            yield name, "logs to a group that this template does not make, so it is kept for ever"
    for name, group in template.of("AWS::Logs::LogGroup"):
        if template.number(group.get("RetentionInDays")) is None:
            yield name, "is kept for ever"


def _own_role(template):
    roles = {}
    for name, function in template.functions():
        role = target(function.get("Role"))
        if template.kind(role) != "AWS::IAM::Role":
            yield name, "has no role of its own in this template"
        elif role in roles:
            yield name, f"shares its role with {roles[role]}"
        roles[role] = name


def _no_secrets(template):
    common = template.document.get("Globals", {}).get("Function", {})
    for name, function in (*template.functions(), ("Globals", common)):
        for variable, value in function.get("Environment", {}).get("Variables", {}).items():
            if "resolve:" in str(value):
                yield name, f"{variable} holds a secret's value"
            if re.search("SECRET|PASSWORD|TOKEN", variable) and not variable.endswith("_ID"):
                yield name, f"{variable} looks like a secret; pass the secret's id"


def _no_reservation(template):
    for name, function in template.functions():
        for setting in ("ReservedConcurrentExecutions", "ProvisionedConcurrencyConfig"):
            if setting in function:
                yield name, f"sets {setting}, which a new account of ten concurrent runs refuses"


def _bounded(template):
    for name, function in template.functions():
        if template.number(function.get("Timeout")) is None:
            yield name, "has no timeout of its own"


RULES = {
    "logs-end": _logs,
    "own-role": _own_role,
    "no-secret-in-variables": _no_secrets,
    "no-reservation": _no_reservation,
    "timeout": _bounded,
}
