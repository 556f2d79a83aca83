"""The deployment template as plain values, with the few questions the rules ask of it.

Short tags become their long form: `!Ref Facts` reads as {"Ref": "Facts"}. Nothing is transformed; the
rules look at what was written.
"""

from dataclasses import dataclass
from pathlib import Path

import yaml

PATH = Path(__file__).resolve().parent.parent / "template.yaml"


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags."""


def _short_tag(loader, suffix, node):
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        return {name: value.split(".", 1) if suffix == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _short_tag)


@dataclass(frozen=True)
class Finding:
    """A rule that does not hold for a resource, in a sentence."""

    rule: str
    resource: str
    says: str

    def __str__(self):
        return f"{self.rule}: {self.resource}: {self.says}"


def load(path=PATH):
    """The template as dictionaries and lists."""
    with open(path, encoding="utf-8") as file:
        return yaml.load(file, _Loader)  # noqa: S506 - a SafeLoader with tags that build dictionaries


class Template:
    """What the rules ask of a template."""

    def __init__(self, document):
        self.document = document
        self.resources = document["Resources"]

    def of(self, *kinds):
        """Name and properties of every resource of these types."""
        for name, resource in self.resources.items():
            if resource["Type"] in kinds:
                yield name, resource.get("Properties", {})

    def kind(self, name):
        """Type of a resource, or None where there is none of that name."""
        return self.resources.get(name, {}).get("Type")

    def properties(self, name):
        """Properties of a resource; empty where there is none of that name."""
        return self.resources.get(name, {}).get("Properties", {})

    def value(self, value):
        """A value, or the default of the parameter it refers to."""
        if isinstance(value, dict) and set(value) == {"Ref"}:
            parameter = self.document.get("Parameters", {}).get(value["Ref"])
            return parameter.get("Default") if parameter else value
        return value

    def number(self, value):
        """The same as a whole number; None where it is not one."""
        value = self.value(value)
        try:
            return None if isinstance(value, bool) else int(value)
        except (TypeError, ValueError):
            return None

    def reasons(self, name):
        """Rule to written reason, for the rules this resource breaks on purpose."""
        return self.resources[name].get("Metadata", {}).get("Reasons", {})

    def functions(self):
        """Name and properties of every function."""
        return self.of("AWS::Serverless::Function")

    def sources(self, *kinds):
        """Function, event name and event properties of every event source of these types."""
        for function, properties in self.functions():
            for event, source in properties.get("Events", {}).items():
                if source["Type"] in kinds:
                    yield function, event, source.get("Properties", {})


def target(value):
    """The resource that a reference leads to: `!Ref X`, `!GetAtt X.Y`, `!Sub ${X...}`; None if it is none."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    (tag, argument), = value.items()
    if tag == "Ref":
        return argument
    if tag == "Fn::GetAtt":
        return argument[0]
    if tag == "Fn::Sub" and isinstance(argument, str) and argument.startswith("${"):
        return argument[2:].split("}", 1)[0].split(".", 1)[0]
    return None


def listed(value):
    """A list: the value itself, or the value alone in one."""
    return value if isinstance(value, list) else [value]
