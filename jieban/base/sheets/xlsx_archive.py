"""Reader for the zip container of an .xlsx: its directory is checked before inflating, and enforced while inflating."""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO
from xml.parsers import expat

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jieban.base.sheets.sheet_table import BadFile

MOST_ENTRIES = 500
LARGEST_DIRECTORY = 500_000  # bytes; checked before zipfile takes the directory into memory
HIGHEST_RATIO = 200  # inflated to packed, of entries that are large at all
LARGE_ENTRY = 1_000_000
LARGEST_SMALL_PART = 20_000_000  # workbook, relations, styles
DEEPEST_NESTING = 100
MOST_NAMES = 20_000  # different names of elements and attributes; the parser keeps every one
LARGEST_TOKEN = 1_000_000  # bytes of one tag or comment, which the parser buffers as a whole
BLOCK = 65_536

DAMAGED = gettext_lazy("文件已损坏或没有传完。请重新导出或重新上传。")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    KeyError,
    ValueError,
    RuntimeError,
)
_UNSAFE = gettext_lazy("文件的结构不安全（{}），未读取。请用 Excel 或 WPS 打开，另存为 .xlsx 后再导入。")
_OTHER_KINDS = {
    "word/document.xml": gettext_lazy("这是 Word 文档，不是表格。请导入 .xlsx 或 .csv 文件。"),
    "ppt/presentation.xml": gettext_lazy("这是演示文稿，不是表格。请导入 .xlsx 或 .csv 文件。"),
    "xl/workbook.bin": gettext_lazy("这是 .xlsb 文件。请用 Excel 打开，另存为 .xlsx 后再导入。"),
    "content.xml": gettext_lazy("这是 OpenDocument 文件。请另存为 .xlsx 或 .csv 后再导入。"),
}


def unsafe(reason: str) -> BadFile:
    """Error for a workbook that no office program writes like this."""
    return BadFile(_UNSAFE.format(reason))


def open_container(handle: IO[bytes], most_bytes: int) -> zipfile.ZipFile:
    """Opens the container after all checks on its directory. Raises BadFile."""
    _check_directory_size(handle)
    try:
        archive = zipfile.ZipFile(handle)
    except _BROKEN:
        raise BadFile(str(DAMAGED)) from None
    entries = archive.infolist()
    _check_kind(entries)
    _check_names(entries)
    _check_sizes(entries, most_bytes)
    return archive


def _check_directory_size(handle: IO[bytes]) -> None:
    """Limits the directory's size before zipfile reads it: a million names would fill the memory."""
    size = handle.seek(0, 2)
    handle.seek(max(0, size - 66_000))
    tail = handle.read()
    handle.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        raise BadFile(str(DAMAGED))
    (directory,) = struct.unpack_from("<L", tail, at + 12)
    if at >= 76 and tail[at - 20 : at - 16] == b"PK\x06\x07":
        (directory,) = struct.unpack_from("<Q", tail, at - 36)
    if directory > LARGEST_DIRECTORY:
        raise unsafe(_("内部文件过多"))


def _check_kind(entries: list[zipfile.ZipInfo]) -> None:
    names = {entry.filename for entry in entries}
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise BadFile(_("文件含有宏。请另存为不含宏的 .xlsx 后再导入。"))
    if "xl/workbook.xml" in names:
        return
    for name, sentence in _OTHER_KINDS.items():
        if name in names:
            raise BadFile(str(sentence))
    raise BadFile(_("这是压缩包，不是表格。请解压后导入里面的 .xlsx 或 .csv 文件。"))


def _check_names(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES:
        raise unsafe(_("内部文件过多"))
    if len({entry.filename.lower() for entry in entries}) < len(entries):
        raise unsafe(_("内部文件重名"))
    for entry in entries:
        if re.search(r"^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)", entry.filename):
            raise unsafe(_("内部路径越界"))
        if entry.flag_bits & 0x1:
            raise BadFile(_("文件设了密码。请在 Excel 里取消密码，另存为 .xlsx 后再导入。"))
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise unsafe(_("压缩方式不常见"))


def _check_sizes(entries: list[zipfile.ZipInfo], most_bytes: int) -> None:
    total = sum(entry.file_size for entry in entries)
    if total > most_bytes:
        raise BadFile(
            _("文件解压后有 %(size)s MB，超过 %(most)s MB。请分成几个文件，或另存为 .csv 后再导入。")
            % {"size": total // 1_000_000, "most": most_bytes // 1_000_000}
        )
    for entry in entries:
        if entry.file_size > LARGE_ENTRY and entry.file_size > HIGHEST_RATIO * entry.compress_size:
            raise unsafe(_("压缩比异常"))


def blocks(archive: zipfile.ZipFile, name: str, most_bytes: int) -> Iterator[bytes]:
    """Inflates an entry piece by piece. Raises BadFile when it is broken or not of its declared size."""
    size = 0
    try:
        with archive.open(name) as part:
            while block := part.read(BLOCK):
                size += len(block)
                if size > most_bytes:
                    raise BadFile(
                        _("文件内部的 %(name)s 过大。请用 Excel 另存为 .xlsx 后再导入。")
                        % {"name": name[:80]}
                    )
                yield block
            if size != archive.getinfo(name).file_size:
                raise BadFile(str(DAMAGED))
    except _BROKEN:
        raise BadFile(str(DAMAGED)) from None


def parse(parser: expat.XMLParserType, pieces: Iterator[bytes]) -> Iterator[bool]:
    """Feeds the parser; yields after each piece whether it was the last.

    Raises BadFile for XML that is unsafe, ExpatError for XML that is broken.
    """
    parser.StartDoctypeDeclHandler = _refuse_declaration
    parser.EntityDeclHandler = _refuse_declaration
    parser.ExternalEntityRefHandler = _refuse_declaration
    parser.buffer_text = True
    fed = 0
    for piece in pieces:
        fed += len(piece)
        parser.Parse(piece, False)
        if fed - parser.CurrentByteIndex > LARGEST_TOKEN or len(parser.intern) > MOST_NAMES:
            raise unsafe(_("XML 结构异常"))
        yield False
    parser.Parse(b"", True)
    yield True


def _refuse_declaration(*_declared: object) -> int:
    raise unsafe(_("含有 DTD 声明"))


def local_name(name: str) -> str:
    """The element's name without a prefix; prefixes are free to choose."""
    return name.rpartition(":")[2]


def elements(archive: zipfile.ZipFile, name: str) -> list[tuple[str, dict[str, str]]]:
    """All elements of a small part with their attributes, in order, without text. Raises BadFile."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, attributes: found.append((local_name(tag), attributes))
    try:
        for _last in parse(parser, blocks(archive, name, LARGEST_SMALL_PART)):
            if len(found) > LARGEST_SMALL_PART // 100:
                raise unsafe(_("XML 结构异常"))
    except expat.ExpatError:
        raise BadFile(str(DAMAGED)) from None
    return found
