"""Access levels and rights of which the profile of a role is made up. Pure; no database.

The codes are values of enumerations that stand in other packages: kinds and channels of a case, queues, kinds of unit.
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
    """On whose side a role stands."""

    REQUESTER = "requester"  # acts for itself, in no post
    HANDLER = "handler"  # handles cases for its unit
    COMPANY = "company"  # does a share of the work for its unit, and is no public office
    OFFICE = "office"  # works for the district; no unit ties it to a case
    PLATFORM = "platform"  # timers and rules; no person can be this


class Sight(StrEnum):
    """Of which cases a role knows."""

    ALL = "all"
    ALL_BUT_SENSITIVE = "all_but_sensitive"
    OWN = "own"  # that the person asked for
    OF_ITS_UNITS = "of_its_units"  # sensitive ones too
    OF_ITS_UNITS_AND_STREET = "of_its_units_and_street"  # of the street all but the sensitive ones
    REPORTED_TO_VISIT_BACK = "reported_to_visit_back"  # sensitive ones too
    FOUND_OR_TO_CHECK = (
        "found_or_to_check"  # own findings, and what was reported in the street, not sensitive
    )
    NONE = "none"


class TextAccess(StrEnum):
    """What a role reads of what was said, where it sees the case."""

    IN_FULL = "in_full"
    MASKED_IN_LISTS = (
        "masked_in_lists"  # without names and numbers; on the case's page as `ContactAccess` says
    )
    NONE = "none"


class EventAccess(StrEnum):
    """Of which events of a case a role knows, where it sees the case."""

    ALL = "all"  # and what the office keeps to itself: the facts of an event, from which case one was split
    FOR_REQUESTER = "for_requester"
    NONE = "none"


class EventTextAccess(StrEnum):
    """What a role reads of what was written with an event that it knows of."""

    ALL = "all"
    FOR_REQUESTER = "for_requester"
    FOR_COMPANY = "for_company"
    NONE = "none"


class ContactAccess(StrEnum):
    """When a role may see who asked; after giving a reason, and logged."""

    OWN = "own"  # one's own
    ON_DEMAND = "on_demand"
    WHILE_HANDLING = "while_handling"  # and not where the requester wants to stay unknown
    WHERE_SHARED = "where_shared"  # the requester agreed
    NEVER = "never"


class Density(StrEnum):
    """How pages are set: dense for a desk, large for whoever seldom comes. The value is the style's name."""

    DENSE = "dense"
    NORMAL = ""
    LARGE_TYPE = "large"


class Right(StrEnum):
    """What a role may besides; one that is not named in its profile it does not have."""

    CASES = "cases"  # reaches the pages of cases; of which it knows its sight decides
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
    MASKED_CONTACT = (
        "masked_contact"  # name and number with stars, on the page of a case, without a reason given
    )
    RESULT_CHECKS = "result_checks"  # what a case still lacks before its result can be reported
    HOT_TOPICS = "hot_topics"
    EDIT_HOT_TOPICS = "edit_hot_topics"
    SUGGESTION_QUALITY = "suggestion_quality"
    TEXT_MESSAGES = "text_messages"  # decides about those of which nobody knows whether they went out
    REVIEW_ALERTS = "review_alerts"  # looks into an unusual rate of looks at contact data


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleProfile:
    """All that a role generally may and sees. No field has a default: each role states each.

    Who may do which action to a case stands in the table of transitions, not here.
    """

    party: Party
    unit_kinds: tuple[UnitKindCode, ...]  # in which a post of the role may be
    second_factor: bool  # whether nobody acts in the role by a password alone
    brings_in: tuple[CaseKindCode, ...]
    channel: ChannelCode  # by which comes what it brings in on a page; none where it brings in nothing there
    sight: Sight
    text: TextAccess
    events: EventAccess
    event_text: EventTextAccess
    contact: ContactAccess
    sees_people: bool  # which person acted, not only which unit
    queues: tuple[QueueCode, ...]  # of its desk
    home: str  # where its day begins: the URL name of a page
    menu: tuple[str, ...]  # its navigation entries in their order: URL names
    density: Density
    rights: frozenset[Right]
