"""The rules. A rule takes a Template and yields (resource, sentence) for each place where it does not hold.

To add one: the function and its line in `RULES` of the module it belongs to, then a way to break it in
`mutations.py`; a test refuses a rule that nothing breaks.
"""

from . import alarms, clocks, doors, functions, grants, queues, streams, tables

_MODULES = (tables, queues, streams, clocks, functions, grants, doors, alarms)

RULES = {name: rule for module in _MODULES for name, rule in module.RULES.items()}
