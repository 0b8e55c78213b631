"""Sealed texts of cases as received: their columns, and their verification against the first event."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from jieban.base import vault
from jieban.cases.models import CaseEvent, CaseText
from jieban.registry.ledger.declaration import Fault
from jieban.registry.ledger.verification import CHUNK, in_batches

# The columns of `CaseText` that are sealed.
SEALED_COLUMNS = ("original", "name", "phone", "address")


def unseal_text(blob: bytes | memoryview, purpose: str) -> str:
    """Unseals a column; empty for an empty one."""
    return vault.unseal(blob, purpose) if blob else ""


def verify_case_texts() -> Iterator[Fault]:
    """Verifies the texts of receipt against the commitments in the case's first event."""
    rows = CaseText.objects.order_by("case_id").defer("search").iterator(chunk_size=CHUNK)
    for batch in in_batches(rows):
        firsts = CaseEvent.objects.filter(case__in=[row.case_id for row in batch], seq=1)
        by_case = {event.case_id: event for event in firsts.select_related("case")}
        erased = _erased([row.case_id for row in batch if row.erased_at])
        for row in batch:
            event = by_case.get(row.case_id)
            if event is None:
                continue  # the chain reports it
            fine = (
                row.case_id in erased if row.erased_at else event.facts.get("words") == _commitments_of(row)
            )
            if not fine:
                yield Fault(event.case.number, _("诉求内容或诉求人信息被改动"))


def _erased(case_ids: list[int]) -> set[int]:
    return set(CaseEvent.objects.filter(case__in=case_ids, action="erase").values_list("case_id", flat=True))


def _commitments_of(row: CaseText) -> dict[str, str] | None:
    salt = bytes(row.salt)
    try:
        texts = {name: unseal_text(getattr(row, name), name) for name in SEALED_COLUMNS}
    except vault.Unreadable:
        return None
    texts |= {"text": row.text, "preferred_contact": row.preferred_contact}
    return {name: vault.commitment(salt, name, text) for name, text in texts.items()}
