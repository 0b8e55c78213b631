"""Fields of action cards, independent of their form: pages build form fields from them, the API its bodies. Pure."""

from dataclasses import KW_ONLY, dataclass
from enum import Enum

from django.utils.functional import Promise

from jieban.base.labelled import LabelledEnum

Label = str | Promise


@dataclass(frozen=True)
class CardField:
    """Field of an action: its name in forms and bodies, and the parameter of the action's function if it differs."""

    name: str
    label: Label = ""
    _: KW_ONLY
    required: bool = True
    help: Label = ""
    argument: str = ""
    on_page: bool = True
    in_api: bool = True
    from_case: bool = False  # on the page its initial value is that of the case

    @property
    def arguments(self) -> tuple[str, ...]:
        """Parameters of the action's function that this field fills."""
        return (self.argument or self.name,)


@dataclass(frozen=True)
class Text(CardField):
    """Text of several lines."""

    _: KW_ONLY
    rows: int = 3


@dataclass(frozen=True)
class Line(CardField):
    """Text of one line. `longest_sent`: a higher limit for programs, where the action itself refuses long texts."""

    _: KW_ONLY
    longest: int = 200
    longest_sent: int = 0


@dataclass(frozen=True)
class Code(CardField):
    """Number or code of another system."""


@dataclass(frozen=True, kw_only=True)
class _OneOf(CardField):
    of: type[LabelledEnum]


@dataclass(frozen=True, kw_only=True)
class Choice(_OneOf):
    """Choice of one value; radio buttons on the page, or a select (`as_list`)."""

    as_list: bool = False
    initial: str = ""


@dataclass(frozen=True, kw_only=True)
class Choices(_OneOf):
    """Choice of several values."""


@dataclass(frozen=True)
class GradeChoice(CardField):
    """Choice of the grade of difficulty (难易)."""


@dataclass(frozen=True)
class YesNo(CardField):
    """Optional yes or no; left out, the value stays as it is."""


@dataclass(frozen=True)
class Tick(CardField):
    """Checkbox."""


@dataclass(frozen=True, kw_only=True)
class Answer(CardField):
    """Required yes or no; `yes` and `no` are the labels on the page."""

    yes: Label = ""
    no: Label = ""


class UnitGroup(Enum):
    """Groups of units that a list offers."""

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
    """Reference to a unit: by id on the page, by code in the API."""

    group: UnitGroup


@dataclass(frozen=True, kw_only=True)
class UnitRefs(CardField):
    """References to several units."""

    group: UnitGroup

    @property
    def arguments(self) -> tuple[str, ...]:
        return (self.argument or f"{self.name.removesuffix('s')}_ids",)


@dataclass(frozen=True)
class CategoryRef(_Reference):
    """Reference to a category of the third level."""


@dataclass(frozen=True)
class PlaceRef(_Reference):
    """Reference to a street or community."""


@dataclass(frozen=True)
class CaseRef(_Reference):
    """Reference to another case, by its number."""


@dataclass(frozen=True)
class DateTime(CardField):
    """Date and time, in Beijing time."""


@dataclass(frozen=True)
class Day(CardField):
    """Date."""


@dataclass(frozen=True)
class Matters(CardField):
    """Several matters of one message."""


@dataclass(frozen=True)
class ArticleRef(CardField):
    """Reference to a version of a knowledge article, as in 12/3; the page fills it in."""


@dataclass(frozen=True)
class Mark(CardField):
    """Hidden flag about how the text was written: "yes", or empty."""


@dataclass(frozen=True)
class Photo(CardField):
    """Upload of one photograph."""

    @property
    def arguments(self) -> tuple[str, ...]:
        return ("content", "name")


@dataclass(frozen=True)
class Files(CardField):
    """Upload of photographs and papers; the API takes one at a time."""


@dataclass(frozen=True)
class Papers(CardField):
    """Upload of photographs and papers attached together with the action; its function does not get them."""

    @property
    def arguments(self) -> tuple[str, ...]:
        return ()
