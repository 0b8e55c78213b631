"""Case numbers: prefix, day, the day's running number, check digit. SJ20261123-00417-6."""

from datetime import date

NUMBER_PREFIX = "SJ"


def number_of(day: date, running: int) -> str:
    """Formats the number of the day's n-th case. Numbers of a day are unique and ascending; some may be left out."""
    digits = f"{day:%Y%m%d}{running:05d}"
    return f"{NUMBER_PREFIX}{day:%Y%m%d}-{running:05d}-{check_digit(digits)}"


def check_digit(digits: str) -> int:
    """Check digit that detects every single wrong digit and nearly every swap. Source: ISO 7064 MOD 11,10."""
    product = 10
    for digit in digits:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10


def is_number(text: str) -> bool:
    """Whether the text has the form and check digit of a case number."""
    parts = text.removeprefix(NUMBER_PREFIX).split("-")
    if (
        not text.startswith(NUMBER_PREFIX)
        or len(parts) != 3
        or not all(p.isascii() and p.isdigit() for p in parts)
    ):
        return False
    return len(parts[0]) == 8 and len(parts[1]) >= 5 and parts[2] == str(check_digit(parts[0] + parts[1]))
