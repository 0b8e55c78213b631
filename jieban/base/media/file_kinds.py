"""File type detection by magic bytes; never by the name or by what the sender says."""

import re
from dataclasses import dataclass

from jieban.base.media.refusals import UnfitFile, UnfitReason

MOST_BYTES = 20 * 1024 * 1024
SNIFFED_BYTES = 1024  # bytes from the beginning in which HTML and scripts are looked for


@dataclass(frozen=True, slots=True)
class CleanedFile:
    """Sanitized file: its kind and bytes; of a picture also its size and a thumbnail."""

    kind: str  # photo, document, audio, video
    media_type: str
    content: bytes
    width: int | None = None
    height: int | None = None
    thumb: bytes = b""


MAGIC_NUMBERS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"%PDF-", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"ID3", "mp3"),
)
REFUSED_MAGIC_NUMBERS: tuple[tuple[bytes, UnfitReason], ...] = (
    (b"MZ", UnfitReason.PROGRAM),
    (b"\x7fELF", UnfitReason.PROGRAM),
    (b"#!", UnfitReason.PROGRAM),
    (b"\xca\xfe\xba\xbe", UnfitReason.PROGRAM),
    (b"\xfe\xed\xfa", UnfitReason.PROGRAM),
    (b"\xcf\xfa\xed\xfe", UnfitReason.PROGRAM),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", UnfitReason.OLD_OFFICE),
    (b"{\\rtf", UnfitReason.OLD_OFFICE),
    (b"Rar!", UnfitReason.ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", UnfitReason.ARCHIVE),
    (b"\x1f\x8b", UnfitReason.ARCHIVE),
    (b"BZh", UnfitReason.ARCHIVE),
    (b"\xfd7zXZ", UnfitReason.ARCHIVE),
    (b"PK\x05\x06", UnfitReason.ARCHIVE),
    (b"PK\x07\x08", UnfitReason.ARCHIVE),
)
HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis", b"heim", b"heis"}
HTML_START = re.compile(rb"<(?:!doctype|html|svg|script|\?xml|\?php|head|body|iframe)", re.IGNORECASE)


def kind_of(content: bytes) -> str:
    """The name of the reader for this content. Raises UnfitFile."""
    if not content:
        raise UnfitFile(UnfitReason.EMPTY)
    if len(content) > MOST_BYTES:
        raise UnfitFile(UnfitReason.TOO_BIG)
    for start, kind in MAGIC_NUMBERS:
        if content.startswith(start):
            return kind
    for start, why in REFUSED_MAGIC_NUMBERS:
        if content.startswith(start):
            raise UnfitFile(why)
    return _kind_of_container(content)


def _kind_of_container(content: bytes) -> str:
    if content[:4] == b"RIFF" and content[8:12] in {b"WEBP", b"WAVE"}:
        return content[8:12].decode().lower()
    if content[4:8] == b"ftyp":
        if content[8:12] in HEIC_BRANDS:
            raise UnfitFile(UnfitReason.HEIC)
        return "iso"
    if content[0] == 0xFF and content[1:2] and content[1] & 0xE6 in {0xE0, 0xE2}:
        return "aac" if content[1] & 0x06 == 0 else "mp3"  # the layer of the first frame
    if content[257:262] == b"ustar":
        raise UnfitFile(UnfitReason.ARCHIVE)
    if HTML_START.search(content[:SNIFFED_BYTES].replace(b"\0", b"")):  # UTF-16 has a zero in each letter
        raise UnfitFile(UnfitReason.WEB)
    raise UnfitFile(UnfitReason.UNKNOWN)
