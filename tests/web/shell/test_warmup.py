"""What proposals are made of is ready before anybody asks."""

import gc
from threading import Thread

import pytest
from django.db import connections

from jieban.base.clock import local_date, now
from jieban.cases.checks import classifiers, district_gazetteer
from jieban.web.shell import warmup
from tests.cases.scene import make_scene


@pytest.mark.django_db(transaction=True)
def test_a_web_process_reads_models_and_places_beside_its_work(monkeypatch: pytest.MonkeyPatch) -> None:
    make_scene()
    district_gazetteer._cache.clear()
    thread = Thread(target=warmup.warm_once)
    thread.start()
    thread.join(30)
    days = {key[-1] for key in district_gazetteer._cache}
    assert local_date(now()) in days
    made = list(district_gazetteer._cache.values())
    classifiers.warm(local_date(now()))
    assert list(district_gazetteer._cache.values()) == made


def test_what_is_ready_is_not_gone_through_for_garbage_again() -> None:
    made = [[number] for number in range(1_000)]
    before = gc.get_freeze_count()
    warmup.freeze_garbage_collector()
    assert gc.get_freeze_count() > before
    assert not {id(one) for one in made} & {id(one) for one in gc.get_objects()}


def test_a_lost_database_is_left_to_the_next_time(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """In a thread whose connection leads nowhere."""
    told: list[str] = []

    def run() -> None:
        connections["default"].settings_dict = {
            **connections["default"].settings_dict, "HOST": "127.0.0.1", "PORT": "1", "OPTIONS": {},
        }  # fmt: skip
        warmup.warm_once()
        told.append("on")

    thread = Thread(target=run)
    thread.start()
    thread.join(60)
    assert told == ["on"] and "数据库中断" in caplog.text
