"""Lazy facts about a case and an actor, from which ties and guards decide; each is one query, at its first use."""

from collections.abc import Sequence
from functools import cached_property

from jieban.base.sql.row_writes import fetch
from jieban.cases.flow.action import Action
from jieban.cases.flow.enums import SHARE_RELATIONS, Relation
from jieban.cases.models import (
    Assignment,
    Case,
    CaseEvent,
    Dispute,
    Involvement,
    Publication,
    Request,
    WhistleCall,
)
from jieban.registry.identity.posts import Actor

WORK_ACTIONS = (
    Action.SIGN,
    Action.RECORD_VISIT,
    Action.REPORT_RESULT,
    Action.CO_REPORT,
    Action.HAND_DOWN,
    Action.ARRIVE,
)


class AccessFacts:
    """Facts of a case and of an actor's part in it. A page that has read the rows already sets them here."""

    def __init__(self, case: Case, actor: Actor) -> None:
        self.case = case
        self.actor = actor

    @cached_property
    def assignments(self) -> list[Assignment]:
        """Assignments in force."""
        return fetch(Assignment, "WHERE case_id = %s AND ended_at IS NULL ORDER BY id", [self.case.pk])

    @cached_property
    def pending_request(self) -> Request | None:
        """A unit's open request for more time or for the account."""
        return Request.objects.filter(case=self.case, decided_at=None).first()

    @cached_property
    def open_dispute(self) -> Dispute | None:
        return Dispute.objects.filter(case=self.case, settled_at=None).first()

    @cached_property
    def publication(self) -> Publication | None:
        """The public version of the case, also a withdrawn one."""
        return Publication.objects.filter(case=self.case).first()

    @cached_property
    def whistle_calls(self) -> list[WhistleCall]:
        """Whistle calls to the actor's units, the oldest first."""
        return list(WhistleCall.objects.filter(case=self.case, unit__in=self.actor.unit_ids).order_by("id"))

    @cached_property
    def is_on_path(self) -> bool:
        """Whether a unit of the actor has, or once had, a part in the case."""
        return bool(self.mine(*Relation)) or (
            Involvement.objects.filter(case=self.case, unit__in=self.actor.unit_ids).exists()
        )

    @cached_property
    def was_taken_by_actor(self) -> bool:
        """Whether this person received the case."""
        return (
            self.actor.person_id is not None
            and CaseEvent.objects.filter(
                case=self.case, action=Action.RECEIVE, person=self.actor.person_id
            ).exists()
        )

    @cached_property
    def has_worked(self) -> bool:
        """Whether this person or one of their units handled the case; for a merged case, also its primary."""
        cases = [pk for pk in (self.case.pk, self.case.primary_id) if pk]
        if self.mine(*Relation):
            return True
        events = CaseEvent.objects.filter(case__in=cases, action__in=WORK_ACTIONS)
        if self.actor.person_id is not None and events.filter(person=self.actor.person_id).exists():
            return True
        units = self.actor.unit_ids
        return bool(units) and Assignment.objects.filter(case__in=cases, unit__in=units).exists()

    def assigned(self, *relations: Relation) -> list[Assignment]:
        return [a for a in self.assignments if a.relation in relations]

    def mine(self, *relations: Relation) -> list[Assignment]:
        """Assignments of these relations that the actor's units have."""
        return [a for a in self.assigned(*relations) if a.unit_id in self.actor.unit_ids]

    def open_shares(self) -> Sequence[Assignment]:
        """Shares of the actor's units that are not reported to the lead yet."""
        return [a for a in self.mine(*SHARE_RELATIONS) if a.reported_at is None]

    def is_public(self) -> bool:
        """Whether the case is public now."""
        return self.publication is not None and self.publication.ended_at is None
