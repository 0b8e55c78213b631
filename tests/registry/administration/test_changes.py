"""Changes of accounts, posts, units and the directory: dated, logged for good, one at a time."""

import threading
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from jieban.base.errors import Invalid, NotAllowed, WrongState
from jieban.registry.administration import accounts, directory_changes, unit_changes
from jieban.registry.changing.config_changes import ChangeContext
from jieban.registry.identity import posts, tokens
from jieban.registry.identity.posts import exists_on
from jieban.registry.models import (
    ApiToken,
    Category,
    ConfigChange,
    DirectoryRow,
    Holding,
    Person,
    Post,
    Unit,
)
from tests.cases.scene import AT, FROM, Scene, make_scene
from tests.registry.administration.directory_rows import make_row, proposed

TODAY = date(2026, 3, 2)
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def scene(db: None) -> Scene:
    return make_scene()


def step(scene: Scene, seen: str = "", reason: str = "年度调整", by: str = "admin") -> ChangeContext:
    return ChangeContext(scene.actor(by), AT, reason, seen)


def person(name: str) -> Person:
    return Person.objects.get(username=name)


def logged() -> list[tuple[str, str, dict[str, str], dict[str, str]]]:
    return list(ConfigChange.objects.order_by("id").values_list("what", "key", "before", "after"))


def test_account_is_opened_with_a_password_that_is_told_once_and_not_logged(scene: Scene) -> None:
    opened = accounts.create("ZhouMin", "周敏", step=step(scene))
    assert (opened.person.username, opened.person.check_password(opened.password)) == ("zhoumin", True)
    assert logged() == [("开立账号", "zhoumin", {}, {"姓名": "周敏"})]
    assert opened.password not in str(ConfigChange.objects.values())


@pytest.mark.parametrize("username", ["ab", "周敏", "a b", "-ab", "operator", "x" * 61])
def test_user_name_that_does_not_fit_or_is_taken_is_refused(scene: Scene, username: str) -> None:
    with pytest.raises(Invalid) as refused:
        accounts.create(username, "周敏", step=step(scene))
    assert set(refused.value.fields) == {"username"}
    assert logged() == []


def test_suspended_account_acts_no_more_at_once(scene: Scene) -> None:
    who, actor = person("operator"), scene.actor("operator")
    assert actor.person_id and actor.post_id
    token = tokens.create("operator", AT)
    accounts.suspend(who.pk, step=step(scene, accounts.version_tag_of(who)))
    with pytest.raises(NotAllowed):
        posts.actor_in_post(actor.person_id, actor.post_id, AT)
    with pytest.raises(NotAllowed):
        tokens.actor_for(token, AT)
    accounts.restore(who.pk, step=step(scene, accounts.version_tag_of(person("operator"))))
    assert posts.actor_in_post(actor.person_id, actor.post_id, AT) == actor
    assert [what for what, *_rest in logged()] == ["停用账号", "恢复账号"]


def test_nobody_changes_the_own_account_or_post(scene: Scene) -> None:
    who = person("admin")
    post = Post.objects.get(code="P-dispatcher")
    for do in (
        lambda: accounts.suspend(who.pk, step=step(scene, accounts.version_tag_of(who))),
        lambda: accounts.give_post(who.pk, post.pk, TODAY, None, step=step(scene, accounts.version_tag_of(who))),
        lambda: accounts.close_post(
            scene.actor("admin").post_id or 0, TODAY,
            step=step(scene, accounts.version_tag_of_post(Post.objects.get(code="P-admin"))),
        ),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            do()
    assert logged() == []


def test_change_without_a_reason_is_not_made(scene: Scene) -> None:
    who = person("operator")
    with pytest.raises(Invalid), transaction.atomic():
        accounts.suspend(who.pk, step=step(scene, accounts.version_tag_of(who), reason="  "))
    assert person("operator").is_active


def test_post_is_given_and_ended_by_days_and_earlier_rows_stay(scene: Scene) -> None:
    who, post = person("operator"), Post.objects.get(code="P-dispatcher")
    accounts.give_post(
        who.pk,
        post.pk,
        TOMORROW,
        TOMORROW + timedelta(days=9),
        step=step(scene, accounts.version_tag_of(who)),
    )
    held = Holding.objects.get(person=who, post=post)
    assert (held.valid_from, held.valid_to) == (TOMORROW, date(2026, 3, 13))
    assert post not in posts.posts_of(who, AT)
    assert post in posts.posts_of(who, AT + timedelta(days=1))

    first = Holding.objects.get(person=who, post__code="P-operator")
    yesterday = TODAY - timedelta(days=1)
    accounts.end_holding(who.pk, first.pk, yesterday, step=step(scene, accounts.version_tag_of(who)))
    assert posts.posts_of(who, AT) == []
    first.refresh_from_db()
    assert (first.valid_from, first.valid_to) == (FROM, TODAY)
    assert logged() == [
        ("安排任职", "operator", {}, {"岗位": "单位HOT · 派单员", "任期": "2026年3月3日至2026年3月12日"}),
        (
            "结束任职", "operator", {"岗位": "单位HOT · 话务员", "任期": "2019年1月1日起"},
            {"岗位": "单位HOT · 话务员", "任期": "2019年1月1日至2026年3月1日"},
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("begins", "ends", "field"),
    [
        (TODAY - timedelta(days=1), None, "begins"),
        (TOMORROW, TODAY, "ends"),
        (date(2018, 1, 1), None, "begins"),
    ],
)
def test_days_that_do_not_fit_are_refused(scene: Scene, begins: date, ends: date | None, field: str) -> None:
    who, post = person("operator"), Post.objects.get(code="P-dispatcher")
    with pytest.raises(Invalid) as refused:
        accounts.give_post(who.pk, post.pk, begins, ends, step=step(scene, accounts.version_tag_of(who)))
    assert set(refused.value.fields) == {field}


def test_post_held_already_is_not_given_twice(scene: Scene) -> None:
    who, post = person("operator"), Post.objects.get(code="P-operator")
    with pytest.raises(Invalid, match="2019年1月1日起"):
        accounts.give_post(who.pk, post.pk, TOMORROW, None, step=step(scene, accounts.version_tag_of(who)))


def test_ended_holding_is_not_made_longer(scene: Scene) -> None:
    who = person("operator")
    held = Holding.objects.get(person=who)
    Holding.objects.filter(pk=held.pk).update(valid_to=TOMORROW)
    with pytest.raises(Invalid, match="不能延后"):
        accounts.end_holding(who.pk, held.pk, TOMORROW, step=step(scene, accounts.version_tag_of(who)))


def test_token_is_revoked_and_never_named(scene: Scene) -> None:
    text, who = tokens.create("operator", AT), person("operator")
    token = ApiToken.objects.get()
    accounts.revoke_token(who.pk, token.pk, step=step(scene, accounts.version_tag_of(who)))
    with pytest.raises(tokens.NotSignedIn):
        tokens.actor_for(text, AT)
    assert logged() == [("停用令牌", "operator", {"岗位": "单位HOT · 话务员", "令牌": f"#{token.pk}"}, {})]


def test_post_is_set_up_and_closed_with_a_day(scene: Scene) -> None:
    post = accounts.open_post("p-new", "值班员", "operator", scene.unit("HOT").pk, TODAY, step=step(scene))
    accounts.close_post(post.pk, TOMORROW, step=step(scene, accounts.version_tag_of_post(post)))
    post.refresh_from_db()
    assert (post.code, post.opened_on, post.closed_on) == ("P-NEW", TODAY, TOMORROW)
    with pytest.raises(Invalid) as refused:
        accounts.open_post("P-NEW", "值班员", "operator", scene.unit("HOT").pk, TODAY, step=step(scene))
    assert set(refused.value.fields) == {"code"}


def test_who_comes_second_is_told_who_was_first(scene: Scene) -> None:
    unit = scene.unit("D1")
    seen = unit_changes.version_tag_of(unit)
    unit_changes.rename(unit.pk, "城管委", "城管", step=step(scene, seen))
    with pytest.raises(WrongState, match="人员admin刚刚修改了“单位D1”|人员admin刚刚修改了“城管委”"):
        unit_changes.rename(unit.pk, "城市管理委", "", step=step(scene, seen))
    assert Unit.objects.get(pk=unit.pk).name == "城管委"
    assert logged() == [
        ("改名", "D1", {"名称": "单位D1", "简称": ""}, {"名称": "城管委", "简称": "城管"}),
    ]


@pytest.mark.django_db(transaction=True)
def test_of_eight_at_once_one_changes_the_unit() -> None:
    scene = make_scene()
    unit = scene.unit("D1")
    seen, results, gate = unit_changes.version_tag_of(unit), list[str](), threading.Barrier(8)

    def change(number: int) -> None:
        gate.wait()
        try:
            unit_changes.rename(unit.pk, f"名称{number}", "", step=step(scene, seen))
            results.append("done")
        except WrongState:
            results.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=change, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["done", *["told"] * 7]
    assert ConfigChange.objects.count() == 1


def test_unit_with_units_below_or_in_the_directory_is_not_closed(scene: Scene) -> None:
    row = make_row(scene, "R1", lead=scene.unit("D2"))
    for code, words in (("S", "下面还有 3 个单位"), ("D2", "派单目录还有 1 条指向它")):
        with pytest.raises(Invalid, match=words):
            unit_changes.close(scene.unit(code), TOMORROW, step=step(scene))
    DirectoryRow.objects.filter(pk=row.pk).update(valid_to=TOMORROW)
    unit_changes.close(scene.unit("D2"), TOMORROW, step=step(scene))
    assert not Unit.objects.filter(exists_on(TOMORROW), code="D2").exists()
    assert Unit.objects.filter(exists_on(TODAY), code="D2").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE registry_configchange SET reason = 'x'",
        "DELETE FROM registry_configchange",
    ],
)
def test_what_was_written_of_a_change_stays(scene: Scene, statement: str) -> None:
    unit_changes.rename(
        scene.unit("D1").pk, "城管委", "", step=step(scene, unit_changes.version_tag_of(scene.unit("D1")))
    )
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert ConfigChange.objects.get().reason == "年度调整"


def replace(scene: Scene, **more: object) -> DirectoryRow:
    seen = directory_changes.version_tag_of(scene.category)
    return directory_changes.replace(proposed(scene, **more), step=step(scene, seen))


def test_new_row_of_the_directory_ends_the_one_before_on_its_day(scene: Scene) -> None:
    old = make_row(scene, "R1")
    new = replace(scene)
    old.refresh_from_db()
    assert (old.valid_from, old.valid_to, old.lead) == (FROM, TOMORROW, scene.unit("D1"))
    assert (new.code, new.valid_from, new.valid_to, list(new.co_handlers.all())) == (
        "R1-20260303", TOMORROW, None, [scene.unit("D1")],
    )  # fmt: skip
    assert logged() == [
        (
            "改派", "C0101",
            {"主办": "单位D1", "协办": "", "依据": "条例第12条", "版本": "2026版", "生效日": "2019年1月1日"},
            {"主办": "单位D2", "协办": "单位D1", "依据": "区编办〔2026〕3号", "版本": "2026版",
             "生效日": "2026年3月3日"},
        )
    ]  # fmt: skip
    following = replace(scene, lead=scene.unit("D1"), co_handlers=[], begins=date(2026, 4, 1))
    assert following.code == "R1-20260401"


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"begins": TODAY - timedelta(days=1)}, "begins", "过去的日子不能改"),
        ({"begins": FROM}, "begins", "过去的日子不能改"),
        ({"lead": "C"}, "lead", "不能作主办单位"),
        ({"lead": "D1"}, "co_handlers", "已是主办单位"),
        ({"lead": None}, "place_level", "地点级别须至少为街道"),
        ({"lead": "D1", "co_handlers": [], "ground": "条例第12条"}, "lead", "不必修改"),
    ],
)
def test_row_that_does_not_fit_is_refused(
    scene: Scene, more: dict[str, object], field: str, words: str
) -> None:
    make_row(scene, "R1")
    if isinstance(more.get("lead"), str):
        more = more | {"lead": scene.unit(str(more["lead"]))}
    with pytest.raises(Invalid, match=words) as refused:
        replace(scene, **more)
    assert set(refused.value.fields) == {field}
    assert DirectoryRow.objects.get().valid_to is None


def test_row_that_would_overlap_one_to_come_is_refused(scene: Scene) -> None:
    make_row(scene, "R1", valid_to=date(2026, 4, 1))
    make_row(scene, "R2", valid_from=date(2026, 4, 1), lead=scene.unit("D2"))
    with pytest.raises(Invalid, match="条目 R2 将从 2026年4月1日 起生效"):
        replace(scene, ground="另一依据")
    assert (
        replace(scene, begins=date(2026, 4, 2), lead=scene.unit("D1"), co_handlers=[]).code == "R2-20260402"
    )


def test_first_general_row_leaves_no_days_without(scene: Scene) -> None:
    leaf = Category.objects.create(
        code="C010101",
        name="井盖",
        level=3,
        parent=scene.category,
        path="城乡建设 / 安全隐患 / 井盖",
        valid_from=FROM,
    )
    scene.category = leaf
    with pytest.raises(Invalid, match="之前这一事项没有通用条目"):
        replace(scene)
    assert replace(scene, begins=TODAY).valid_from == TODAY


def test_row_without_which_a_category_had_none_is_not_ended(scene: Scene) -> None:
    Category.objects.create(
        code="C010101",
        name="井盖",
        level=3,
        parent=scene.category,
        path="城乡建设 / 安全隐患 / 井盖",
        valid_from=FROM,
    )
    row = make_row(scene, "R1")
    duty = make_row(scene, "R2", duty="井盖")
    seen = directory_changes.version_tag_of(scene.category)
    with pytest.raises(Invalid, match="没有通用条目"):
        directory_changes.end(row, TOMORROW, step=step(scene, seen))
    directory_changes.end(duty, TOMORROW, step=step(scene, directory_changes.version_tag_of(scene.category)))
    assert DirectoryRow.objects.get(code="R1").valid_to is None
    assert DirectoryRow.objects.get(code="R2").valid_to == TOMORROW
