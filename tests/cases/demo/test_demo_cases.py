"""The demonstration's cases are made by the real actions, the same from the same seed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction

from jieban.cases.demo import demo_cases
from jieban.cases.models import Case
from jieban.registry.ledger.verification import verify_history
from jieban.registry.loaders.registry_loader import load

AT = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
DATA = Path(settings.BASE_DIR) / "data"


@pytest.fixture
def district(db: None) -> demo_cases.DemoDistrict:
    load(DATA / "district", AT)
    return demo_cases.district(DATA / "demo")


def told() -> list[tuple[str, str, int]]:
    rows = Case.objects.order_by("source_ref", "pk")
    return [(case.subject, case.state, case.event_count) for case in rows]


def test_lives_are_whole_and_made_once(district: demo_cases.DemoDistrict) -> None:
    made = list(demo_cases.make_cases(district, 24, AT))
    first = told()
    assert len(made) == 24 and not demo_cases.missing(24)
    assert list(demo_cases.make_cases(district, 24, AT)) == []
    assert told() == first
    assert verify_history().faults == []


ENDS = {
    "answered": {"answered"}, "declined": {"declined"}, "handed_over": {"declined"}, "split": {"split"},
    "withdrawn": {"withdrawn"},
}  # fmt: skip


def test_every_course_can_be_lived(district: demo_cases.DemoDistrict) -> None:
    """Each in the district as it was loaded, which takes longer than a life."""
    wrong = {}
    for course in demo_cases.COURSES:
        with transaction.atomic():
            state = lived(district, course)
            transaction.set_rollback(True)
        if state not in ENDS.get(course, {"closed", "on_account"}):
            wrong[course] = state
    assert wrong == {}


def lived(district: demo_cases.DemoDistrict, course: str) -> str:
    """The state in which a life on this course ends."""
    received_at = datetime(2026, 5, 11, 1, 30, tzinfo=UTC)
    rnd = demo_cases.Random(course)
    life = demo_cases.CaseSimulation(district, rnd, received_at, AT, 1)
    while life.kind != "appeal" or (course == "answered") != (life.words.nature == "consult"):
        life = demo_cases.CaseSimulation(district, rnd, received_at, AT, 1)
    life.begin()
    getattr(life, f"_{course}")()
    return str(life.case.state)
