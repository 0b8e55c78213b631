"""Access levels and rights that make up the profile of a role. Pure; no database.

The codes are values of enumerations in other packages: kinds and channels of a case, queues, kinds of units.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

CaseKindCode = Literal["appeal", "enterprise", "patrol"]
ChannelCode = Literal["", "phone", "web", "patrol"]
UnitKindCode = Literal[
    "leadership", "hotline", "department", "street", "street_centre", "community", "property", "owners", "partner",
]  # fmt: skip
QueueCode = Literal[
    "dispatch", "disputes", "sign", "handle", "shares", "whistles", "requests", "overdue", "review", "close",
]  # fmt: skip


class Party(StrEnum):
    """Side on which a role acts."""

    REQUESTER = "requester"  # acts for itself, without a post
    HANDLER = "handler"  # handles cases for its unit
    COMPANY = "company"  # does a share of the work for its unit, outside of public offices
    OFFICE = "office"  # works for the district; no unit ties it to a case
    PLATFORM = "platform"  # timers and rules; never a person


class Sight(StrEnum):
    """Scope of the cases that a role sees."""

    ALL = "all"
    ALL_BUT_SENSITIVE = "all_but_sensitive"
    OWN = "own"  # the person's own requests
    OF_ITS_UNITS = "of_its_units"  # sensitive ones too
    OF_ITS_UNITS_AND_STREET = "of_its_units_and_street"  # of the street all but the sensitive ones
    REPORTED_TO_VISIT_BACK = "reported_to_visit_back"  # sensitive ones too
    # Own findings, and reported patrol cases of the street; not sensitive ones.
    FOUND_OR_TO_CHECK = "found_or_to_check"
    NONE = "none"


class TextAccess(StrEnum):
    """Access to the texts of the cases that a role sees."""

    IN_FULL = "in_full"
    # Names and numbers masked in lists; on the case's page by `ContactAccess`.
    MASKED_IN_LISTS = "masked_in_lists"
    NONE = "none"


class EventAccess(StrEnum):
    """Access to the events of the cases that a role sees."""

    ALL = "all"  # with internal data: the facts of events, the parent of a split case
    FOR_REQUESTER = "for_requester"
    NONE = "none"


class EventTextAccess(StrEnum):
    """Access to the texts of the events that a role sees."""

    ALL = "all"
    FOR_REQUESTER = "for_requester"
    FOR_COMPANY = "for_company"
    NONE = "none"


class ContactAccess(StrEnum):
    """Access to contact data; after giving a reason, and logged."""

    OWN = "own"  # the person's own contact data
    ON_DEMAND = "on_demand"
    WHILE_HANDLING = "while_handling"  # unless the requester wants to stay unknown
    WHERE_SHARED = "where_shared"  # the requester agreed
    NEVER = "never"


class Density(StrEnum):
    """Layout of pages: dense for desks, large type for occasional users. The value is the name of the style."""

    DENSE = "dense"
    NORMAL = ""
    LARGE_TYPE = "large"


class Right(StrEnum):
    """Further rights of a role; a right that its profile does not name is not granted."""

    CASES = "cases"  # opens the pages of cases; `Sight` decides which cases
    INBOX = "inbox"
    SAVED_VIEWS = "saved_views"
    MAP = "map"
    KNOWLEDGE = "knowledge"
    EDIT_KNOWLEDGE = "edit_knowledge"
    EDIT_KNOWLEDGE_OF_UNIT = "edit_knowledge_of_unit"
    ROSTER = "roster"
    EDIT_ROSTERS = "edit_rosters"
    EDIT_ROSTER_OF_HOTLINE = "edit_roster_of_hotline"
    EDIT_ROSTER_OF_UNIT = "edit_roster_of_unit"
    TAKE_CALLS = "take_calls"
    FIND_BY_PHONE = "find_by_phone"  # a caller's cases, wherever they are
    # Name and number with stars on the page of a case, without a reason.
    MASKED_CONTACT = "masked_contact"
    RESULT_CHECKS = "result_checks"  # what a case still lacks before its result can be reported
    HOT_TOPICS = "hot_topics"
    EDIT_HOT_TOPICS = "edit_hot_topics"
    SUGGESTION_QUALITY = "suggestion_quality"
    TEXT_MESSAGES = "text_messages"  # resolves text messages in doubt
    REVIEW_ALERTS = "review_alerts"  # reviews alerts about frequent views of contact data


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleProfile:
    """Profile of a role: all its general rights. No field has a default, so each role states all of them.

    The actions of a role on a case are in the table of transitions.
    """

    party: Party
    unit_kinds: tuple[UnitKindCode, ...]  # kinds of units that may have a post of the role
    second_factor: bool  # whether the role requires a second factor
    brings_in: tuple[CaseKindCode, ...]
    channel: ChannelCode  # channel of what it submits on a page; empty if nothing
    sight: Sight
    text: TextAccess
    events: EventAccess
    event_text: EventTextAccess
    contact: ContactAccess
    sees_people: bool  # sees which person acted, not only the unit
    queues: tuple[QueueCode, ...]  # queues of its desk
    home: str  # URL name of its home page
    menu: tuple[str, ...]  # URL names of its navigation entries, in their order
    density: Density
    rights: frozenset[Right]
