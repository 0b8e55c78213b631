"""Page models of a case's page: views build them from queries, templates read them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.forms import Form

Progress = Literal["done", "now", "open"]


@dataclass(frozen=True, slots=True)
class StageItem:
    """A stage of a case: when it was reached, or the time limit for reaching it."""

    label: str
    state: Progress
    at: datetime | None = None
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled line of the case's facts. `note` says how it is known."""

    label: str
    value: str
    note: str = ""
    wide: bool = False


@dataclass(frozen=True, slots=True)
class RequiredCheck:
    """A condition of reporting a result: a visit, a reply or a photograph."""

    label: str
    state: Progress
    note: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """An event of the timeline in words."""

    at: datetime
    who: str
    what: str
    note: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class RequesterCard:
    """The requester: masked, or in full once a reason was recorded. Without `reveal_url` this post may not see more."""

    name: str
    phone: str
    address: str = ""
    shown: bool = False
    reveal_url: str = ""


@dataclass(frozen=True, slots=True)
class OfferedAction:
    """An action offered to this person now. At most one is the main action; the forms of the others load on demand."""

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
    """A link to a filter that is used often."""

    label: str
    url: str
    tone: str = "grey"
    shape: str = "bar"
    here: bool = False
