"""Reasons for refusing a file: codes for the child process; `accepting.py` has the sentences."""

from enum import StrEnum


class UnfitReason(StrEnum):
    """Reason of a refusal; each has a sentence that says what to do."""

    EMPTY = "empty"
    TOO_BIG = "too_big"
    UNKNOWN = "unknown"
    PROGRAM = "program"
    WEB = "web"
    ARCHIVE = "archive"
    OLD_OFFICE = "old_office"
    HEIC = "heic"
    DAMAGED = "damaged"
    PIXELS = "pixels"
    RATIO = "ratio"
    ENCRYPTED = "encrypted"
    MACROS = "macros"
    EMBEDDED = "embedded"
    EXTERNAL = "external"
    INFLATED = "inflated"
    PAGES = "pages"
    UNSAFE = "unsafe"


class UnfitFile(Exception):
    """Error: the file is refused."""

    def __init__(self, why: UnfitReason) -> None:
        super().__init__(why.value)
        self.why = why
