"""Ledger declaration of cases: which tables belong to it, and which columns its events cover."""

from django.utils.translation import gettext_lazy

from jieban.cases.history.case_texts import verify_case_texts
from jieban.cases.models import (
    Assignment,
    Attachment,
    Case,
    CaseEvent,
    Dispute,
    EventText,
    Order,
    Publication,
    Request,
    Visit,
    VisitBack,
    Whistle,
    WhistleCall,
)
from jieban.registry.ledger.declaration import Ledger

CASES = Ledger(
    name="case",
    title=gettext_lazy("案件"),
    entity=Case,
    event=CaseEvent,
    text=EventText,
    rows=(
        Assignment, Dispute, Visit, VisitBack, Request, Order, Whistle, WhistleCall, Attachment, Publication,
    ),
    derived=frozenset({"next_check_at"}),
    later={VisitBack: frozenset({"recording"})},
    checks=(verify_case_texts,),
)  # fmt: skip
