"""Opens a table; the format is detected by its first bytes, never by its name."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jieban.base.sheets import csv_reader, workbook
from jieban.base.sheets.sheet_table import MOST_BYTES, BadFile, Table

_SAVE_AS = gettext_lazy("请用 Excel 或 WPS 打开，另存为 .xlsx 或 .csv 后再导入。")
_NOT_TABLES = {
    b"%PDF": gettext_lazy("这是 PDF 文件，不是表格。请导入 .xlsx 或 .csv 文件。"),
    b"\x89PNG": gettext_lazy("这是图片，不是表格。请导入 .xlsx 或 .csv 文件。"),
    b"\xff\xd8\xff": gettext_lazy("这是图片，不是表格。请导入 .xlsx 或 .csv 文件。"),
    b"GIF8": gettext_lazy("这是图片，不是表格。请导入 .xlsx 或 .csv 文件。"),
    b"{\\rtf": gettext_lazy("这是文字处理文件，不是表格。请导入 .xlsx 或 .csv 文件。"),
    b"Rar!": gettext_lazy("这是压缩包，不是表格。请解压后导入里面的 .xlsx 或 .csv 文件。"),
    b"7z\xbc\xaf": gettext_lazy("这是压缩包，不是表格。请解压后导入里面的 .xlsx 或 .csv 文件。"),
    b"\x1f\x8b": gettext_lazy("这是压缩包，不是表格。请解压后导入里面的 .xlsx 或 .csv 文件。"),
    b"\xff\xfe": gettext_lazy("这是 Unicode（UTF-16）文本。请另存为“CSV UTF-8”或 .xlsx 后再导入。"),
    b"\xfe\xff": gettext_lazy("这是 Unicode（UTF-16）文本。请另存为“CSV UTF-8”或 .xlsx 后再导入。"),
}


@contextmanager
def open_table(path: str | Path, *, most_bytes: int = MOST_BYTES) -> Iterator[Table]:
    """The table in a .xlsx (its first visible sheet) or .csv file; read its rows inside this block.

    `most_bytes` bounds the .csv, or the inflated .xlsx. Raises BadFile, here or while reading rows, with a
    Chinese sentence that says what is wrong and what to do.
    """
    path = Path(path)
    with path.open("rb") as handle:
        start = handle.read(4096)
        handle.seek(0)
        if start.startswith(b"PK"):
            with workbook.read(handle, most_bytes) as table:
                yield table
        else:
            _refuse_other_kinds(path, start)
            with csv_reader.read(handle, most_bytes) as table:
                yield table


def _refuse_other_kinds(path: Path, start: bytes) -> None:
    if not start:
        raise BadFile(_("文件是空的（0 字节）。请重新导出或重新上传。"))
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadFile(_old_office(path))
    for signature, sentence in _NOT_TABLES.items():
        if start.startswith(signature):
            raise BadFile(str(sentence))
    if start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
        raise BadFile(_("这是网页或 XML 文件，只是用了表格的文件名。%(save_as)s") % {"save_as": _SAVE_AS})


def _old_office(path: Path) -> str:
    """Distinguishes an encrypted workbook, which uses the old formats' container, from an old workbook."""
    with path.open("rb") as handle:
        while block := handle.read(1_000_000):
            if "EncryptedPackage".encode("utf-16-le") in block:
                return _("文件设了密码。请在 Excel 里取消密码，另存为 .xlsx 后再导入。")
    return _("这是旧版 Office 文件（如 .xls）。%(save_as)s") % {"save_as": _SAVE_AS}
