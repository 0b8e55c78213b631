"""Sanitizer for MP3, AAC and WAV: copies the audio frames, without the tags before and after."""

import struct

from jieban.base.media.file_kinds import CleanedFile
from jieban.base.media.refusals import UnfitFile, UnfitReason

FEWEST_FRAMES = 3
MOST_REST = 8192  # bytes behind the last whole frame: a recorder stopped in the middle
RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}  # by version
LAYER3 = {
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
ID3, ID3V1, APE, LYRICS = 10, 128, 32, b"LYRICS200"


def mp3(content: bytes) -> CleanedFile:
    """Raises UnfitFile."""
    return CleanedFile("audio", "audio/mpeg", _frames(content, _mp3_frame))


def aac(content: bytes) -> CleanedFile:
    """AAC in ADTS frames. Raises UnfitFile."""
    return CleanedFile("audio", "audio/aac", _frames(content, _aac_frame))


def _frames(content: bytes, length_at) -> bytes:  # type: ignore[no-untyped-def]
    start, end = _skip_leading_tags(content), _end_before_tags(content)
    place = start
    count = 0
    while place < end:
        length = length_at(content, place)
        if not length or place + length > end:
            break
        place += length
        count += 1
    if count < FEWEST_FRAMES or end - place > MOST_REST:
        raise UnfitFile(UnfitReason.DAMAGED)
    return content[start:place]


def _skip_leading_tags(content: bytes) -> int:
    place = 0
    while content[place : place + 3] == b"ID3" and place + ID3 <= len(content):
        parts = content[place + 6 : place + ID3]
        if any(part & 0x80 for part in parts):
            raise UnfitFile(UnfitReason.DAMAGED)
        size = parts[0] << 21 | parts[1] << 14 | parts[2] << 7 | parts[3]
        place += ID3 + size + (ID3 if content[place + 5] & 0x10 else 0)
    while place < len(content) and content[place] == 0:  # filling
        place += 1
    return place


def _end_before_tags(content: bytes) -> int:
    end = len(content)
    while True:
        if content[end - ID3V1 : end - ID3V1 + 3] == b"TAG" and end >= ID3V1:
            end -= ID3V1
        elif content[end - APE : end - APE + 8] == b"APETAGEX" and end >= APE:
            size, _items, flags = struct.unpack_from("<III", content, end - APE + 12)
            end -= size + (APE if flags & 0x80000000 else 0)
        elif content[end - 9 : end] == LYRICS and content[end - 15 : end - 9].isdigit():
            end -= 15 + int(content[end - 15 : end - 9])
        else:
            return end
        if end <= 0:
            raise UnfitFile(UnfitReason.DAMAGED)


def _mp3_frame(content: bytes, place: int) -> int:
    """The length of the frame of layer 3 that begins here; 0 when none does."""
    head = content[place : place + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0 or head[1] >> 1 & 3 != 1:
        return 0
    version, rate, speed, padding = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3, head[2] >> 1 & 1
    if version == 1 or rate in {0, 15} or speed == 3:
        return 0
    bits = LAYER3[3 if version == 3 else 2][rate] * 1000
    return (144 if version == 3 else 72) * bits // RATES[version][speed] + padding


def _aac_frame(content: bytes, place: int) -> int:
    head = content[place : place + 7]
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return 0
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if length >= 7 else 0


def wav(content: bytes) -> CleanedFile:
    """Format and sound only. Raises UnfitFile."""
    chunks: dict[bytes, bytes] = {}
    place = 12
    try:
        while place + 8 <= len(content):
            name, size = struct.unpack_from("<4sI", content, place)
            body = content[place + 8 : place + 8 + size]
            if len(body) != size:
                raise UnfitFile(UnfitReason.DAMAGED)
            if name in {b"fmt ", b"data"}:
                if name in chunks:
                    raise UnfitFile(UnfitReason.DAMAGED)
                chunks[name] = body
            place += 8 + size + size % 2
    except struct.error:
        raise UnfitFile(UnfitReason.DAMAGED) from None
    form = chunks.get(b"fmt ", b"")
    if not 16 <= len(form) <= 40 or not chunks.get(b"data"):
        raise UnfitFile(UnfitReason.DAMAGED)
    body = b"WAVE" + b"".join(
        name + struct.pack("<I", len(chunks[name])) + chunks[name] + b"\0" * (len(chunks[name]) % 2)
        for name in (b"fmt ", b"data")
    )
    return CleanedFile("audio", "audio/wav", b"RIFF" + struct.pack("<I", len(body)) + body)
