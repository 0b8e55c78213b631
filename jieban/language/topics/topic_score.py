"""Heat score of a topic: one formula over messages, persons, days and supporters."""

from dataclasses import dataclass
from math import log

MESSAGES, PERSONS, DAYS, SUPPORTERS = 0.35, 0.30, 0.15, 0.20  # weights; they add up to 1


@dataclass(frozen=True, slots=True)
class Heat:
    """Inputs of the heat score.

    messages: how many. persons: different ones who wrote (reach). days: different calendar days on which
    somebody wrote (persistence). supporters: those who agree less those who do not, never below 0.
    """

    messages: int
    persons: int
    days: int
    supporters: int

    @property
    def value(self) -> float:
        """The heat, from about 7 (one message) upwards, with one decimal.

        10 x (0.35 ln(1+messages) + 0.30 ln(1+persons) + 0.15 ln(1+days) + 0.20 ln(1+supporters)). Logarithms:
        ten times as many count as one step more, so that one message with a thousand clicks of agreement
        does not outweigh fifty people who wrote. Example: 50 messages of 45 persons on 30 days with 20
        supporters give 10 x (0.35 x 3.93 + 0.30 x 3.83 + 0.15 x 3.43 + 0.20 x 3.04) = 36.5.
        """
        parts = (
            (MESSAGES, self.messages),
            (PERSONS, self.persons),
            (DAYS, self.days),
            (SUPPORTERS, self.supporters),
        )
        return round(10 * sum(weight * log(1 + max(count, 0)) for weight, count in parts), 1)
