"""The rules. A rule takes a Template and yields (resource, sentence) for each place where it does not hold."""

from . import alarms, clocks, doors, functions, grants, queues, streams, tables

_MODULES = (tables, queues, streams, clocks, functions, grants, doors, alarms)

RULES = {name: rule for module in _MODULES for name, rule in module.RULES.items()}
