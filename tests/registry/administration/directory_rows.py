"""Rows of the directory of duties: one in force, and one proposed to replace it."""

from datetime import date

from jieban.registry.administration.directory_changes import ProposedRow
from jieban.registry.models import DirectoryRow
from tests.cases.scene import FROM, Scene


def make_row(scene: Scene, code: str, **more: object) -> DirectoryRow:
    values = {
        "category": scene.category, "place_level": "district", "lead": scene.unit("D1"), "ground": "条例第12条",
        "edition": "2026版", "valid_from": FROM, **more,
    }  # fmt: skip
    return DirectoryRow.objects.create(code=code, **values)


def proposed(scene: Scene, **more: object) -> ProposedRow:
    values = {
        "category": scene.category, "place_level": "district", "place": None, "duty": "",
        "lead": scene.unit("D2"), "co_handlers": [scene.unit("D1")], "ground": "区编办〔2026〕3号",
        "edition": "2026版", "begins": date(2026, 3, 3), **more,
    }  # fmt: skip
    return ProposedRow(**values)  # type: ignore[arg-type]
