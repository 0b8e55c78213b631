"""Declaration of an action: its fields, its place on the page, its sentence in the timeline, its readers. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from jieban.base.labelled import LabelledEnum
from jieban.cases.flow.action import Action
from jieban.cases.flow.cards.card_fields import CardField, Label, Papers
from jieban.cases.flow.states import State

EVERY_STATE: Final = frozenset(State)


@dataclass(frozen=True, slots=True)
class EventFacts:
    """Facts of an event as a timeline sentence may use them, with lookups of their labels."""

    facts: Mapping[str, Any]
    unit_names: Mapping[str, str]
    channel: str
    due_words: Callable[[datetime], str]

    def unit(self, name: str) -> str:
        """Name of the unit whose code the fact holds."""
        return self.unit_names.get(self.facts.get(name, ""), "")

    def units(self, name: str) -> str:
        return "、".join(self.unit_names.get(code, code) for code in self.facts.get(name) or ())

    def label(self, name: str, of: type[LabelledEnum]) -> str:
        """Label of the fact's value; empty when the fact is missing or unknown."""
        return choice_label(of, self.facts.get(name))

    def due(self, name: str) -> str:
        """The fact's time in the format of a limit."""
        return self.due_words(datetime.fromisoformat(self.facts[name]))


def choice_label(of: type[LabelledEnum], value: Any) -> str:
    return str(of(value).label) if value in of.values else ""


@dataclass(frozen=True, slots=True)
class OnPage:
    """How the page of a case offers the action; sorted by `order`, which counts in tens."""

    order: int
    button: Label
    note: Label = ""
    key: str = ""  # keyboard shortcut; the same on every page
    main_in: frozenset[State] = frozenset()  # states in which its form is open from the start
    in_bulk: bool = False  # may be done to several cases at once


Sentence = Callable[[EventFacts], Label]


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionCard:
    """Everything declared about one action, besides its function and its rows in the table of transitions.

    `requester_sees`: the requester finds the action in their own case; `requester_reads`: also its text. `notifies`
    names the messages that its function may send. Without `page` it has a page of its own, or none.
    """

    action: Action
    fields: tuple[CardField, ...] = ()
    page: OnPage | None = None
    sentence: Sentence | None = None  # without one, the timeline shows the action's label
    requester_sees: bool = False
    requester_reads: bool = False
    company_reads: bool = False
    notifies: tuple[str, ...] = ()
    function: str = ""  # where its name differs from the action's

    @property
    def function_name(self) -> str:
        return self.function or self.action.value

    @property
    def page_fields(self) -> tuple[CardField, ...]:
        return tuple(field for field in self.fields if field.on_page)

    @property
    def api_fields(self) -> tuple[CardField, ...]:
        return tuple(field for field in self.fields if field.in_api)

    @property
    def takes_papers(self) -> bool:
        """Whether photographs and papers may be sent together with the action."""
        return any(isinstance(field, Papers) for field in self.fields)

    def timeline_sentence(self, event: EventFacts) -> str:
        """Sentence of the timeline about one event."""
        return str(self.sentence(event) if self.sentence else self.action.label)
