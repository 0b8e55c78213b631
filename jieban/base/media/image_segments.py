"""Sanitizer for pictures inside documents: cuts metadata segments out of JPEG and PNG, without decoding."""

import struct

from jieban.base.media.refusals import UnfitFile, UnfitReason

PNG_START = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"pHYs", b"bKGD"}
SCAN, END, COMMENT, ADOBE, JFIF = 0xDA, 0xD9, 0xFE, 0xEE, 0xE0


def jpeg(content: bytes) -> bytes:
    """JPEG without EXIF, XMP, profiles and comments; JFIF and Adobe's colour marker stay. Raises UnfitFile."""
    if not content.startswith(b"\xff\xd8"):
        raise UnfitFile(UnfitReason.DAMAGED)
    segments, place = [b"\xff\xd8"], 2
    while place + 4 <= len(content):
        if content[place] != 0xFF:
            raise UnfitFile(UnfitReason.DAMAGED)
        mark = content[place + 1]
        if mark == 0xFF:  # filling
            place += 1
            continue
        if mark == SCAN:
            end = content.rfind(b"\xff\xd9")
            return b"".join([*segments, content[place : end + 2 if end > place else len(content)]])
        size = struct.unpack_from(">H", content, place + 2)[0]
        if size < 2 or place + 2 + size > len(content):
            raise UnfitFile(UnfitReason.DAMAGED)
        if not (0xE0 <= mark <= 0xEF or mark == COMMENT) or mark in {ADOBE, JFIF}:
            segments.append(content[place : place + 2 + size])
        place += 2 + size
    raise UnfitFile(UnfitReason.DAMAGED)


def png(content: bytes) -> bytes:
    """PNG without texts, EXIF and bytes after the end. Raises UnfitFile."""
    if not content.startswith(PNG_START):
        raise UnfitFile(UnfitReason.DAMAGED)
    chunks, place = [PNG_START], len(PNG_START)
    while place + 12 <= len(content):
        size, name = struct.unpack_from(">I4s", content, place)
        end = place + 12 + size
        if end > len(content):
            break
        if name in PNG_KEPT:
            chunks.append(content[place:end])
        if name == b"IEND":
            return b"".join(chunks)
        place = end
    raise UnfitFile(UnfitReason.DAMAGED)
