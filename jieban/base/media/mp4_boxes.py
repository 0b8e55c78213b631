"""Sanitizer for MP4, MOV and M4A: walks all boxes and overwrites metadata of place, person and device in place.

The offsets of the media stay as they are, so that nothing has to be decoded: a removed box becomes `free`, filled
with zeros.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from jieban.base.media.file_kinds import CleanedFile
from jieban.base.media.refusals import UnfitFile, UnfitReason

TOP_BOXES = {b"ftyp", b"styp", b"moov", b"mdat", b"moof", b"sidx", b"mfra", b"pdin", b"prft"}
CONTAINER_BOXES = {
    b"moov",
    b"trak",
    b"mdia",
    b"minf",
    b"stbl",
    b"edts",
    b"dinf",
    b"mvex",
    b"moof",
    b"traf",
    b"mfra",
}
KEPT_BOXES = CONTAINER_BOXES | {
    b"mvhd", b"tkhd", b"mdhd", b"hdlr", b"vmhd", b"smhd", b"nmhd", b"gmhd", b"dref", b"stsd", b"stts", b"ctts",
    b"cslg", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"stss", b"stsh", b"sdtp", b"sbgp", b"sgpd", b"elst",
    b"trex", b"mehd", b"mfhd", b"tfhd", b"tfdt", b"trun", b"tfra", b"mfro", b"iods", b"tapt", b"tref", b"saiz",
    b"saio", b"stps",
}  # fmt: skip
TIMESTAMPED_BOXES = {b"mvhd", b"tkhd", b"mdhd"}
MEDIA_HANDLERS = {b"vide", b"soun"}
MOST_BOXES = 50_000
DEEPEST = 12
MOST_SAMPLES = 2_000_000


@dataclass(frozen=True, slots=True)
class Mp4Box:
    """A box: its name, where it begins, where its body begins, where it ends."""

    name: bytes
    start: int
    body: int
    end: int


class _Mp4File:
    def __init__(self, content: bytes) -> None:
        self.data = bytearray(content)
        self.boxes = 0

    def inside(self, start: int, end: int) -> Iterator[Mp4Box]:
        """The boxes between two places, which they must fill. Raises UnfitFile."""
        place = start
        while place < end:
            self.boxes += 1
            if place + 8 > end or self.boxes > MOST_BOXES:
                raise UnfitFile(UnfitReason.DAMAGED)
            size, name = struct.unpack_from(">I4s", self.data, place)
            body = place + 8
            if size == 1 and place + 16 <= end:
                size, body = struct.unpack_from(">Q", self.data, place + 8)[0], place + 16
            elif size == 0 and end == len(self.data) and start == 0:
                size = end - place
            if size < body - place or place + size > end:
                raise UnfitFile(UnfitReason.DAMAGED)
            yield Mp4Box(name, place, body, place + size)
            place += size

    def blank(self, box: Mp4Box) -> None:
        self.data[box.start + 4 : box.start + 8] = b"free"
        self.data[box.body : box.end] = bytes(box.end - box.body)

    def walk(self, start: int, end: int, kept: set[bytes], depth: int = 0) -> None:
        """Blanks the boxes that are not on the list, and walks into containers."""
        if depth > DEEPEST:
            raise UnfitFile(UnfitReason.UNSAFE)
        for box in self.inside(start, end):
            if box.name not in kept:
                self.blank(box)
            elif box.name in TIMESTAMPED_BOXES:
                self._blank_times(box)
            elif box.name == b"dref":
                self._check_reference(box)
            elif box.name == b"hdlr":
                self._blank_handler_name(box)
            elif box.name in CONTAINER_BOXES:
                self.walk(box.body, box.end, KEPT_BOXES, depth + 1)

    def _blank_times(self, box: Mp4Box) -> None:
        """Blanks both times of recording in a header."""
        if box.end - box.body < 20:
            raise UnfitFile(UnfitReason.DAMAGED)
        length = 16 if self.data[box.body] == 1 else 8
        self.data[box.body + 4 : box.body + 4 + length] = bytes(length)

    def _blank_handler_name(self, box: Mp4Box) -> None:
        """Blanks the free text that names a track's handler."""
        if box.end - box.body < 20:
            raise UnfitFile(UnfitReason.DAMAGED)
        self.data[box.body + 12 : box.end] = bytes(box.end - box.body - 12)

    def _check_reference(self, box: Mp4Box) -> None:
        """Refuses references to media outside of this file."""
        for entry in self.inside(box.body + 8, box.end):
            if entry.name not in {b"url ", b"alis"} or entry.end - entry.body < 4:
                raise UnfitFile(UnfitReason.EXTERNAL)
            if not self.data[entry.body + 3] & 1:
                raise UnfitFile(UnfitReason.EXTERNAL)
            self.data[entry.body + 4 : entry.end] = bytes(entry.end - entry.body - 4)

    def find(self, start: int, end: int, *path: bytes) -> Mp4Box | None:
        for box in self.inside(start, end):
            if box.name == path[0]:
                return box if len(path) == 1 else self.find(box.body, box.end, *path[1:])
        return None

    def kind_of(self, track: Mp4Box) -> bytes:
        handler = self.find(track.body, track.end, b"mdia", b"hdlr")
        if handler is None or handler.end - handler.body < 12:
            raise UnfitFile(UnfitReason.DAMAGED)
        return bytes(self.data[handler.body + 8 : handler.body + 12])

    def drop_track(self, track: Mp4Box) -> None:
        """Removes a data track, such as a phone's positions, with its samples."""
        table = self.find(track.body, track.end, b"mdia", b"minf", b"stbl")
        if table is not None:
            for start, size in self._chunks(table):
                if start + size > len(self.data):
                    raise UnfitFile(UnfitReason.DAMAGED)
                self.data[start : start + size] = bytes(size)
        self.blank(track)

    def _chunks(self, table: Mp4Box) -> Iterator[tuple[int, int]]:
        """Offset and size in bytes of each chunk of the track."""
        sizes = self._sizes(table)
        offsets = self._numbers(table, b"stco", 4) or self._numbers(table, b"co64", 8)
        runs = self._numbers(table, b"stsc", 4, columns=3)
        firsts = [(runs[i], runs[i + 1]) for i in range(0, len(runs), 3)]
        taken = run = 0
        for number, offset in enumerate(offsets, start=1):
            while run + 1 < len(firsts) and firsts[run + 1][0] <= number:
                run += 1
            each = firsts[run][1] if firsts else 0
            yield offset, sum(sizes[taken : taken + each])
            taken += each

    def _sizes(self, table: Mp4Box) -> list[int]:
        box = self.find(table.body, table.end, b"stsz")
        if box is None or box.end - box.body < 12:
            return []
        same, count = struct.unpack_from(">II", self.data, box.body + 4)
        if count > MOST_SAMPLES or (not same and box.body + 12 + 4 * count > box.end):
            raise UnfitFile(UnfitReason.DAMAGED)
        return [same] * count if same else list(struct.unpack_from(f">{count}I", self.data, box.body + 12))

    def _numbers(self, table: Mp4Box, name: bytes, width: int, columns: int = 1) -> list[int]:
        box = self.find(table.body, table.end, name)
        if box is None or box.end - box.body < 8:
            return []
        count = struct.unpack_from(">I", self.data, box.body + 4)[0] * columns
        if count > MOST_SAMPLES or box.body + 8 + width * count > box.end:
            raise UnfitFile(UnfitReason.DAMAGED)
        return list(struct.unpack_from(f">{count}{'I' if width == 4 else 'Q'}", self.data, box.body + 8))


def clean(content: bytes) -> CleanedFile:
    """Removes places, names, devices and times from a film or recording. Raises UnfitFile."""
    film = _Mp4File(content)
    try:
        kinds = _tracks(film)
        film.walk(0, len(film.data), TOP_BOXES)
    except (struct.error, IndexError, OverflowError):
        raise UnfitFile(UnfitReason.DAMAGED) from None
    if b"vide" in kinds:
        media_type = "video/quicktime" if content[8:12] == b"qt  " else "video/mp4"
        return CleanedFile("video", media_type, bytes(film.data))
    return CleanedFile("audio", "audio/mp4", bytes(film.data))


def _tracks(film: _Mp4File) -> set[bytes]:
    """Kinds of the audio and video tracks; other tracks are dropped. Raises UnfitFile when none is left."""
    top = list(film.inside(0, len(film.data)))
    films = [box for box in top if box.name == b"moov"]
    if top[0].name != b"ftyp" or len(films) != 1 or b"mdat" not in {box.name for box in top}:
        raise UnfitFile(UnfitReason.DAMAGED)
    kinds: set[bytes] = set()
    for track in film.inside(films[0].body, films[0].end):
        if track.name == b"trak":
            kind = film.kind_of(track)
            if kind in MEDIA_HANDLERS:
                kinds.add(kind)
            else:
                film.drop_track(track)
    if not kinds:
        raise UnfitFile(UnfitReason.DAMAGED)
    return kinds
