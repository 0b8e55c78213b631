"""The action card: what an action asks for, where a page offers it, how the timeline words it, who knows. Pure."""

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
    """What a sentence of the timeline may speak of: the facts of the event, and what they mean in words."""

    facts: Mapping[str, Any]
    unit_names: Mapping[str, str]
    channel: str
    due_words: Callable[[datetime], str]

    def unit(self, name: str) -> str:
        """The name of the unit whose code the fact holds."""
        return self.unit_names.get(self.facts.get(name, ""), "")

    def units(self, name: str) -> str:
        return "、".join(self.unit_names.get(code, code) for code in self.facts.get(name) or ())

    def label(self, name: str, of: type[LabelledEnum]) -> str:
        """The label of the fact's value; empty when the fact is missing or unknown."""
        return choice_label(of, self.facts.get(name))

    def due(self, name: str) -> str:
        """The fact's time as a limit is worded."""
        return self.due_words(datetime.fromisoformat(self.facts[name]))


def choice_label(of: type[LabelledEnum], value: Any) -> str:
    return str(of(value).label) if value in of.values else ""


@dataclass(frozen=True, slots=True)
class OnPage:
    """How the page of a case offers the action. Actions stand in the `order` of their numbers, in tens."""

    order: int
    button: Label
    note: Label = ""
    key: str = ""  # opens it where it is offered; the same on every page
    main_in: frozenset[State] = frozenset()  # states in which it is shown open, as what the person came for
    in_bulk: bool = False  # may be done to several like cases at once


Sentence = Callable[[EventFacts], Label]


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionCard:
    """All that is declared of one action besides its function and its rows in the table of transitions.

    A requester who does not see the action does not find it in the own case; `reads` is about what was written with
    it. `notifies` names the messages that its function may send. Without `page` it has a page of its own, or none.
    """

    action: Action
    fields: tuple[CardField, ...] = ()
    page: OnPage | None = None
    sentence: Sentence | None = None  # without one the timeline has the action's label
    requester_sees: bool = False
    requester_reads: bool = False
    company_reads: bool = False
    notifies: tuple[str, ...] = ()
    function: str = ""  # where its name is not the action's

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
        """Whether photographs and papers may come together with the action."""
        return any(isinstance(field, Papers) for field in self.fields)

    def timeline_sentence(self, event: EventFacts) -> str:
        """What was done, in the words of the timeline."""
        return str(self.sentence(event) if self.sentence else self.action.label)
