"""What can go wrong in the office's work, each with a sentence that says what to do.

Web pages and the API turn these into answers in one place each; nothing else catches them.
"""

from collections.abc import Mapping


class Refused(Exception):
    """An act that the rules do not allow. `code` is for programs, the message for people."""

    status = 400
    code = "refused"

    def __init__(self, message: str, *, code: str = "", fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.fields = dict(fields or {})


class WrongState(Refused):
    """The case is not, or no longer, in a state from which this act is possible."""

    status = 409
    code = "wrong_state"


class NotAllowed(Refused):
    """This post may not do this."""

    status = 403
    code = "not_allowed"


class NotFound(Refused):
    """There is no such thing, or this post may not know of it."""

    status = 404
    code = "not_found"


class Invalid(Refused):
    """Something is missing or does not fit; `fields` says what, field by field."""

    status = 422
    code = "missing"


class TooManyAttempts(Refused):
    """Too many tries in a short time."""

    status = 429
    code = "too_many"
