"""Sanitizing of text from outside, and a parser for dates and times as people write them."""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from html import unescape
from html.entities import html5

from django.utils.translation import gettext as _

from jieban.base.clock import SHANGHAI

MOST_MARKS = 8  # combining marks on one letter; no script needs more, and long runs make NFC quadratic
MOST_PASSES = 5  # of removing markup; ordinary text needs two, text saved through two editors three
EXCEL_LAST_SERIAL = 2_958_465  # 9999-12-31

# Controls except tab and line breaks; zero-width, bidirectional and other format characters; fillers and
# variation selectors, which can hide text in text; private use; surrogates; noncharacters.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    "\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ud800-\uf8ff"
    "\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd"
    "\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\U000f0000-\U0010ffff]"
)
_BREAKS = re.compile("\r\n?|[\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]+")
_AROUND_BREAKS = re.compile(r" ?\n ?")
_BLANK_LINES = re.compile(r"\n{3,}")

_ENTITY = re.compile(r"&(?:#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};|nbsp)")
_NESTED_AMPERSAND = re.compile(r"&(?:amp;|#0{0,4}38;|#[xX]0{0,4}26;)+")

# Nothing below looks past the next "<", so that a text of nothing but "<" costs no more than its length.
_ATTRIBUTE = (
    r"[A-Za-z_@:][A-Za-z0-9_.:@-]*+\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+'|[^\s\"'<>]++)"
    r"|(?:async|autofocus|autoplay|checked|controls|defer|disabled|hidden|loop|multiple|muted|noshade|nowrap"
    r"|open|readonly|required|reversed|selected)(?![A-Za-z0-9_-])"
)
_TAG = re.compile(
    rf"<(/?)([A-Za-z][A-Za-z0-9:_-]*+)((?:(?:[\s/]++|(?<=[\"']))(?:{_ATTRIBUTE}))*+)[\s/]*+>",
    re.IGNORECASE | re.ASCII,
)
_DECLARATION = re.compile(r"<(?:!DOCTYPE|\?xml|!\[if|!\[endif)[^<>]*+>", re.IGNORECASE)
_HIDDEN_PARTS = [
    (re.compile("<!--"), re.compile("-->")),
    *(
        (re.compile(rf"<{name}(?=[\s/>])[^<>]*+>", re.I), re.compile(rf"</{name}\s*+>", re.I))
        for name in ("script", "style")
    ),
]


def _names(spaced: str) -> frozenset[str]:
    return frozenset(spaced.split())


_LINE_TAGS = _names(
    "address article aside blockquote br center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 "
    "h6 header hr li main nav ol p pre section table tbody tfoot thead tr ul"
)
_SPACE_TAGS = _names("td th option")
_INLINE_TAGS = _names(
    "a abbr acronym applet audio b base bdi bdo big body button canvas caption cite code col colgroup "
    "data del details dfn dialog em embed figcaption font frame frameset head html i iframe img input ins "
    "kbd label legend link map mark marquee math meta meter noframes noscript object optgroup output "
    "param picture progress q rp rt ruby s samp script select small source span strike strong style sub "
    "summary sup svg template textarea time title track tt u var video wbr"
)

_DATETIME_TEXT = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:[\sT]*(\d{1,2})\s*[:时点]\s*(\d{1,2})\s*分?(?:\s*:?\s*(\d{1,2})(?:\.\d{1,9})?\s*秒?)?)?",
    re.ASCII,
)


def clean(text: str) -> str:
    """Cleans a text: no markup, no invisible characters, normalized line breaks and spaces, NFC.

    Escaped markup (`&lt;p&gt;`) is removed too, because some editors escape twice; so the function is idempotent.
    A "<" that begins no HTML tag stays: 温度<18度. Time is linear in the length.
    """
    for _pass in range(MOST_PASSES):
        before, text = text, _clean_once(text)
        if text == before:
            return text
    # Only text made to survive the passes comes here; without these two characters no markup can arise again.
    text = text.replace("<", "＜").replace("&", "＆")
    while (cleaner := _clean_once(text)) != text:
        text = cleaner
    return text


def clean_line(text: str) -> str:
    """Cleans a text of one line, such as a subject or a name."""
    return " ".join(clean(text).split())


def _clean_once(text: str) -> str:
    text = _INVISIBLE.sub("", text)
    text = unicodedata.normalize("NFC", _limit_marks(_BREAKS.sub("\n", text)))
    if "&" in text:
        text = _ENTITY.sub(_decode_entity, _NESTED_AMPERSAND.sub("&", text))
    if "<" in text:
        for opening, closing in _HIDDEN_PARTS:
            text = _strip_between(text, opening, closing)
        text = _TAG.sub(_tag_replacement, _DECLARATION.sub("", text))
    text = _SPACES.sub(" ", text)
    return _BLANK_LINES.sub("\n\n", _AROUND_BREAKS.sub("\n", text)).strip()


def _limit_marks(text: str) -> str:
    """Limits runs of combining marks to MOST_MARKS."""
    if text.isascii() or not any(map(unicodedata.combining, text)):
        return text
    letters, run = [], 0
    for letter in text:
        run = run + 1 if unicodedata.combining(letter) else 0
        if run <= MOST_MARKS:
            letters.append(letter)
    return "".join(letters)


def _decode_entity(match: re.Match[str]) -> str:
    entity = match[0]
    if entity == "&nbsp":
        return " "
    if entity[1] != "#" and entity[1:] not in html5:
        return entity
    return unescape(entity)


def _strip_between(text: str, opening: re.Pattern[str], closing: re.Pattern[str]) -> str:
    """Removes everything between the two delimiters; an opening without a closing one removes nothing."""
    parts, position = [], 0
    while start := opening.search(text, position):
        end = closing.search(text, start.end())
        if end is None:  # nor has any later opening an end: looking for each would be quadratic
            break
        parts.append(text[position : start.start()])
        position = end.end()
    return "".join(parts) + text[position:]


def _tag_replacement(match: re.Match[str]) -> str:
    name = match[2].lower()
    if name in _LINE_TAGS:
        return "\n"
    if name in _SPACE_TAGS:
        return " "
    # A name that HTML does not know may be what somebody wrote, unless it carries attributes (<o:p>, <x-y>).
    if name in _INLINE_TAGS or ":" in name or "=" in match[3]:
        return ""
    return match[0]


def parse_datetime(value: object) -> datetime:
    """Parses a date and time from a cell or a text, in Asia/Shanghai unless it names another offset.

    Reads 2019/2/28 11:25:05, 2019-02-28 11:25, 2019年2月28日11时25分, ISO 8601, plain dates (their midnight),
    and Excel's own numbers (days since the end of 1899). Whether the year is plausible the caller judges.
    Raises ValueError with a Chinese sentence.
    """
    try:
        return _to_datetime(value)
    except (ValueError, OverflowError):
        excerpt = str(value)[:40]
        raise ValueError(
            _("“%(excerpt)s”不是能识别的时间，请写成 2019-02-28 11:25:05 这样的格式。") % {"excerpt": excerpt}
        ) from None


def _to_datetime(value: object) -> datetime:
    if isinstance(value, datetime):
        return value.replace(tzinfo=SHANGHAI) if value.tzinfo is None else value.astimezone(SHANGHAI)
    if isinstance(value, date):
        return datetime.combine(value, time(), SHANGHAI)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_number(value)
    if not isinstance(value, str) or len(value) > 100:
        raise ValueError
    text = unicodedata.normalize("NFKC", value).strip()
    written = _DATETIME_TEXT.fullmatch(text)
    if written is None:
        return _to_datetime(datetime.fromisoformat(text))
    year, month, day, hour, minute, second = (int(part or 0) for part in written.groups())
    return datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)


def _from_number(value: float) -> datetime:
    if isinstance(value, int) and EXCEL_LAST_SERIAL < value <= 99_991_231:  # 20190228
        return _to_datetime(str(value))
    if not 61 <= value <= EXCEL_LAST_SERIAL:  # before March 1900 Excel counts a day that never was
        raise ValueError
    on_the_wall = datetime(1899, 12, 30, tzinfo=UTC) + timedelta(milliseconds=round(value * 86_400_000))
    return on_the_wall.replace(tzinfo=SHANGHAI)
