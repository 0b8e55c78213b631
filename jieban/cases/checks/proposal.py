"""Proposals for the fields of a case, and the version of the word lists behind them."""

import hashlib
from dataclasses import dataclass
from functools import cache

from django.conf import settings

FIELDS = ("place", "category", "nature", "urgency", "sensitive", "grade", "is_property")
CHECKED = "on"  # the value of a checkbox
# Fields with several options to choose from, if the first is unsure.
CHOSEN_AMONG = ("place", "category", "nature")


@dataclass(frozen=True, slots=True)
class ProposedValue:
    """Proposed value of a field, with its label and the piece of the text that led to it.

    `share`: the share of cases with the same reading that have this value; None if unknown.
    """

    value: str
    label: str
    ground: str
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """Proposal for one field: its options, the likeliest first; `sure` when the first needs no choice.

    `words` are the pieces of the text that led to it; `confidence` is None for places; `version` names the model. For a
    reading by key words `way` tells how it was read, `calibration` where the confidence comes from, and `is_prior`
    whether that is only a prior expectation.
    """

    field: str
    options: tuple[ProposedValue, ...]
    version: str
    sure: bool = True
    words: tuple[str, ...] = ()
    confidence: float | None = None
    way: str = ""
    calibration: str = ""
    is_prior: bool = False

    @property
    def first(self) -> ProposedValue:
        return self.options[0]

    @property
    def among(self) -> tuple[ProposedValue, ...]:
        """Options between which a person must choose; only the first if it is sure."""
        return self.options if self.field in CHOSEN_AMONG and not self.sure else self.options[:1]


@cache
def wordlist_version() -> str:
    """Hash of the lists of words and places; proposals of one version come from the same lists."""
    folders = (settings.BASE_DIR / "data" / folder for folder in ("lexicon", "places"))
    files = [path for folder in folders for path in sorted(folder.glob("*.csv"))]
    digest = hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in files))
    return f"words-{digest.hexdigest()[:8]}"
