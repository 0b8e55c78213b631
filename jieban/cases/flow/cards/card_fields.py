"""The fields that an action asks for, in neutral terms: pages make forms of them, the API makes bodies. Pure."""

from dataclasses import KW_ONLY, dataclass
from enum import Enum

from django.utils.functional import Promise

from jieban.base.labelled import LabelledEnum

Label = str | Promise


@dataclass(frozen=True)
class CardField:
    """One field: its name in forms and bodies, and what the action's function calls it where that differs."""

    name: str
    label: Label = ""
    _: KW_ONLY
    required: bool = True
    help: Label = ""
    argument: str = ""
    on_page: bool = True
    in_api: bool = True
    from_case: bool = False  # on the page it begins as what the case has

    @property
    def arguments(self) -> tuple[str, ...]:
        """The parameters of the action's function that this field fills."""
        return (self.argument or self.name,)


@dataclass(frozen=True)
class Text(CardField):
    """Some sentences."""

    _: KW_ONLY
    rows: int = 3


@dataclass(frozen=True)
class Line(CardField):
    """A line of text. `longest_sent`: what a program may send where the action itself says what is too long."""

    _: KW_ONLY
    longest: int = 200
    longest_sent: int = 0


@dataclass(frozen=True)
class Code(CardField):
    """A number or code of another system."""


@dataclass(frozen=True, kw_only=True)
class _OneOf(CardField):
    of: type[LabelledEnum]


@dataclass(frozen=True, kw_only=True)
class Choice(_OneOf):
    """One of a few. On the page all are in sight, or they stand in a list."""

    as_list: bool = False
    initial: str = ""


@dataclass(frozen=True, kw_only=True)
class Choices(_OneOf):
    """Some of a few."""


@dataclass(frozen=True)
class GradeChoice(CardField):
    """How difficult a case is (难易)."""


@dataclass(frozen=True)
class YesNo(CardField):
    """What is or is not so; left out it stays as it is."""


@dataclass(frozen=True)
class Tick(CardField):
    """What is so when it is ticked."""


@dataclass(frozen=True, kw_only=True)
class Answer(CardField):
    """Yes or no, which must be answered; `yes` and `no` are the words for it on the page."""

    yes: Label = ""
    no: Label = ""


class UnitGroup(Enum):
    """Which units a list offers."""

    MAY_LEAD = "may lead a case"
    MAY_BE_CALLED = "may be called to the spot"
    COMPANIES = "property companies"
    CHILDREN = "below the case's lead"


@dataclass(frozen=True)
class _Reference(CardField):
    @property
    def arguments(self) -> tuple[str, ...]:
        return (self.argument or f"{self.name}_id",)


@dataclass(frozen=True, kw_only=True)
class UnitRef(_Reference):
    """A unit: on the page by its id, in the API by its code."""

    group: UnitGroup


@dataclass(frozen=True, kw_only=True)
class UnitRefs(CardField):
    """Several units."""

    group: UnitGroup

    @property
    def arguments(self) -> tuple[str, ...]:
        return (self.argument or f"{self.name.removesuffix('s')}_ids",)


@dataclass(frozen=True)
class CategoryRef(_Reference):
    """A category of the third level."""


@dataclass(frozen=True)
class PlaceRef(_Reference):
    """A street or community."""


@dataclass(frozen=True)
class CaseRef(_Reference):
    """Another case, by its number."""


@dataclass(frozen=True)
class DateTime(CardField):
    """A time on the wall in China."""


@dataclass(frozen=True)
class Day(CardField):
    """A day."""


@dataclass(frozen=True)
class Matters(CardField):
    """The matters of a message that has several."""


@dataclass(frozen=True)
class ArticleRef(CardField):
    """An article of the knowledge base and its version, 12/3; the page fills it in."""


@dataclass(frozen=True)
class Mark(CardField):
    """What the page notes about how the text was made: "yes", or nothing."""


@dataclass(frozen=True)
class Photo(CardField):
    """One photograph."""

    @property
    def arguments(self) -> tuple[str, ...]:
        return ("content", "name")


@dataclass(frozen=True)
class Files(CardField):
    """Photographs and papers; a program sends one at a time."""


@dataclass(frozen=True)
class Papers(CardField):
    """Photographs and papers that are attached together with the action; its function knows nothing of them."""

    @property
    def arguments(self) -> tuple[str, ...]:
        return ()
