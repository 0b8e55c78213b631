"""Domain errors, each with a sentence that tells the user what to do.

Pages and the API turn these into responses in one place each; nothing else catches them.
"""

from collections.abc import Mapping


class Refused(Exception):
    """Base of the domain errors: the rules refuse an action. `code` is for programs, the message for people."""

    status = 400
    code = "refused"

    def __init__(self, message: str, *, code: str = "", fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.fields = dict(fields or {})


class WrongState(Refused):
    """Conflict: the case is not, or no longer, in a state that allows this action."""

    status = 409
    code = "wrong_state"


class NotAllowed(Refused):
    """Forbidden: this post may not do this."""

    status = 403
    code = "not_allowed"


class NotFound(Refused):
    """Not found, or this post may not know of it."""

    status = 404
    code = "not_found"


class Invalid(Refused):
    """Invalid input: something is missing or wrong; `fields` has a message for each field."""

    status = 422
    code = "missing"


class TooManyAttempts(Refused):
    """Rate limit exceeded."""

    status = 429
    code = "too_many"
