"""Idempotent loader for the registry's files in a folder: `python -m jieban load-registry FOLDER`.

Each file is one transaction: it is loaded whole or not at all. Files that depend on a refused one are skipped. The
formats are in data/README.md.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.base.errors import Invalid
from jieban.registry.changing.config_changes import LOCK
from jieban.registry.loaders import category_files, people_files, place_files, unit_files
from jieban.registry.loaders.typed_rows import (
    MOST_PROBLEMS,
    BadSheet,
    Changes,
    Problem,
    RegistryColumn,
    RegistrySheet,
    read,
)
from jieban.registry.models import LoadedFile


@dataclass(frozen=True)
class RegistryFile:
    """File type of the registry: its columns, the key of a row, and the files on which it depends."""

    name: str
    columns: tuple[RegistryColumn, ...]
    key: tuple[str, ...]
    load: Callable[[RegistrySheet], Changes]
    after: tuple[str, ...] = ()


FILES = (
    RegistryFile("places", place_files.PLACE_COLUMNS, ("code", "valid_from"), place_files.load_places),
    RegistryFile(
        "boundaries",
        place_files.BOUNDARY_COLUMNS,
        ("place_code", "valid_from"),
        place_files.load_boundaries,
        ("places",),
    ),
    RegistryFile("units", unit_files.COLUMNS, ("code",), unit_files.load, ("places",)),
    RegistryFile("posts", people_files.POST_COLUMNS, ("code",), people_files.load_posts, ("units",)),
    RegistryFile("people", people_files.PEOPLE_COLUMNS, ("username",), people_files.load_people),
    RegistryFile(
        "holdings",
        people_files.HOLDING_COLUMNS,
        ("username", "post_code", "valid_from"),
        people_files.load_holdings,
        ("posts", "people"),
    ),
    RegistryFile("categories", category_files.CATEGORY_COLUMNS, ("code",), category_files.load_categories),
    RegistryFile(
        "directory",
        category_files.DIRECTORY_COLUMNS,
        ("code",),
        category_files.load_directory,
        ("categories", "places", "units"),
    ),
)


class LoadState(StrEnum):
    """Result of loading a file."""

    LOADED = "loaded"
    REFUSED = "refused"
    SKIPPED = "skipped"
    ABSENT = "absent"


@dataclass
class FileReport:
    """Report of one file. Keys are those of its rows: a code, or several joined by a space."""

    name: str
    state: LoadState
    added: list[str] = field(default_factory=list)
    changed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unchanged: int = 0
    unlisted: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    waits_for: str = ""


@dataclass
class LoadReport:
    """Report of a folder, file by file, with its .csv files that are unknown."""

    files: list[FileReport] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def ok(self) -> bool:
        return all(file.state in (LoadState.LOADED, LoadState.ABSENT) for file in self.files)

    def changed(self) -> bool:
        return any(file.added or file.changed or file.removed for file in self.files)


def load(folder: Path, at: datetime) -> LoadReport:
    """Loads the files that the folder has, in their order. Raises Invalid when it has none of them."""
    present = {path.name for path in folder.glob("*.csv")} if folder.is_dir() else set()
    if not present & {f"{file.name}.csv" for file in FILES}:
        names = "、".join(f"{file.name}.csv" for file in FILES)
        raise Invalid(
            _("“%(folder)s”里没有可装载的文件（%(names)s），请核对目录。")
            % {"folder": folder, "names": names}
        )
    report = LoadReport(unknown=sorted(present - {f"{file.name}.csv" for file in FILES}))
    failed: set[str] = set()
    for file in FILES:
        one = _try_load(file, folder, failed, at, present)
        report.files.append(one)
        if one.state in (LoadState.REFUSED, LoadState.SKIPPED):
            failed.add(file.name)
    return report


def _try_load(
    file: RegistryFile, folder: Path, failed: set[str], at: datetime, present: set[str]
) -> FileReport:
    if f"{file.name}.csv" not in present:
        return FileReport(file.name, LoadState.ABSENT)
    before = next((name for name in file.after if name in failed), "")
    if before:
        return FileReport(file.name, LoadState.SKIPPED, waits_for=before)
    try:
        changes = _load_file(file, folder, at)
    except BadSheet as bad:
        return FileReport(
            file.name,
            LoadState.REFUSED,
            problems=bad.problems[:MOST_PROBLEMS],
            problem_count=len(bad.problems),
        )
    return FileReport(
        file.name,
        LoadState.LOADED,
        added=[_key_text(row.key) for row in changes.added],
        changed={_key_text(row.key): columns for row, columns in changes.changed},
        unchanged=changes.unchanged,
        unlisted=[_key_text(key) for key in changes.unlisted],
        removed=[_key_text(key) for key in changes.removed],
    )


@transaction.atomic
def _load_file(file: RegistryFile, folder: Path, at: datetime) -> Changes:
    sheet = read(folder / f"{file.name}.csv", file.columns, file.key, local_date(at))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    changes = file.load(sheet)
    if changes.any():
        _count_change(file.name, at)
    return changes


def _count_change(name: str, at: datetime) -> None:
    LoadedFile.objects.bulk_create([LoadedFile(name=name, changed_at=at)], ignore_conflicts=True)
    LoadedFile.objects.filter(name=name).update(version=F("version") + 1, changed_at=at)


def _key_text(key: Any) -> str:
    return " ".join(map(str, key)) if isinstance(key, tuple) else str(key)
