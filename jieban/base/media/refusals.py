"""Why a file is not kept. Codes for the child process; `accepting.py` has the sentences."""

from enum import StrEnum


class UnfitReason(StrEnum):
    """Each with a sentence of its own that says what to do."""

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
    """The file is not kept."""

    def __init__(self, why: UnfitReason) -> None:
        super().__init__(why.value)
        self.why = why
