"""Every rule is proven by breaking the real template on purpose: `python -m unittest discover infra/rules`."""

import copy
import unittest

from checks import RULES
from lint import findings
from mutations import MUTATIONS
from template import Template, load, target

DOCUMENT = load()


def broken(mutate):
    """Names of the rules that a mutated copy of the template breaks."""
    document = copy.deepcopy(DOCUMENT)
    mutate(document["Resources"])
    return {finding.rule for finding in findings(document)}


class TheTemplate(unittest.TestCase):
    def test_it_keeps_every_rule(self):
        self.assertEqual([str(finding) for finding in findings(DOCUMENT)], [])


class EveryRule(unittest.TestCase):
    def test_a_broken_template_breaks_the_rule_it_should(self):
        for rule, how, mutate in MUTATIONS:
            with self.subTest(rule=rule, how=how):
                self.assertEqual(broken(mutate), {rule})

    def test_each_rule_is_broken_at_least_once(self):
        self.assertEqual({rule for rule, _, _ in MUTATIONS} - {"reasons"}, set(RULES))


class Reasons(unittest.TestCase):
    def test_a_written_reason_excuses_one_rule_on_one_resource(self):
        def star_with_a_reason(resources):
            role = resources["ApiRole"]
            role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"].append(
                {"Sid": "Everything", "Effect": "Allow", "Action": "xray:PutTraceSegments", "Resource": "*"}
            )
            role["Metadata"] = {"Reasons": {"exact-resources": "Trace segments belong to no resource that could be named."}}

        self.assertEqual(broken(star_with_a_reason), set())


class ReadingTheTemplate(unittest.TestCase):
    def test_short_tags_lead_to_their_resources(self):
        for value, resource in [
            ({"Ref": "People"}, "People"),
            ({"Fn::GetAtt": ["People", "Arn"]}, "People"),
            ({"Fn::Sub": "${People.Arn}/index/due-index"}, "People"),
            ({"Fn::Sub": "arn:aws:s3:::people"}, None),
            ("People", None),
        ]:
            self.assertEqual(target(value), resource)

    def test_a_parameter_stands_for_its_default(self):
        self.assertEqual(Template(DOCUMENT).number({"Ref": "IngestConcurrency"}), 10)


if __name__ == "__main__":
    unittest.main()
