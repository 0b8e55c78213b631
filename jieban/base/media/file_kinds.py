"""What a file is, by its first bytes; never by its name or what the sender says it is."""

import re
from dataclasses import dataclass

from jieban.base.media.refusals import Unfit, Why

MOST_BYTES = 20 * 1024 * 1024
LOOKED_AT = 1024  # bytes from the beginning in which marks of pages and scripts are looked for


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What is kept of a file: its kind, the cleaned bytes, and of a picture its size and a small copy."""

    kind: str  # photo, document, audio, video
    media_type: str
    content: bytes
    width: int | None = None
    height: int | None = None
    thumb: bytes = b""


STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"%PDF-", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"ID3", "mp3"),
)
REFUSED: tuple[tuple[bytes, Why], ...] = (
    (b"MZ", Why.PROGRAM),
    (b"\x7fELF", Why.PROGRAM),
    (b"#!", Why.PROGRAM),
    (b"\xca\xfe\xba\xbe", Why.PROGRAM),
    (b"\xfe\xed\xfa", Why.PROGRAM),
    (b"\xcf\xfa\xed\xfe", Why.PROGRAM),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Why.OLD_OFFICE),
    (b"{\\rtf", Why.OLD_OFFICE),
    (b"Rar!", Why.ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", Why.ARCHIVE),
    (b"\x1f\x8b", Why.ARCHIVE),
    (b"BZh", Why.ARCHIVE),
    (b"\xfd7zXZ", Why.ARCHIVE),
    (b"PK\x05\x06", Why.ARCHIVE),
    (b"PK\x07\x08", Why.ARCHIVE),
)
HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis", b"heim", b"heis"}
WEB_MARKS = re.compile(rb"<(?:!doctype|html|svg|script|\?xml|\?php|head|body|iframe)", re.IGNORECASE)


def kind_of(content: bytes) -> str:
    """The name of the reader for this content. Raises Unfit."""
    if not content:
        raise Unfit(Why.EMPTY)
    if len(content) > MOST_BYTES:
        raise Unfit(Why.TOO_BIG)
    for start, kind in STARTS:
        if content.startswith(start):
            return kind
    for start, why in REFUSED:
        if content.startswith(start):
            raise Unfit(why)
    return _by_inside(content)


def _by_inside(content: bytes) -> str:
    if content[:4] == b"RIFF" and content[8:12] in {b"WEBP", b"WAVE"}:
        return content[8:12].decode().lower()
    if content[4:8] == b"ftyp":
        if content[8:12] in HEIC_BRANDS:
            raise Unfit(Why.HEIC)
        return "iso"
    if content[0] == 0xFF and content[1:2] and content[1] & 0xE6 in {0xE0, 0xE2}:
        return "aac" if content[1] & 0x06 == 0 else "mp3"  # the layer of the first frame
    if content[257:262] == b"ustar":
        raise Unfit(Why.ARCHIVE)
    if WEB_MARKS.search(content[:LOOKED_AT].replace(b"\0", b"")):  # UTF-16 has a zero in each letter
        raise Unfit(Why.WEB)
    raise Unfit(Why.UNKNOWN)
