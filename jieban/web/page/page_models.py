"""What a case's page shows beside the case itself; made by views from queries, read by templates."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.forms import Form

Progress = Literal["done", "now", "open"]


@dataclass(frozen=True, slots=True)
class StageItem:
    """A station in a case's course: when it was reached, or until when it must be."""

    label: str
    state: Progress
    at: datetime | None = None
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled line of the record. `note` says how it is known."""

    label: str
    value: str
    note: str = ""
    wide: bool = False


@dataclass(frozen=True, slots=True)
class RequiredCheck:
    """Something that must be there before the unit may report: a visit, a reply, a photograph."""

    label: str
    state: Progress
    note: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """An event of the course in words."""

    at: datetime
    who: str
    what: str
    note: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class RequesterCard:
    """Who asked: masked, or shown after a reason was recorded. Without `reveal_url` this post may not see."""

    name: str
    phone: str
    address: str = ""
    shown: bool = False
    reveal_url: str = ""


@dataclass(frozen=True, slots=True)
class OfferedAction:
    """An action that this person may take now. One at most is the main one; the others' forms come when asked."""

    name: str
    label: str
    button: str
    url: str
    form: Form | None
    main: bool = False
    note: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """A filter that is used often, as a link."""

    label: str
    url: str
    tone: str = "grey"
    shape: str = "bar"
    here: bool = False
