"""Masking of names, telephone and identity numbers, as people without access see them. Pure functions.

The patterns of numbers to be masked are defined only here; persons and number plates in running text are found by
`jieban/language/text/personal_data.py`, which builds on it.
"""

import re
import unicodedata

# A Beijing landline's first digit is 2 to 9; what else begins with 01 and has 12 digits is a mobile dialled
# with the long-distance 0 in front.
_MOBILE_WITH_ZERO = re.compile(r"01(?!0[2-9])[0-9]{10}")
_MOBILE = re.compile(r"1[0-9]{10}")
_SERVICE = re.compile(r"[48]00[0-9]{7}")
_AREA_WITHOUT_ZERO = re.compile(r"(?:10|2[0-9])[0-9]{8}|[3-9][0-9]{9,10}")


def normalize_phone(text: str) -> str:
    """Normal form of a telephone number, for comparison and the blind index; empty without digits.

    Full-width digits, spaces, hyphens and brackets go, and so does China's +86, 0086 or 86. Landlines keep
    their area code with its 0 (01012345678), foreign numbers begin with 00 and their country.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    digits = re.sub(r"[^0-9]", "", plain)
    if digits and plain.lstrip("( ").startswith("+"):
        digits = "00" + digits
    if digits.startswith("0086"):
        digits = _with_area_zero(digits[4:])
    elif digits.startswith("86") and len(digits) >= 12:  # shorter: a local number that happens to begin so
        digits = _with_area_zero(digits[2:])
    return digits[1:] if _MOBILE_WITH_ZERO.fullmatch(digits) else digits


def _with_area_zero(digits: str) -> str:
    """Adds the 0 that an area code lacks after the country's prefix: +86 10 1234 5678."""
    if _MOBILE.fullmatch(digits) or _SERVICE.fullmatch(digits):
        return digits
    return "0" + digits if _AREA_WITHOUT_ZERO.fullmatch(digits) else digits


def mask_name(name: str) -> str:
    """Masks a name: 张**. The first character and at most two stars, so that a long name does not show its length."""
    name = name.strip()
    if len(name) < 2:
        return "*" * len(name)
    return name[0] + "*" * min(len(name) - 1, 2)


def mask_phone(phone: str) -> str:
    """Masks a telephone number: 100****5678; less of short numbers, and nothing of what is no number."""
    number = normalize_phone(phone)
    if len(number) >= 11:
        return f"{number[:3]}****{number[-4:]}"
    if len(number) >= 7:
        return f"{number[:2]}****{number[-2:]}"
    return "****" if phone.strip() else ""


PERSONAL_NUMBER = re.compile(
    r"(?<![0-9０-９A-Za-z])(?:\+?86[ -]?)?("
    r"[1１]\d{2}[ -]?\d{4}[ -]?\d{4}"  # mobile
    r"|[0０]\d{2,3}[ -]?\d{7,8}"  # landline with its area code
    r"|[68６８]\d{7}"  # Beijing without it; a date as eight digits begins with 1 or 2
    r"|\d{6}[ -]?\d{8}[ -]?\d{3}[\dXx]"  # identity number
    r"|\d{15,19}"  # older identity numbers, bank cards
    r")(?![0-9０-９A-Za-z])"
)


def mask_numbers(text: str) -> str:
    """Masks telephone, identity and card numbers in a text: 100****78. Dates and case numbers stay."""
    return PERSONAL_NUMBER.sub(lambda found: f"{found[1][:3]}****{found[1][-2:]}", text)
