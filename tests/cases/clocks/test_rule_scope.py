"""Which rule holds for a case: one that names what the case is goes before one for all."""

import pytest

from jieban.cases.flow.rule_scope import DIMENSIONS, RuleScope, most_specific
from jieban.cases.models import DeadlineRule

# A scope stands for the rule that has it.
FOR_ALL, OTHER_GRADE = RuleScope("complex"), RuleScope("simple")
OF_ENTERPRISES = RuleScope("complex", "enterprise")


@pytest.mark.parametrize(
    ("rules", "case", "found"),
    [
        ([FOR_ALL, OF_ENTERPRISES], RuleScope("complex", "enterprise"), OF_ENTERPRISES),
        ([OF_ENTERPRISES, FOR_ALL], RuleScope("complex", "enterprise"), OF_ENTERPRISES),
        ([OF_ENTERPRISES, FOR_ALL], RuleScope("complex", "appeal"), FOR_ALL),
        ([OF_ENTERPRISES, OTHER_GRADE], RuleScope("complex", "appeal"), None),
        ([], RuleScope("complex", "appeal"), None),
    ],
)
def test_the_rule_that_names_more_goes_first(
    rules: list[RuleScope], case: RuleScope, found: RuleScope | None
) -> None:
    assert most_specific(rules, case) == found


def test_every_dimension_is_a_column_of_rules_and_counts_for_their_uniqueness() -> None:
    columns = {field.name for field in DeadlineRule._meta.get_fields()}
    (unique,) = [one for one in DeadlineRule._meta.constraints if one.name == "deadline_rule_once"]
    assert set(DIMENSIONS) <= columns
    assert unique.fields == (*DIMENSIONS, "clock", "valid_from")  # type: ignore[attr-defined]
