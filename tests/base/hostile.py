"""Malicious or broken spreadsheet files; each function returns the bytes of one file."""

import io
import zipfile
from collections.abc import Callable

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
HEADING = '<row r="1"><c r="A1" t="str"><v>编号</v></c><c r="B1" t="str"><v>内容</v></c></row>'
ONE_ROW = '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="inlineStr"><is><t>停车难</t></is></c></row>'
SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"

LAUGHS = '<!DOCTYPE a [<!ENTITY a "哈哈"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
ELSEWHERE = (
    f'<Relationships><Relationship Id="rId1" Type="{OFFICE}/worksheet" '
    'TargetMode="External" Target="http://127.0.0.1:9/a"/></Relationships>'
)
PARAMETER = '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd">'


def sheet(rows: str, before: str = "", after: str = "") -> str:
    data = f"<sheetData>{rows}</sheetData>"
    return f'{DECLARATION}{before}<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}">{data}{after}</worksheet>'


def strings(items: str, before: str = "") -> str:
    return f'{DECLARATION}{before}<sst xmlns="{MAIN}">{items}</sst>'


def styles(*codes: str) -> str:
    """Styles part: cell style 0 is general, style 1 uses the first code, and so on."""
    formats = "".join(f'<numFmt numFmtId="{176 + i}" formatCode="{code}"/>' for i, code in enumerate(codes))
    uses = "".join(f'<xf numFmtId="{176 + i}"/>' for i in range(len(codes)))
    uses = f'<cellXfs><xf numFmtId="0"/>{uses}</cellXfs>'
    return f'<styleSheet xmlns="{MAIN}"><numFmts>{formats}</numFmts>{uses}</styleSheet>'


def parts(rows: str = HEADING + ONE_ROW, **changed: str) -> dict[str, str]:
    """The parts of a small valid workbook. `changed`: workbook, relations, sheet, strings, styles."""
    kinds = [("1", "worksheet", "worksheets/sheet1.xml"), ("2", "sharedStrings", "sharedStrings.xml"),
             ("3", "styles", "styles.xml")]  # fmt: skip
    relations = "".join(
        f'<Relationship Id="rId{i}" Type="{OFFICE}/{kind}" Target="{target}"/>' for i, kind, target in kinds
    )
    found = {
        "[Content_Types].xml": DECLARATION + "<Types/>",
        "xl/workbook.xml": changed.get("workbook", workbook()),
        "xl/_rels/workbook.xml.rels": changed.get(
            "relations", f'{DECLARATION}<Relationships xmlns="{PACKAGE}">{relations}</Relationships>'
        ),
        SHEET: changed.get("sheet", sheet(rows)),
    }
    for name in ("strings", "styles"):
        if name in changed:
            found[STRINGS if name == "strings" else "xl/styles.xml"] = changed[name]
    return found


def workbook(properties: str = "", before: str = "", sheets: str = "") -> str:
    sheets = sheets or '<sheet name="一" sheetId="1" r:id="rId1"/>'
    return (
        f'{DECLARATION}{before}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><workbookPr {properties}/>'
        f"<sheets>{sheets}</sheets></workbook>"
    )


def packed(
    content: dict[str, str] | dict[str, bytes],
    change: Callable[[zipfile.ZipFile], None] | None = None,
    method: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    """A zip file of these parts; `change` may falsify its directory before it is written."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", method) as archive:
        for name, text in content.items():
            archive.writestr(name, text)
        if change:
            change(archive)
    return memory.getvalue()


def xlsx(rows: str = HEADING + ONE_ROW, **changed: str) -> bytes:
    return packed(parts(rows, **changed))


def with_part(name: str, content: str | bytes = b"x") -> bytes:
    return packed({**{k: v.encode() for k, v in parts().items()}, name: _bytes(content)})


def only(name: str) -> bytes:
    return packed({name: "<a/>", "[Content_Types].xml": "<Types/>"})


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


def declares(name: str, size: int, padding: int = 0) -> bytes:
    """A workbook whose directory declares this size for a part; the part really has `padding` spaces more."""

    def lie(archive: zipfile.ZipFile) -> None:
        archive.getinfo(name).file_size = size

    content = parts(strings=strings("<si><t>甲</t></si>"))
    content[name] += " " * padding
    return packed(content, lie)


def bomb(name: str) -> bytes:
    """Zip bomb: 30 MB of blanks in 30 kB, with true sizes."""
    content = parts(strings=strings("<si><t>甲</t></si>"))
    content[name] += " " * 30_000_000
    return packed(content)


def flagged_encrypted() -> bytes:
    def flag(archive: zipfile.ZipFile) -> None:
        archive.getinfo(SHEET).flag_bits |= 1

    return packed(parts(), flag)


def same_name_twice() -> bytes:
    def rename(archive: zipfile.ZipFile) -> None:
        archive.getinfo(STRINGS).filename = SHEET

    return packed(parts(strings=strings("")), rename)


def container_of_old_office(*, encrypted: bool) -> bytes:
    name = "EncryptedPackage" if encrypted else "Workbook"
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000) + name.encode("utf-16-le") + bytes(1000)


def many_entries(count: int) -> bytes:
    return packed({**parts(), **{f"xl/media/{i}": "" for i in range(count)}})


def vast_directory() -> bytes:
    return packed({**parts(), **{f"xl/{i}/" + "x" * 60_000: "" for i in range(10)}})


def corrupted() -> bytes:
    """A text differs from what was packed; only the checksum shows it."""
    return packed(parts(), method=zipfile.ZIP_STORED).replace("停车难".encode(), "停车易".encode())


def wide(columns: int) -> bytes:
    cells = "".join(f'<c t="inlineStr"><is><t>列{i}</t></is></c>' for i in range(columns))
    return xlsx(f'<row r="1">{cells}</row>{ONE_ROW}')


def breaks_after(rows: int) -> bytes:
    """Valid rows, then invalid XML."""
    sound = "".join(f'<row r="{i}"><c r="A{i}"><v>{i}</v></c></row>' for i in range(2, rows + 2))
    return xlsx(sheet=sheet(HEADING + sound + "<row><c></row>"))


UNSAFE = "文件的结构不安全（{}），未读取。请用 Excel 或 WPS 打开，另存为 .xlsx 后再导入。"
DAMAGED = "文件已损坏或没有传完。请重新导出或重新上传。"
PASSWORD = "文件设了密码。请在 Excel 里取消密码，另存为 .xlsx 后再导入。"
PICTURE = "这是图片，不是表格。请导入 .xlsx 或 .csv 文件。"
ARCHIVE = "这是压缩包，不是表格。请解压后导入里面的 .xlsx 或 .csv 文件。"
WEB_PAGE = (
    "这是网页或 XML 文件，只是用了表格的文件名。请用 Excel 或 WPS 打开，另存为 .xlsx 或 .csv 后再导入。"
)
UTF_16 = "这是 Unicode（UTF-16）文本。请另存为“CSV UTF-8”或 .xlsx 后再导入。"
BROKEN_CELL = "第 2 行有损坏的单元格。请用 Excel 另存为新文件再导入。"
LONG_CSV_CELL = "第 2 行的单元格太长（最多 1000000 字），可能是引号不成对。请检查该行。"
NO_SHEET = "工作簿里没有可读取的工作表。请把数据放在第一个工作表里，另存为 .xlsx 后再导入。"
EMPTY_TABLE = "文件里没有内容。请确认选对了文件，第一行应为列名，下面每行一条。"
TOO_WIDE = "第 2 行的内容超出了列名的范围（列名只有 2 列）。请检查该行的分隔符或多余的单元格。"
DTD = UNSAFE.format("含有 DTD 声明")
RATIO = UNSAFE.format("压缩比异常")
NAMES = UNSAFE.format("内部路径越界")
XML = UNSAFE.format("XML 结构异常")


def _row(cell: str) -> bytes:
    return xlsx(f'{HEADING}<row r="2">{cell}</row>', strings=strings("<si><t>甲</t></si>"))


# Refused files: the file's name, a function for its bytes, and the message.
REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "bomb that says so": (
        "a.xlsx", lambda: declares(SHEET, 3_000_000_000),
        "文件解压后有 3000 MB，超过 400 MB。请分成几个文件，或另存为 .csv 后再导入。",
    ),
    "bomb in the sheet": ("a.xlsx", lambda: bomb(SHEET), RATIO),
    "bomb in the shared strings": ("a.xlsx", lambda: bomb(STRINGS), RATIO),
    "bomb that says it is small": ("a.xlsx", lambda: declares(SHEET, 600, 30_000_000), DAMAGED),
    "strings that say they are small": ("a.xlsx", lambda: declares(STRINGS, 150, 30_000_000), DAMAGED),
    "size declared too large": ("a.xlsx", lambda: declares(SHEET, 900_000), DAMAGED),
    "workbook part of 25 MB": (
        "a.xlsx",
        lambda: packed(parts(workbook=workbook() + " " * 25_000_000), method=zipfile.ZIP_STORED),
        "文件内部的 xl/workbook.xml 过大。请用 Excel 另存为 .xlsx 后再导入。",
    ),
    "501 entries": ("a.xlsx", lambda: many_entries(501), UNSAFE.format("内部文件过多")),
    "directory of 600 kB": ("a.xlsx", vast_directory, UNSAFE.format("内部文件过多")),
    "path upwards": ("a.xlsx", lambda: with_part("xl/../../etc/cron.d/x"), NAMES),
    "absolute path": ("a.xlsx", lambda: with_part("/etc/passwd"), NAMES),
    "Windows path": ("a.xlsx", lambda: with_part("C:\\windows\\x"), NAMES),
    "two entries of one name": ("a.xlsx", same_name_twice, UNSAFE.format("内部文件重名")),
    "unusual compression": (
        "a.xlsx", lambda: packed(parts(), method=zipfile.ZIP_LZMA), UNSAFE.format("压缩方式不常见"),
    ),
    "encrypted entries": ("a.xlsx", flagged_encrypted, PASSWORD),
    "encrypted workbook": ("a.xlsx", lambda: container_of_old_office(encrypted=True), PASSWORD),
    "macros": (
        "a.xlsx", lambda: with_part("xl/vbaProject.bin"), "文件含有宏。请另存为不含宏的 .xlsx 后再导入。",
    ),
    "old workbook": (
        "a.xlsx", lambda: container_of_old_office(encrypted=False),
        "这是旧版 Office 文件（如 .xls）。请用 Excel 或 WPS 打开，另存为 .xlsx 或 .csv 后再导入。",
    ),
    "web page": ("a.xls", lambda: "<html><table><tr><td>编号</td></tr></table></html>".encode(), WEB_PAGE),
    "web page with a byte order mark": ("a.csv", lambda: b"\xef\xbb\xbf\r\n <table>", WEB_PAGE),
    "XML table of 2003": ("a.xlsx", lambda: b'<?xml version="1.0"?><Workbook/>', WEB_PAGE),
    "Word": (
        "a.xlsx", lambda: only("word/document.xml"), "这是 Word 文档，不是表格。请导入 .xlsx 或 .csv 文件。",
    ),
    "slides": (
        "a.xlsx", lambda: only("ppt/presentation.xml"),
        "这是演示文稿，不是表格。请导入 .xlsx 或 .csv 文件。",
    ),
    "binary workbook": (
        "a.xlsx", lambda: only("xl/workbook.bin"),
        "这是 .xlsb 文件。请用 Excel 打开，另存为 .xlsx 后再导入。",
    ),
    "OpenDocument": (
        "a.xlsx", lambda: only("content.xml"), "这是 OpenDocument 文件。请另存为 .xlsx 或 .csv 后再导入。",
    ),
    "zip file with a workbook in it": ("a.xlsx", lambda: packed({"a.xlsx": xlsx()}), ARCHIVE),
    "zip file without entries": ("a.xlsx", lambda: packed({}), ARCHIVE),
    "rar": ("a.csv", lambda: b"Rar!\x1a\x07\x01\x00", ARCHIVE),
    "gzip": ("a.csv", lambda: b"\x1f\x8b\x08\x00", ARCHIVE),
    "PDF": ("a.xlsx", lambda: b"%PDF-1.7\n", "这是 PDF 文件，不是表格。请导入 .xlsx 或 .csv 文件。"),
    "PNG": ("a.xlsx", lambda: b"\x89PNG\r\n\x1a\n", PICTURE),
    "JPEG": ("a.csv", lambda: b"\xff\xd8\xff\xe0", PICTURE),
    "empty file": ("a.xlsx", lambda: b"", "文件是空的（0 字节）。请重新导出或重新上传。"),
    "first half of a workbook": ("a.xlsx", lambda: xlsx()[:700], DAMAGED),
    "first bytes of a workbook": ("a.xlsx", lambda: b"PK\x03\x04", DAMAGED),
    "a byte changed": ("a.xlsx", corrupted, DAMAGED),
    "billion laughs in the sheet": (
        "a.xlsx", lambda: xlsx(sheet=sheet(HEADING + '<row><c t="str"><v>&c;</v></c></row>', LAUGHS)), DTD,
    ),
    "outside entity in the strings": (
        "a.xlsx", lambda: xlsx(strings=strings("<si><t>&x;</t></si>", OUTSIDE)), DTD,
    ),
    "outside DTD in the workbook": ("a.xlsx", lambda: xlsx(workbook=workbook(before=PARAMETER)), DTD),
    "outside DTD in the styles": ("a.xlsx", lambda: xlsx(styles=PARAMETER + "<styleSheet/>"), DTD),
    "undeclared entity": (
        "a.xlsx", lambda: _row('<c r="A2" t="str"><v>&x;</v></c>'),
        "工作表从第 2 行附近起已损坏。请用 Excel 另存为新文件再导入。",
    ),
    "one attribute of 3 MB": ("a.xlsx", lambda: packed(
        parts(f'{HEADING}<row r="2" x="{"长" * 1_000_000}"/>'), method=zipfile.ZIP_STORED), XML),
    "one comment of 3 MB": ("a.xlsx", lambda: packed(
        parts(f"{HEADING}<!--{'长' * 1_000_000}-->"), method=zipfile.ZIP_STORED), XML),
    "elements 100,000 deep": ("a.xlsx", lambda: xlsx(HEADING + "<a>" * 100_000), XML),
    "strings 100,000 deep": ("a.xlsx", lambda: xlsx(strings=strings("<a>" * 100_000)), XML),
    "30,000 names of attributes": (
        "a.xlsx", lambda: xlsx(HEADING + "".join(f'<a b{i}="1"/>' for i in range(30_000))), XML,
    ),
    "workbook that is not XML": ("a.xlsx", lambda: xlsx(workbook="这不是 XML"), DAMAGED),
    "strings that break off": ("a.xlsx", lambda: xlsx(strings="<sst><si>"), DAMAGED),
    "no sheet": ("a.xlsx", lambda: xlsx(relations="<Relationships/>"), NO_SHEET),
    "sheet on another server": (
        "a.xlsx", lambda: xlsx(relations=ELSEWHERE), NO_SHEET,
    ),
    "16,384 columns": (
        "a.xlsx", lambda: wide(16_384),
        "表格有 16384 列，最多可以有 200 列。请只保留需要导入的列，另存后再导入。",
    ),
    "16,385 columns": (
        "a.xlsx", lambda: wide(16_385), "第 1 行超过 16384 列。请用 Excel 另存为新文件再导入。",
    ),
    "the same column twice": (
        "a.csv", lambda: "编号,内容, 编号 \n1,2,3\n".encode(),
        "列名“编号”出现了不止一次。请改成不同的列名后再导入。",
    ),
    "a column without a name": (
        "a.csv", lambda: "编号,,内容\n1,2,3\n".encode(), "第 2 列没有列名。请在第一行为每一列写上列名。",
    ),
    "no rows": ("a.xlsx", lambda: xlsx(""), EMPTY_TABLE),
    "blank lines only": ("a.csv", lambda: b"\r\n\r\n,,\r\n", EMPTY_TABLE),
    "column names only": ("a.xlsx", lambda: xlsx(HEADING), "表格只有列名，没有数据行。请填写数据后再导入。"),
    "string that is not there": ("a.xlsx", lambda: _row('<c r="A2" t="s"><v>1</v></c>'), BROKEN_CELL),
    "string number below zero": ("a.xlsx", lambda: _row('<c r="A2" t="s"><v>-1</v></c>'), BROKEN_CELL),
    "number that is none": ("a.xlsx", lambda: _row('<c r="A2"><v>1_000</v></c>'), BROKEN_CELL),
    "number without end": ("a.xlsx", lambda: _row(f'<c r="A2"><v>{"9" * 20_000}</v></c>'), BROKEN_CELL),
    "infinite number": ("a.xlsx", lambda: _row('<c r="A2"><v>1e999</v></c>'), BROKEN_CELL),
    "address that is none": ("a.xlsx", lambda: _row('<c r="Ä2"><v>1</v></c>'), BROKEN_CELL),
    "cell too long": (
        "a.xlsx", lambda: _row(f'<c r="A2" t="str"><v>{"长" * 32_768}</v></c>'),
        "第 2 行有单元格的文字超过 32767 字。请缩短后再导入，或另存为 .csv。",
    ),
    "shared string too long": (
        "a.xlsx", lambda: xlsx(strings=strings(f"<si><t>{'长' * 32_768}</t></si>")),
        "有单元格的文字超过 32767 字。请缩短后再导入，或另存为 .csv。",
    ),
    "rows in disorder": (
        "a.xlsx", lambda: xlsx(HEADING + ONE_ROW + ONE_ROW),
        "工作表的行号在第 2 行之后乱了。请用 Excel 另存为新文件再导入。",
    ),
    "row beyond the last": (
        "a.xlsx", lambda: xlsx(HEADING + '<row r="1048577"/>'), "表格超过 1048576 行。请分成几个文件导入。",
    ),
    "cell beside the table": ("a.xlsx", lambda: _row('<c r="D2"><v>1</v></c>'), TOO_WIDE),
    "one separator too many": ("a.csv", lambda: "编号,内容\n1,停车,难\n".encode(), TOO_WIDE),
    "NUL": (
        "a.csv", lambda: "编号,内容\n1,a\x00b\n".encode(),
        "文件里有空字符（NUL），不是正常的表格。请另存为“CSV UTF-8”或 .xlsx 后再导入。",
    ),
    "no known encoding": (
        "a.csv", lambda: "编号\n".encode() + b"\xff\xff\x81\n",
        "无法识别文件的字符编码。请另存为“CSV UTF-8”或 .xlsx 后再导入。",
    ),
    "UTF-16": ("a.csv", lambda: "编号\t内容\n1\t甲\n".encode("utf-16"), UTF_16),
    "quote without end": (
        "a.csv", lambda: '编号,内容\n1,"停车难\n2,b\n'.encode(),
        "第 2 行的引号不成对。请检查该行，或另存为 .xlsx 后再导入。",
    ),
    "text after the quote": (
        "a.csv", lambda: '编号,内容\n1,"停车"难\n'.encode(),
        "第 2 行的引号不成对。请检查该行，或另存为 .xlsx 后再导入。",
    ),
    "CSV cell too long": ("a.csv", lambda: f"编号\n{'长' * 1_000_001}\n".encode(), LONG_CSV_CELL),
    "CSV line without end": ("a.csv", lambda: f"编号\n{'长,' * 5_000_000}\n".encode(), LONG_CSV_CELL),
}  # fmt: skip
