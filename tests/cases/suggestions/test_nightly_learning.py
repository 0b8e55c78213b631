"""The district's confirmed cases teach; what is learned answers only while it is better."""

import json
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import psycopg
import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from jieban.base.errors import Invalid
from jieban.cases import actions
from jieban.cases.checks import classifiers, model_store
from jieban.cases.models import ModelUse, TrainedModel
from jieban.cases.suggestions import nightly_learning, proposing
from jieban.cases.suggestions.nightly_learning import LearningOutcome
from jieban.language.text.model_file import BadModel
from jieban.registry.models import Category
from tests.cases.programs import command, own_database, script
from tests.cases.scene import AT, Scene, dispatched, make_case
from tests.cases.suggestions.confirmed_cases import (
    ALL,
    FEW,
    HOUR,
    PATHS,
    SAID,
    classified,
    confirm,
    make_tree,
)
from tests.platforms import wait_until

DAY = timedelta(days=1)
KIND = classifiers.CATEGORY


@pytest.fixture(autouse=True)
def small_district(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a test needs few cases."""
    monkeypatch.setattr(nightly_learning, "FEWEST_CASES", FEW)
    monkeypatch.setattr(nightly_learning, "FEWEST_UNSEEN", 6)


@pytest.fixture
def tree(scene: Scene) -> dict[str, Category]:
    return make_tree(scene)


@pytest.fixture
def learned(scene: Scene, tree: dict[str, Category]) -> model_store.ModelInUse:
    """A district in which a model is in use."""
    confirm(scene, tree, *ALL)
    assert nightly_learning.learn(AT + 9 * DAY).what == LearningOutcome.LIVE
    return model_store.model_in_use(KIND)


def label(text: str) -> str:
    return classified(text).answer.guesses[0].label


def test_what_people_confirmed_answers_once_it_is_better(scene: Scene, tree: dict[str, Category]) -> None:
    confirm(scene, tree, *ALL)
    cold = classified("戏台又坏了")
    assert cold.version.startswith("tree-") and cold.answer.guesses == ()
    outcome = nightly_learning.learn(AT + 9 * DAY)
    assert (outcome.what, outcome.case_count, outcome.unseen_count) == (LearningOutcome.LIVE, 24, 6)
    model = TrainedModel.objects.get()
    assert (model.mark, model.compared_mark, model.cold_mark, model.compared_with) == (
        1.0,
        0.0,
        0.0,
        cold.version,
    )
    assert model.learned_until_at == AT + 23 * HOUR
    assert label("戏台又坏了") == "/".join(PATHS["heat"].split(" / "))
    assert classified("戏台又坏了").version == model.version
    found = proposing.category("戏台又坏了", AT.date(), list)
    assert found is not None and found.first.value == str(tree["heat"].pk)


def test_what_is_not_better_changes_nothing(
    scene: Scene, tree: dict[str, Category], learned: model_store.ModelInUse
) -> None:
    confirm(scene, tree, *ALL)
    outcome = nightly_learning.learn(AT + 9 * DAY)
    assert outcome.what == LearningOutcome.NOT_BETTER and outcome.learned is not None
    assert (outcome.learned.mark, outcome.learned.compared_mark) == (1.0, 1.0)
    assert outcome.learned.compared_with == learned.version
    assert model_store.model_in_use(KIND) == learned
    assert TrainedModel.objects.exclude(pk=learned.model_id).get().content is None


def test_the_margin_decides(
    scene: Scene, tree: dict[str, Category], learned: model_store.ModelInUse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is better by less than the margin is noise."""
    heat, light = SAID["heat"], SAID["light"]
    monkeypatch.setitem(SAID, "heat", light)  # the office has changed its mind
    monkeypatch.setitem(SAID, "light", heat)
    confirm(scene, tree, *ALL, count=3 * FEW)
    with monkeypatch.context() as strict:
        strict.setattr(nightly_learning, "MARGIN", 1.01)
        assert nightly_learning.learn(AT + 9 * DAY).what == LearningOutcome.NOT_BETTER
    confirm(scene, tree, *ALL, count=3)
    assert nightly_learning.learn(AT + 9 * DAY).what == LearningOutcome.LIVE
    assert model_store.model_in_use(KIND) != learned


def test_the_same_cases_teach_the_same_and_nothing_is_written_again(
    scene: Scene, tree: dict[str, Category]
) -> None:
    confirm(scene, tree, *ALL, count=2 * FEW)
    assert nightly_learning.learn(AT + 9 * DAY).what == LearningOutcome.LIVE
    ModelUse.objects.all().delete()
    assert nightly_learning.learn(AT + 10 * DAY).what == LearningOutcome.SAME
    assert (TrainedModel.objects.count(), ModelUse.objects.count()) == (1, 0)


def test_what_the_model_in_use_has_learned_from_measures_nobody(
    scene: Scene, tree: dict[str, Category], learned: model_store.ModelInUse
) -> None:
    confirm(scene, tree, *ALL, count=3)
    TrainedModel.objects.update(learned_until_at=AT + 99 * DAY)
    outcome = nightly_learning.learn(AT + 9 * DAY)
    assert (outcome.what, outcome.unseen_count) == (LearningOutcome.TOO_FEW, 0)


def test_too_few_cases_change_nothing(scene: Scene, tree: dict[str, Category]) -> None:
    confirm(scene, tree, *ALL, count=FEW - 1)
    assert nightly_learning.learn(AT + 9 * DAY).what == LearningOutcome.TOO_FEW
    assert not TrainedModel.objects.exists()


def test_only_what_a_person_confirmed_and_may_be_kept_is_learned_from(
    scene: Scene, tree: dict[str, Category]
) -> None:
    confirm(scene, tree, *ALL, count=3)
    make_case(scene, text=SAID["heat"][0], category_id=tree["heat"].pk)  # nobody has looked at it
    taken_back = make_case(scene, text=SAID["heat"][0], category_id=tree["heat"].pk)
    actions.withdraw(taken_back.pk, actor=scene.actor("operator"), at=AT, reason="已解决")
    confirm(scene, tree, *ALL, count=1, sensitive=True)
    confirm(scene, tree, *ALL, count=1, category_id=scene.category.pk)  # of the second level
    known = nightly_learning._confirmed_cases(
        AT + 9 * DAY, classifiers.leaves(classifiers.selectable_categories(AT.date()))
    )
    assert [told.at for told in known] == [AT, AT + HOUR, AT + 2 * HOUR]


def test_persons_are_masked_before_anything_is_learned(scene: Scene, tree: dict[str, Category]) -> None:
    dispatched(scene, text="我叫诸葛建国，戏台那边怎么办", category_id=tree["heat"].pk)
    (told,) = nightly_learning._confirmed_cases(
        AT + DAY, classifiers.leaves(classifiers.selectable_categories(AT.date()))
    )
    assert "建国" not in told.row.message.text and "戏台" in told.row.message.text


def test_a_category_that_ended_after_training_is_never_named(
    tree: dict[str, Category], learned: model_store.ModelInUse
) -> None:
    assert label("戏台又坏了") == "/".join(PATHS["heat"].split(" / "))
    Category.objects.filter(pk=tree["heat"].pk).update(valid_to=AT.date())
    named = {guess.label for guess in classified("戏台又坏了，凉亭也是").answer.guesses}
    assert "/".join(PATHS["heat"].split(" / ")) not in named and len(named) == 3
    found = proposing.category("戏台又坏了", AT.date(), list)
    assert found is None or found.first.value != str(tree["heat"].pk)


def test_damaged_bytes_are_refused_and_the_cold_start_answers(
    tree: dict[str, Category], learned: model_store.ModelInUse, caplog: pytest.LogCaptureFixture
) -> None:
    TrainedModel.objects.update(content=TrainedModel.objects.get().content[:-9] + b"123456789")
    classifiers._model_cache.clear()  # another process
    for _ in range(2):
        assert classified("路灯不亮").version.startswith("tree-")
    assert label("夜里噪音污染") == "/".join(PATHS["noise"].split(" / "))
    assert [record.levelname for record in caplog.records] == ["ERROR"] and "已损坏" in caplog.text


def test_a_person_sets_the_cold_start_and_a_version_live_again(
    scene: Scene, tree: dict[str, Category], learned: model_store.ModelInUse
) -> None:
    assert model_store.roll_back(KIND, by="王", at=AT + 10 * DAY).model_id is None
    assert classified("戏台又坏了").version.startswith("tree-")
    confirm(scene, tree, *ALL)
    outcome = nightly_learning.learn(AT + 11 * DAY)
    assert outcome.what == LearningOutcome.HELD and model_store.model_in_use(KIND).model_id is None
    confirm(scene, tree, *ALL, count=3)
    assert nightly_learning.learn(AT + 18 * DAY).what == LearningOutcome.LIVE
    assert model_store.roll_back(KIND, to=learned.version, by="李", at=AT + 19 * DAY) == learned
    uses = list(ModelUse.objects.order_by("pk").values_list("why", "by", "until_at"))
    assert uses == [
        ("better", "", AT + 10 * DAY), ("rolled_back", "王", AT + 18 * DAY), ("better", "", AT + 19 * DAY),
        ("rolled_back", "李", None),
    ]  # fmt: skip


def test_without_a_version_the_earlier_one_is_back(learned: model_store.ModelInUse) -> None:
    first = TrainedModel.objects.get()
    values = {name: getattr(first, name) for name in model_store.LearnedModel.__dataclass_fields__}
    second = model_store.LearnedModel(**{**values, "version": "second", "content": bytes(first.content)})
    assert model_store.add_model(KIND, second, instead_of=learned, at=AT + 10 * DAY)
    assert model_store.roll_back(KIND, by="王", at=AT + 11 * DAY) == learned
    assert model_store.roll_back(KIND, by="王", at=AT + 12 * DAY).model_id is None
    with pytest.raises(Invalid, match="没有改变"):
        model_store.roll_back(KIND, by="王", at=AT + 13 * DAY)


def test_what_cannot_be_set_back_is_refused(learned: model_store.ModelInUse) -> None:
    for to in ("nosuch", learned.version):
        with pytest.raises(Invalid):
            model_store.roll_back(KIND, to=to, by="王", at=AT + 10 * DAY)
    model_store.roll_back(KIND, by="王", at=AT + 10 * DAY)
    TrainedModel.objects.update(content=b"jieban-model 1 0\n")
    with pytest.raises(BadModel, match="已损坏"):
        model_store.roll_back(KIND, to=learned.version, by="王", at=AT + 11 * DAY)
    assert model_store.model_in_use(KIND).model_id is None


def test_what_was_set_meanwhile_is_left(learned: model_store.ModelInUse) -> None:
    """A person sets the cold start live while the nightly run still measures."""
    first = TrainedModel.objects.get()
    values = {name: getattr(first, name) for name in model_store.LearnedModel.__dataclass_fields__}
    model_store.roll_back(KIND, by="王", at=AT + 10 * DAY)
    late = model_store.LearnedModel(**{**values, "version": "late", "content": bytes(first.content)})
    assert not model_store.add_model(KIND, late, instead_of=learned, at=AT + 10 * DAY)
    assert model_store.model_in_use(KIND).model_id is None
    assert TrainedModel.objects.get(version="late").content is None


def test_of_models_long_ago_only_the_marks_stay(learned: model_store.ModelInUse) -> None:
    first = TrainedModel.objects.get()
    values = {name: getattr(first, name) for name in model_store.LearnedModel.__dataclass_fields__}
    for number in range(model_store.KEPT_MODELS):
        next_one = model_store.LearnedModel(**{**values, "version": f"v{number}", "content": b"x"})
        assert model_store.add_model(
            KIND, next_one, instead_of=model_store.model_in_use(KIND), at=AT + 10 * DAY
        )
    assert list(TrainedModel.objects.filter(content=None).values_list("version", flat=True)) == [
        learned.version
    ]


def test_two_cannot_be_in_use(learned: model_store.ModelInUse) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ModelUse.objects.create(kind=KIND, model_id=learned.model_id, from_at=AT, why="better")


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_commands_learn_list_and_set_back(scene: Scene, tree: dict[str, Category]) -> None:
    assert "不够" in run("train", "district")
    confirm(scene, tree, *ALL)
    told = json.loads(run("train", "district", "--json"))
    assert (told["what"], told["mark"], told["cold_mark"]) == ("live", 1.0, 0.0)
    assert told["seconds"] > 0 and told["memory_mb"] > 50
    listed = json.loads(run("models", "--json"))
    assert listed["answering"] == told["version"] == listed["models"][0]["version"]
    assert [use["until"] for use in listed["uses"]] == [None]
    assert "cold-start" in run("roll_back_model", "--by", "王主任")
    assert "tree-" in run("models") and "王主任" in run("models")
    assert json.loads(run("models", "--json"))["uses"][0]["version"] == "cold-start"


def test_what_answers_is_read_before_it_is_asked(learned: model_store.ModelInUse) -> None:
    classifiers._model_cache.clear()
    classifiers.warm(AT.date())
    assert list(classifiers._model_cache) == [learned.model_id]


# Below: processes of their own, on a database of their own.

TEACH = """
from jieban.cases.suggestions import nightly_learning as learning
from jieban.base.clock import now
learning.FEWEST_CASES, learning.FEWEST_UNSEEN = 30, 6
print(learning.learn(now()).what.value, flush=True)
"""
SLOW = """
import time
from jieban.language.classify import learned_categories
def slow(*given):
    print("learning", flush=True)
    time.sleep(3600)
learned_categories.learn = slow
"""
FILL = """
from tests.cases.scene import make_scene
from tests.cases.suggestions.confirmed_cases import ALL, confirm, make_tree
from django.db import transaction
with transaction.atomic():
    scene = make_scene()
    confirm(scene, make_tree(scene), *ALL)
"""
JOB = """
import asyncio
from jieban.cases.jobs import learn_categories
asyncio.run(learn_categories.func(0))
"""
ASK = """
import time
from tests.cases.suggestions.confirmed_cases import classified
while True:
    print(classified("戏台又坏了").version, flush=True)
    time.sleep(0.2)
"""


@pytest.fixture
def database() -> Iterator[str]:
    with own_database("jieban_learning") as url:
        filling = script(url, FILL)
        assert filling.wait(60) == 0, filling.communicate()
        yield url


def rows(url: str) -> tuple[int, int]:
    with psycopg.connect(url) as server:
        found = server.execute(
            "SELECT (SELECT count(*) FROM cases_trainedmodel), (SELECT count(*) FROM cases_modeluse)"
        ).fetchone()
    assert found is not None
    return found


def test_killed_it_leaves_nothing_two_at_once_are_one_and_a_running_process_notices(database: str) -> None:
    asking = script(database, ASK)
    slow = script(database, SLOW + TEACH)
    assert asking.stdout is not None and slow.stdout is not None
    assert asking.stdout.readline().startswith("tree-")
    assert slow.stdout.readline() == "learning\n"
    second = script(database, TEACH)
    assert second.communicate(timeout=60)[0] == "busy\n"
    slow.kill()
    slow.communicate()
    assert rows(database) == (0, 0)
    third = script(database, TEACH)
    told, error = third.communicate(timeout=60)
    assert told == "live\n", error
    assert rows(database) == (1, 1)
    wait_until(lambda: not asking.stdout.readline().startswith("tree-"), 10)  # type: ignore[union-attr]
    nightly = script(database, JOB)
    assert "不够" in nightly.communicate(timeout=60)[0] and nightly.returncode == 0
    assert command(database, "roll-back-model").wait(30) == 0
    wait_until(lambda: asking.stdout.readline().startswith("tree-"), 10)  # type: ignore[union-attr]
    asking.kill()
    asking.communicate()
