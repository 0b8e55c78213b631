"""Options of select fields: units, places and categories that exist today."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from jieban.base.text.pinyin import pinyin_initials
from jieban.registry.identity.posts import Actor, exists_on
from jieban.registry.models import Category, Place, Unit, holds_on

SelectOption = tuple[str, str | Promise]
OptionGroup = tuple[str | Promise, Sequence[SelectOption]]
Choices = list[SelectOption | OptionGroup]

EMPTY_OPTION: SelectOption = ("", "")


class SearchableLabel(str):
    """An option label that is also found by its pinyin initials and its code."""

    sought_as: str

    @classmethod
    def of(cls, words: str, code: str = "") -> "SearchableLabel":
        label = cls(words)
        label.sought_as = f"{pinyin_initials(words)} {code}".strip().lower()
        return label


class SearchableSelect(forms.Select):
    """Select widget for hundreds of options: one string, where Django would render a template for each option."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        attributes = format_html_join("", ' {}="{}"', self.build_attrs(self.attrs, attrs).items())
        chosen = {str(item) for item in (value if isinstance(value, list) else [value]) if item is not None}
        lines = format_html_join(
            "",
            "{}",
            ((_optgroup_html(label, entry, chosen),) for label, entry in self.choices),
        )
        return format_html(
            '<select name="{}" data-pick{}{}>{}</select>', name, attributes, self._multiple_attribute(), lines
        )

    def _multiple_attribute(self) -> str:
        return " multiple" if self.allow_multiple_selected else ""


class SearchableSelectMultiple(SearchableSelect, forms.SelectMultiple):
    """The same widget for several options."""

    allow_multiple_selected = True


def _optgroup_html(value: Any, label: Any, chosen: set[str]) -> SafeString:
    if not isinstance(label, (list, tuple)):
        return _option_html(value, label, chosen)
    inside = format_html_join("", "{}", ((_option_html(key, words, chosen),) for key, words in label))
    return format_html('<optgroup label="{}">{}</optgroup>', value, inside)


def _option_html(value: Any, label: Any, chosen: set[str]) -> SafeString:
    sought_as = label.sought_as if isinstance(label, SearchableLabel) else ""
    return _cached_option_html(str(value), str(label), sought_as, str(value) in chosen)


@lru_cache(maxsize=10_000)
def _cached_option_html(value: str, label: str, sought_as: str, chosen: bool) -> SafeString:
    """The HTML of one option, cached: each unit is in three lists of a page, and in those of the next page."""
    selected = mark_safe(" selected") if chosen else ""
    found = format_html(' data-find="{}"', sought_as) if sought_as else ""
    return format_html('<option value="{}"{}{}>{}</option>', value, selected, found, label)


def units_by_kind(kinds: Iterable[str], on: date, *, key: str = "pk") -> list[OptionGroup]:
    """Units of these kinds as option groups by kind; `key` is the unit's field that the form sends."""
    rows = Unit.objects.filter(exists_on(on), kind__in=list(kinds)).order_by("kind", "code")
    return [
        (
            Unit.Kind(kind).label,
            [(str(getattr(unit, key)), SearchableLabel.of(unit.name, unit.code)) for unit in group],
        )
        for kind, group in groupby(rows, lambda unit: unit.kind)
    ]


def own_units(actor: Actor, on: date) -> list[SelectOption]:
    """The units for which the post acts, as options."""
    rows = Unit.objects.filter(exists_on(on), pk__in=actor.unit_ids).order_by("kind", "code")
    return [(str(unit.pk), SearchableLabel.of(unit.name, unit.code)) for unit in rows]


def child_units(of: int | None, on: date) -> list[SelectOption]:
    """The units directly below a unit, as options."""
    rows = Unit.objects.filter(exists_on(on), parent=of).order_by("kind", "code")
    return [(str(unit.pk), SearchableLabel.of(unit.name, unit.code)) for unit in rows]


def streets(on: date) -> list[SelectOption]:
    """The streets as options, in the order of their codes."""
    rows = Place.objects.filter(exists_on(on), level=Place.Level.STREET).order_by("code")
    return [(place.code, place.name) for place in rows]


def places(on: date) -> list[OptionGroup]:
    """Streets with their communities as option groups; the form sends the place's id."""
    levels = [Place.Level.STREET, Place.Level.COMMUNITY]
    rows = Place.objects.filter(exists_on(on), level__in=levels).order_by("code")
    named = {row.pk: row for row in rows if row.level == Place.Level.STREET}
    inside = {
        pk: [
            (str(pk), SearchableLabel.of(_("%s（不确定社区）") % street.name, street.code)),
            *_communities_of(rows, pk),
        ]
        for pk, street in named.items()
    }
    return [(named[pk].name, options) for pk, options in inside.items()]


def _communities_of(rows: Iterable[Place], street_id: int) -> list[SelectOption]:
    return [
        (str(row.pk), SearchableLabel.of(row.name, row.code)) for row in rows if row.parent_id == street_id
    ]


def categories(on: date, *, level: int = 3, key: str = "pk") -> list[OptionGroup]:
    """The categories of a level that are valid on the day, as option groups by first level."""
    rows = Category.objects.filter(holds_on(on), level=level).order_by("code")
    split = ((row.path.split(" / "), str(getattr(row, key)), row.code) for row in rows)
    return [
        (top, [(value, SearchableLabel.of(" / ".join(path[1:]), code)) for path, value, code in group])
        for top, group in groupby(split, lambda entry: entry[0][0])
    ]
