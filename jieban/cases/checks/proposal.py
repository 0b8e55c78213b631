"""What a proposal for a field of a case is, and what read it."""

import hashlib
from dataclasses import dataclass
from functools import cache

from django.conf import settings

FIELDS = ("place", "category", "nature", "urgency", "sensitive", "grade", "is_property")
CHECKED = "on"  # the value of what is only ticked
# Where several options stand beside each other for a person to choose, while the first is unsure.
CHOSEN_AMONG = ("place", "category", "nature")


@dataclass(frozen=True, slots=True)
class ProposedValue:
    """A value that a field may have, how it reads, and what in the text led there.

    `share`: of the cases in which the same was read, how many have it; None where that is not known.
    """

    value: str
    label: str
    ground: str
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the text says of one field: its options, the likeliest first; `sure` when the first may stand alone.

    `words` are the pieces of the text that led there, `confidence` is not known of places, `version` tells what read
    the text. Of what is read by words alone `way` is how it was read, `calibration` what the confidence comes from,
    and `is_prior` whether that is only what is expected.
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
        """The options between which a person must choose; the first alone where it stands for itself."""
        return self.options if self.field in CHOSEN_AMONG and not self.sure else self.options[:1]


@cache
def wordlist_version() -> str:
    """Names what the lists of words and places say; proposals of one version come of the same lists."""
    folders = (settings.BASE_DIR / "data" / folder for folder in ("lexicon", "places"))
    files = [path for folder in folders for path in sorted(folder.glob("*.csv"))]
    digest = hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in files))
    return f"words-{digest.hexdigest()[:8]}"
