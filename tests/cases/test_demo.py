"""The demonstration's cases are made by the real actions, the same from the same seed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings

from jieban.cases import demo
from jieban.cases.models import Case
from jieban.cases.verify import verify
from jieban.registry.loading import load

AT = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
DATA = Path(settings.BASE_DIR) / "data"


@pytest.fixture
def district(db: None) -> demo.District:
    load(DATA / "district", AT)
    return demo.district(DATA / "demo")


def told() -> list[tuple[str, str, int]]:
    rows = Case.objects.order_by("source_ref", "pk")
    return [(case.subject, case.state, case.event_count) for case in rows]


def test_lives_are_whole_and_made_once(district: demo.District) -> None:
    made = list(demo.make_cases(district, 24, AT))
    first = told()
    assert len(made) == 24 and not demo.missing(24)
    assert list(demo.make_cases(district, 24, AT)) == []
    assert told() == first
    assert verify().faults == []


@pytest.mark.parametrize("course", demo.COURSES)
def test_every_course_can_be_lived(district: demo.District, course: str) -> None:
    received_at = datetime(2026, 5, 11, 1, 30, tzinfo=UTC)
    rnd = demo.Random(course)
    life = demo.Life(district, rnd, received_at, AT, 1)
    while life.kind != "appeal" or (course == "answered") != (life.words.nature == "consult"):
        life = demo.Life(district, rnd, received_at, AT, 1)
    life.begin()
    getattr(life, f"_{course}")()
    expected = {
        "answered": "answered", "declined": "declined", "handed_over": "declined", "split": "split",
        "withdrawn": "withdrawn",
    }.get(course)  # fmt: skip
    assert life.case.state == expected or (expected is None and life.case.state in {"closed", "on_account"})
