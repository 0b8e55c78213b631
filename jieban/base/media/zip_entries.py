"""Reader for untrusted ZIP files: sizes are checked before and counted while inflating (zip bombs)."""

import io
import stat
import zipfile
import zlib

from jieban.base.media.refusals import UnfitFile, UnfitReason

MOST_ENTRIES = 500
MOST_INFLATED = 100 * 1024 * 1024
MOST_RATIO = 100
SMALL = 1024 * 1024  # below, a ratio says nothing
BLOCK_BYTES = 256 * 1024
LOCAL_HEADER = 30
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


def entries(content: bytes) -> dict[str, bytes]:
    """All files of the ZIP by name. Raises UnfitFile for anything that a document never has."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            listed = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check(listed, len(content))
            return _read(archive, listed)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError):
        raise UnfitFile(UnfitReason.DAMAGED) from None


def _check(listed: list[zipfile.ZipInfo], size: int) -> None:
    if len(listed) > MOST_ENTRIES or sum(entry.file_size for entry in listed) > MOST_INFLATED:
        raise UnfitFile(UnfitReason.INFLATED)
    if len({entry.filename.lower() for entry in listed}) != len(listed):
        raise UnfitFile(UnfitReason.UNSAFE)
    for entry in listed:
        _check_entry(entry)
    _check_places(listed, size)


def _check_entry(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & 0x1:
        raise UnfitFile(UnfitReason.ENCRYPTED)
    name = entry.orig_filename
    parts = name.split("/")
    if (
        name.startswith("/")
        or ".." in parts
        or "\\" in name
        or ":" in name
        or "\0" in name
        or len(name) > 255
    ):
        raise UnfitFile(UnfitReason.UNSAFE)
    if stat.S_ISLNK(entry.external_attr >> 16) or entry.compress_type not in METHODS:
        raise UnfitFile(UnfitReason.UNSAFE)
    if entry.file_size > SMALL and entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
        raise UnfitFile(UnfitReason.INFLATED)


def _check_places(listed: list[zipfile.ZipInfo], size: int) -> None:
    """Checks that nothing precedes the first file, and that no two overlap."""
    end = 0
    for place, entry in enumerate(sorted(listed, key=lambda entry: entry.header_offset)):
        if entry.header_offset < end or (place == 0 and entry.header_offset != 0):
            raise UnfitFile(UnfitReason.UNSAFE)
        end = entry.header_offset + LOCAL_HEADER + len(entry.filename) + entry.compress_size
    if end > size:
        raise UnfitFile(UnfitReason.DAMAGED)


def _read(archive: zipfile.ZipFile, listed: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    left = MOST_INFLATED
    for entry in listed:
        parts = []
        with archive.open(entry) as opened:
            while part := opened.read(BLOCK_BYTES):
                left -= len(part)
                if left < 0:
                    raise UnfitFile(UnfitReason.INFLATED)
                parts.append(part)
        found[entry.filename] = b"".join(parts)
    return found


def zip_of(parts: dict[str, bytes]) -> bytes:
    """Builds a ZIP of these files, without dates, comments or traces of the original machine."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, content)
    return out.getvalue()
