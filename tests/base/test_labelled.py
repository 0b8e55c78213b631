"""Labelled enumerations are choices like Django's own, without the ORM."""

import copy
import pickle
import subprocess
import sys

import pytest
from django.db.migrations.writer import MigrationWriter
from django.db.models import CharField
from django.template import Context, Engine
from django.utils.translation import gettext_lazy as _

import jieban.base.sql.migration_values  # noqa: F401 - what the platform registers at its start
from jieban.base.labelled import LabelledEnum

PURE = (
    "jieban.base.labelled",
    "jieban.registry.roles",
    "jieban.cases.flow.enums",
    "jieban.cases.flow.transitions",
)


class Fruit(LabelledEnum):
    PEAR = "pear", _("梨")
    FIG = "fig", _("无花果")


@pytest.mark.parametrize("name", PURE)
def test_roles_and_the_state_machine_import_no_database(name: str) -> None:
    found = f"import sys, {name}; print(*[one for one in sys.modules if one.startswith(('django.db', 'psycopg'))])"
    assert subprocess.check_output([sys.executable, "-c", found], text=True).split() == []


def test_a_member_is_its_value_and_has_a_label() -> None:
    assert (str(Fruit.PEAR), f"{Fruit.FIG}", Fruit("fig")) == ("pear", "fig", Fruit.FIG)
    assert {Fruit.PEAR, "fig"} == {"pear", Fruit.FIG}
    assert Fruit.values == ["pear", "fig"]
    assert Fruit.labels == ["梨", "无花果"]
    assert Fruit.choices == [("pear", "梨"), ("fig", "无花果")]
    assert ("pear" in Fruit, Fruit.PEAR in Fruit, "plum" in Fruit) == (True, True, False)
    assert pickle.loads(pickle.dumps(Fruit.FIG)) is copy.deepcopy(Fruit.FIG) is Fruit.FIG


def test_a_field_takes_its_choices_and_a_template_the_class() -> None:
    field = CharField(max_length=9, choices=Fruit.choices)
    assert field.flatchoices == [("pear", "梨"), ("fig", "无花果")]
    template = Engine().from_string(
        "{% for one in fruit %}{{ one }} {{ one.label }};{% endfor %}{{ fruit.FIG }}"
    )
    assert template.render(Context({"fruit": Fruit})) == "pear 梨;fig 无花果;fig"


def test_a_migration_writes_the_plain_text() -> None:
    assert MigrationWriter.serialize(Fruit.FIG) == ("'fig'", set())


def test_a_value_without_label_or_given_twice_is_refused() -> None:
    with pytest.raises(TypeError, match="fig has no label"):

        class Bare(LabelledEnum):
            FIG = "fig"

    with pytest.raises(ValueError, match="duplicate"):

        class Twice(LabelledEnum):
            FIG = "fig", _("无花果")
            ALSO_FIG = "fig", _("又是无花果")
