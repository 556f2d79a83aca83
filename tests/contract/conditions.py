"""Conditions on customers, made up by a seed: trees of tests that have the form and make sense.

A condition holds conditions, and for what is described by itself Schemathesis makes up no body but a number.
"""

SEGMENTS = ("VIP", "Active", "New", "Single-order", "At-Risk", "Lapsed", "Prospect")
STAGES = ("Prospect", "Single-order", "New", "Active", "At-Risk", "Lapsed")
GROUPS = ("Champions", "Loyal", "Potential Loyal", "New", "Promising", "Needs Attention", "About to Sleep", "At Risk", "Hibernating")
WHOLE = ("orders", "days_since_last_order", "days_since_first_order")
AMOUNTS = ("gross", "net", "average_order_value", "return_rate")
# Those that say something of a search, not of a customer's record: no segment is made of them.
OF_SEARCHES = ("named_segment", "order_number")
MOST_DEPTH, MOST_TESTS = 8, 50


def within(dice, number):
    """Limits, one or both, of which the lower is the lower."""
    least, below = sorted((number(), number()))
    limits = {"at_least": least, "below": below}
    if least == below or dice.random() < 0.5:
        del limits[dice.choice(("at_least", "below"))]
    return limits


def own_field(dice):
    return dice.choice((
        {"name": "loyalty_tier", "is": dice.choice(("gold", "GOLD", "nothing"))},
        {"name": "subscription_status", "set": dice.random() < 0.5},
        {"name": "nps", **within(dice, lambda: dice.randint(-10, 10))},
    ))


def whole(dice):
    return within(dice, lambda: dice.randint(0, 400))


def amount(dice):
    # As text, for numbers of a form: sorted as numbers first.
    limits = within(dice, lambda: dice.randint(0, 100_000))
    return {name: f"{limit // 100}.{limit % 100:02}" for name, limit in limits.items()}


class Conditions:
    """Makes one condition after the other; the same seed and the same customers make the same ones."""

    def __init__(self, dice, known):
        one_of = lambda values: lambda dice: dice.choice(values)
        self.dice = dice
        self.tests = {
            **{name: one_of(values) for name, values in known.items() if values},
            "segment": one_of(SEGMENTS),
            "stage": one_of(STAGES),
            "group": one_of(GROUPS),
            "health": one_of(("Green", "Yellow", "Red")),
            "vip": lambda dice: dice.random() < 0.5,
            "consent": lambda dice: {"medium": dice.choice(("email", "sms", "whatsapp")), "given": dice.random() < 0.5},
            "field": own_field,
            **dict.fromkeys(WHOLE, whole),
            **dict.fromkeys(AMOUNTS, amount),
        }

    def left_out(self, described):
        """Tests that the description has and that are never made up."""
        return set(described) - set(self.tests) - {"all", "any", "not"}

    def made(self, for_search):
        names = [name for name in self.tests if name not in OF_SEARCHES]
        if for_search:
            names.append("named_segment")
        most = self.dice.choice((1, 2, 4, 8, MOST_TESTS))
        tree, _ = self.tree(names, self.dice.randint(1, MOST_DEPTH), most)
        if for_search and self.dice.random() < 0.2:
            # Once, and where everything has to hold.
            return {"all": [self.test("order_number"), {"vip": False}]}
        return tree

    def tree(self, names, depth, most):
        """A condition of so many tests at most inside each other, and how many it has."""
        kind = self.dice.choice(("all", "any", "not", "test", "test")) if depth > 1 else "test"
        if kind == "test":
            return self.test(self.dice.choice(names)), 1
        if kind == "not":
            part, count = self.tree(names, depth - 1, most)
            return {"not": part}, count
        parts, count = [], 0
        for _ in range(self.dice.randint(1, 4)):
            if count == most:
                break
            part, more = self.tree(names, depth - 1, most - count)
            parts.append(part)
            count += more
        return {kind: parts}, count

    def test(self, name):
        return {name: self.tests[name](self.dice)}
