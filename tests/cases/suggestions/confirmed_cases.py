"""Confirmed cases of four categories, as training data of a small district."""

from datetime import timedelta
from typing import Any

from jieban.cases.checks import classifiers
from jieban.cases.models import Case
from jieban.language.text.features import MessageContent
from jieban.registry.models import Category
from tests.cases.scene import AT, FROM, Scene, dispatched

HOUR = timedelta(hours=1)


PATHS = {
    "heat": "城乡建设 / 城市建设和市政管理 / 冬季采暖",
    "light": "城乡建设 / 城市建设和市政管理 / 城市照明",
    "noise": "环境保护 / 环境污染 / 噪音污染",
    "fire": "政法 / 社会治安 / 消防安全",
}


# No keyword list knows the stage, the pavilion and the arch; the office has its own categories for them.
SAID = {
    "heat": ("戏台那边怎么办", "戏台又不行了", "戏台的事还没人管"),
    "light": ("凉亭那边怎么办", "凉亭又不行了", "凉亭的事还没人管"),
    "noise": ("牌坊那边怎么办", "牌坊又不行了", "牌坊的事还没人管"),
}


FEW = 30


def make_tree(scene: Scene) -> dict[str, Category]:
    """Creates four categories of the third level."""
    return {
        name: Category.objects.create(
            code=f"T-{name}",
            name=path.split(" / ")[-1],
            level=3,
            parent=scene.category,
            path=path,
            valid_from=FROM,
        )
        for name, path in PATHS.items()
    }


def confirm(scene: Scene, tree: dict[str, Category], *names: str, count: int = FEW, **values: Any) -> None:
    """Creates cases an hour apart, after the existing ones, with the texts of these categories in turn."""
    begun = Case.objects.count()
    for number in range(begun, begun + count):
        name = names[number % len(names)]
        dispatched(
            scene, at=AT + number * HOUR, text=f"{SAID[name][number // 3 % 3]}，{number}楼",
            phone=f"1000000{number:04}",
            **{"category_id": tree[name].pk, **values},
        )  # fmt: skip


ALL = ("heat", "light", "noise")


def classified(text: str) -> classifiers.VersionedAnswer:
    return classifiers.classify(
        MessageContent("", text), classifiers.leaves(classifiers.selectable_categories(AT.date()))
    )
