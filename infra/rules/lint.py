"""Checks infra/template.yaml against the rules of this folder: `python infra/rules/lint.py [template]`.

A resource may break a rule on purpose: it says why under `Metadata.Reasons`, by the rule's name. A reason
for a rule that holds is a finding too, so that reasons do not outlive their cause.
"""

import sys

from checks import RULES
from template import PATH, Finding, Template, load

SHORTEST_REASON = 30


def findings(document):
    """Everything wrong with a template, in the order of the rules."""
    template = Template(document)
    broken = {
        (rule, resource, says) for rule, check in RULES.items() for resource, says in check(template)
    }
    excused = {(rule, name) for name in template.resources for rule in template.reasons(name)}
    found = [Finding(*item) for item in sorted(broken) if item[:2] not in excused]
    for rule, name in sorted(excused):
        reason = template.reasons(name)[rule]
        if (rule, name) not in {item[:2] for item in broken}:
            found.append(Finding("reasons", name, f"explains {rule}, which holds"))
        elif len(reason) < SHORTEST_REASON:
            found.append(Finding("reasons", name, f"gives no reason for breaking {rule}"))
    return found


def main(path):
    """Prints the findings; the answer is the exit code."""
    found = findings(load(path))
    for finding in found:
        print(finding)
    print(f"{len(RULES)} rules, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else PATH))
