"""Malicious or broken uploads, made at test time, each with the platform's expected answer.

`CANARIES` are words put where files hold data about persons, places and devices: no stored file contains them.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pikepdf
from PIL import Image, PngImagePlugin

from jieban.base.media.refusals import UnfitReason

GPS, AUTHOR, SCRIPT = "39.9163,116.1957", "CANARY-ZHANG", "CANARY-SCRIPT"
CANARIES = tuple(word.encode() for word in (GPS, AUTHOR, SCRIPT))
MB = 1024 * 1024
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
P = "http://schemas.openxmlformats.org/package/2006"
MIME = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True)
class Sent:
    """An upload: content, name, and the expected answer: a reason of refusal, or the stored media type."""

    make: Callable[[], bytes]
    answer: UnfitReason | str
    name: str = "附件.jpg"
    gone: tuple[bytes, ...] = field(default=CANARIES)


def picture(
    form: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: object
) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, form, **options)
    return out.getvalue()


def told_picture(form: str) -> bytes:
    """A picture with all the metadata that a phone writes."""
    exif = Image.Exif()
    exif[0x013B], exif[0x0112] = AUTHOR, 6
    place = exif.get_ifd(0x8825)
    place[1], place[2], place[29] = "N", (39.0, 54.0, 58.0), GPS
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a>{GPS} {AUTHOR}</a></x:xmpmeta>'.encode()
    if form == "PNG":
        texts = PngImagePlugin.PngInfo()
        texts.add_text("Author", AUTHOR)
        texts.add_itxt("XML:com.adobe.xmp", xmp.decode())
        return picture("PNG", pnginfo=texts, exif=exif)
    comment = {"comment": AUTHOR.encode()} if form == "JPEG" else {}
    return picture(form, exif=exif, xmp=xmp, **comment)


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_of(width: int, height: int, rows: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def png_bomb() -> bytes:
    """Decompression bomb: 177 million pixels from little data."""
    return png_of(13_300, 13_300, zlib.compress(bytes((13_300 // 8 + 2) * 13_300), 9))


def png_that_lies() -> bytes:
    """Declares a small size and inflates to 50 MB."""
    return png_of(64, 64, zlib.compress(bytes(50 * MB), 9))


def gif_of_many_frames() -> bytes:
    frames = [Image.new("P", (16, 16), number % 2) for number in range(2)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    content = out.getvalue()
    frame = content[content.index(b",") :][:-1]
    return content[:-1] + frame * 3000 + b";"


def text_bomb() -> bytes:
    """A PNG with a text that inflates to 60 MB."""
    texts = b"Comment\0\0" + zlib.compress(bytes(60 * MB), 9)
    plain = picture("PNG")
    return plain[:33] + chunk(b"zTXt", texts) + plain[33:]


def zip_of(files: dict[str, bytes], **options: object) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def relations_of(inner: str) -> bytes:
    return f'<Relationships xmlns="{P}/relationships">{inner}</Relationships>'.encode()


def word_parts(
    body: str = "<w:p><w:r><w:t>路灯不亮</w:t></w:r></w:p>", relations: str = ""
) -> dict[str, bytes]:
    types = (
        f'<Types xmlns="{P}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{MIME}wordprocessingml.document.main+xml"/></Types>'
    )
    roots = (
        f'<Relationships xmlns="{P}/relationships">'
        f'<Relationship Id="rId1" Type="{R}/officeDocument" Target="word/document.xml"/>'
        f'<Relationship Id="rId2" Type="{P}/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
        "</Relationships>"
    )
    core = (
        f'<cp:coreProperties xmlns:cp="{P}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:creator>{AUTHOR}</dc:creator></cp:coreProperties>"
    )
    said = f'<w:document xmlns:w="{W}" xmlns:r="{R}"><w:body>{body}</w:body></w:document>'
    return {
        "[Content_Types].xml": types.encode(),
        "_rels/.rels": roots.encode(),
        "word/document.xml": said.encode(),
        "word/_rels/document.xml.rels": relations_of(relations),
        "docProps/core.xml": core.encode(),
    }


def word(more: dict[str, bytes] | None = None, *, body: str = "<w:p/>", relations: str = "") -> bytes:
    return zip_of(word_parts(body, relations) | (more or {}))


def sheet(more: dict[str, bytes] | None = None) -> bytes:
    parts = word_parts()
    types = parts["[Content_Types].xml"].replace(b"/word/document.xml", b"/xl/workbook.xml")
    types = types.replace(b"wordprocessingml.document.main", b"spreadsheetml.sheet.main")
    roots = parts["_rels/.rels"].replace(b"word/document.xml", b"xl/workbook.xml")
    book = (
        b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:x15ac="http://x">'
        b'<x15ac:absPath url="C:\\Users\\' + AUTHOR.encode() + b'\\"/></workbook>'
    )
    whole = {"[Content_Types].xml": types, "_rels/.rels": roots, "xl/workbook.xml": book}
    return zip_of(whole | {"docProps/core.xml": parts["docProps/core.xml"]} | (more or {}))


def shared_strings_bomb() -> bytes:
    """Bomb: 448 MB of shared strings."""
    out = io.BytesIO()
    parts = zipfile.ZipFile(io.BytesIO(sheet()))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in parts.namelist():
            archive.writestr(name, parts.read(name))
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as opened:
            for _ in range(448):
                opened.write(b"A" * MB)
    return out.getvalue()


def lying_sizes() -> bytes:
    """A part whose directory entry says 10 bytes, but which inflates to 150 MB."""
    whole = bytearray(word({"word/big.xml": b"A" * (2 * MB)}))
    place = whole.rindex(b"PK\x01\x02", 0, whole.rindex(b"word/big.xml"))
    struct.pack_into("<I", whole, place + 24, 10)
    return bytes(whole)


def changed_entry(change: Callable[[zipfile.ZipInfo], object]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in word_parts().items():
            archive.writestr(name, part)
        entry = zipfile.ZipInfo("word/more.xml")
        change(entry)
        archive.writestr(entry, b"<a/>")
    return out.getvalue()


def twice_named() -> bytes:
    out = io.BytesIO(word())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("WORD/document.xml", b"<a/>")
    return out.getvalue()


def locked_zip() -> bytes:
    whole = bytearray(word())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = whole.find(mark)
        while start >= 0:
            whole[start + place] |= 1
            start = whole.find(mark, start + 4)
    return bytes(whole)


def overlapping() -> bytes:
    """Every entry of the directory points at the same bytes, as in a recursive zip."""
    whole = bytearray(word())
    start = whole.find(b"PK\x01\x02")
    while start >= 0:
        struct.pack_into("<I", whole, start + 42, 0)
        start = whole.find(b"PK\x01\x02", start + 4)
    return bytes(whole)


def many_entries() -> bytes:
    return word({f"word/part{number}.xml": b"<a/>" for number in range(600)})


def paper(
    change: Callable[[pikepdf.Pdf], object] = lambda pdf: None, pages: int = 1, **options: object
) -> bytes:
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page()
    change(pdf)
    out = io.BytesIO()
    pdf.save(out, **options)
    return out.getvalue()


def _script(pdf: pikepdf.Pdf) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=f"app.alert('{SCRIPT}')")


def runs_script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = _script(pdf)
    pdf.Root.AA = pikepdf.Dictionary(WC=_script(pdf))
    names = pikepdf.Array(["a", pdf.make_indirect(_script(pdf))])
    pdf.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=names))


def linked(action: pikepdf.Dictionary) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=action, T=AUTHOR
        )
        pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(note)])

    return change


def launches() -> bytes:
    return paper(linked(pikepdf.Dictionary(S=pikepdf.Name.Launch, F=f"{SCRIPT}.exe")))


def points_outside() -> bytes:
    return paper(linked(pikepdf.Dictionary(S=pikepdf.Name.URI, URI=f"http://{SCRIPT}.example/")))


def chained() -> bytes:
    hidden = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=SCRIPT)
    return paper(
        linked(pikepdf.Dictionary(S=pikepdf.Name.GoTo, D=[0, pikepdf.Name.Fit], Next=pikepdf.Array([hidden])))
    )


def carries_files(pdf: pikepdf.Pdf) -> None:
    pdf.attachments[f"{AUTHOR}.exe"] = b"MZ" + SCRIPT.encode()


def tells_of_author(pdf: pikepdf.Pdf) -> None:
    pdf.docinfo["/Author"] = AUTHOR
    pdf.Root.Metadata = pdf.make_stream(f"<x>{AUTHOR} {GPS}</x>".encode())


def holds_photograph(pdf: pikepdf.Pdf) -> None:
    photo = pikepdf.Stream(pdf, told_picture("JPEG"))
    photo.Type, photo.Subtype, photo.Filter = pikepdf.Name.XObject, pikepdf.Name.Image, pikepdf.Name.DCTDecode
    photo.Width, photo.Height, photo.BitsPerComponent = 64, 48, 8
    photo.ColorSpace = pikepdf.Name.DeviceRGB
    pdf.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=photo))


def xfa_form(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm = pikepdf.Dictionary(XFA=pdf.make_stream(f"<xdp>{SCRIPT}</xdp>".encode()), Fields=[])


def locked_pdf(user: str) -> bytes:
    return paper(encryption=pikepdf.Encryption(user=user, owner="owner"))


def pdf_of_many_pages() -> bytes:
    return paper(pages=501)


def pdf_that_turns_in_circles() -> bytes:
    def change(pdf: pikepdf.Pdf) -> None:
        pages = pdf.Root.Pages
        pages.Kids.append(pages)

    return paper(change)


def box(name: bytes, *bodies: bytes) -> bytes:
    body = b"".join(bodies)
    return struct.pack(">I", len(body) + 8) + name + body


def track(handler: bytes, offset: int, size: int, reference: bytes | None = None) -> bytes:
    one = struct.pack(">II", 0, 1)
    table = box(
        b"stbl", box(b"stsd", struct.pack(">II", 0, 0)), box(b"stts", one, struct.pack(">II", 1, 1)),
        box(b"stsc", one, struct.pack(">III", 1, 1, 1)),
        box(b"stsz", struct.pack(">III", 0, 0, 1), struct.pack(">I", size)),
        box(b"stco", one, struct.pack(">I", offset)),
    )  # fmt: skip
    where = reference if reference is not None else box(b"url ", b"\0\0\0\1")
    return box(
        b"trak", box(b"tkhd", bytes(84)),
        box(b"mdia", box(b"mdhd", bytes(24)), box(b"hdlr", bytes(8), handler, bytes(12), AUTHOR.encode()),
            box(b"minf", box(b"dinf", box(b"dref", one, where)), table)),
    )  # fmt: skip


def film(
    brand: bytes = b"isom",
    handlers: tuple[bytes, ...] = (b"vide", b"soun"),
    *,
    moov: bytes = b"",
    top: bytes = b"",
    reference: bytes | None = None,
) -> bytes:
    """A video of some tracks, with metadata about place and person wherever phones and programs write it."""
    begin = box(b"ftyp", brand, bytes(4), brand)
    samples = [GPS.encode() if handler == b"meta" else bytes(len(GPS)) for handler in handlers]
    first = len(begin) + 8
    places = [first + sum(len(sample) for sample in samples[:number]) for number in range(len(samples))]
    tracks = [
        track(handler, place, len(sample), reference)
        for handler, place, sample in zip(handlers, places, samples, strict=True)
    ]
    return begin + box(b"mdat", *samples) + box(b"moov", box(b"mvhd", bytes(100)), *tracks, moov) + top


def told_film() -> bytes:
    place = box(b"udta", box(b"\xa9xyz", GPS.encode()), box(b"loci", AUTHOR.encode()))
    keys = box(b"meta", box(b"keys", b"com.apple.quicktime.location.ISO6709"), box(b"ilst", GPS.encode()))
    return film(moov=place + keys, top=box(b"uuid", bytes(16), f"{GPS} {AUTHOR}".encode()))


MP3_FRAME = b"\xff\xfb\x90\x00" + bytes(413)
AAC_FRAME = b"\xff\xf1\x50\x80\x02\x1f\xfc" + bytes(9)


def told_mp3() -> bytes:
    frame = b"TIT2" + struct.pack(">I", 20) + b"\0\0" + AUTHOR.encode().ljust(20, b"\0")
    label = b"ID3\x03\0\0" + bytes([0, 0, 0, len(frame)]) + frame
    ape_body = AUTHOR.encode()
    ape = ape_body + b"APETAGEX" + struct.pack("<IIII", 2000, len(ape_body) + 32, 1, 0) + bytes(8)
    return label + MP3_FRAME * 20 + ape + b"TAG" + AUTHOR.encode().ljust(125, b"\0")


def told_wav(size: int = 800) -> bytes:
    form = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
    list_ = b"LIST" + struct.pack("<I", 24) + b"INFOIART" + AUTHOR.encode().ljust(16, b"\0")
    body = b"WAVE" + form + list_ + b"data" + struct.pack("<I", size) + bytes(size)
    return b"RIFF" + struct.pack("<I", len(body)) + body + GPS.encode()


def many_boxes() -> bytes:
    return film(moov=box(b"free") * 60_000)


def deep_boxes() -> bytes:
    inner = b""
    for _ in range(200):
        inner = box(b"trak", inner)
    return film(moov=box(b"edts", inner))


def link_out(kind: str, target: str = f"http://{SCRIPT}.example/") -> str:
    return f'<Relationship Id="rId9" Type="{R}/{kind}" Target="{target}" TargetMode="External"/>'


def entity_bomb() -> bytes:
    """XML entity expansion bomb ("billion laughs")."""
    rows = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    text = f'<!DOCTYPE a [<!ENTITY a0 "ha">{rows}]><a>&a9;</a>'
    return word({"word/document.xml": text.encode()})


def xxe(encoding: str = "utf-8") -> bytes:
    text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    return word({"word/document.xml": text.encode(encoding)})


def with_macros() -> bytes:
    types = word_parts()["[Content_Types].xml"].replace(
        MIME.encode() + b"wordprocessingml.document.main+xml",
        b"application/vnd.ms-word.document.macroEnabled.main+xml",
    )
    return word({"[Content_Types].xml": types, "word/vbaProject.bin": b"\xd0\xcf\x11\xe0"})


HTML = f"<!DOCTYPE html><html><script>{SCRIPT}</script></html>".encode()
PHP = f"<?php system('{SCRIPT}'); ?>".encode()
JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
DOCX, XLSX = f"{MIME}wordprocessingml.document", f"{MIME}spreadsheetml.sheet"

SET: dict[str, Sent] = {
    # bombs
    "png of 177 million pixels": Sent(png_bomb, UnfitReason.PIXELS),
    "png that inflates to more than it says": Sent(png_that_lies, PNG),
    "png with a text of 60 MB": Sent(text_bomb, UnfitReason.DAMAGED),
    "gif of 3000 frames": Sent(gif_of_many_frames, PNG),
    "gif that says 65535 x 65535": Sent(
        lambda: b"GIF89a\xff\xff\xff\xff\x00\x00\x00" + b";", UnfitReason.DAMAGED
    ),
    "jpeg of 1 x 5000": Sent(lambda: picture(size=(1, 5000)), UnfitReason.RATIO),
    "png of 20000 x 10": Sent(lambda: picture("PNG", (20_000, 10)), UnfitReason.RATIO),
    "webp of 16000 x 16": Sent(lambda: picture("WEBP", (16_000, 16)), UnfitReason.RATIO),
    "zip bomb": Sent(lambda: zip_of({"a": bytes(200 * MB)}), UnfitReason.INFLATED),
    "zip in a zip": Sent(lambda: zip_of({"a.zip": zip_of({"b": b"1"})}), UnfitReason.ARCHIVE),
    "xlsx with 448 MB of strings": Sent(shared_strings_bomb, UnfitReason.INFLATED),
    "docx whose directory lies": Sent(lying_sizes, UnfitReason.DAMAGED),
    "docx whose entries are one": Sent(overlapping, UnfitReason.UNSAFE),
    "docx of 600 parts": Sent(many_entries, UnfitReason.INFLATED),
    "docx with a billion laughs": Sent(entity_bomb, UnfitReason.UNSAFE),
    "pdf of 501 pages": Sent(pdf_of_many_pages, UnfitReason.PAGES),
    "mp4 of 60000 boxes": Sent(many_boxes, UnfitReason.DAMAGED),
    "21 MB": Sent(lambda: picture() + bytes(21 * MB), UnfitReason.TOO_BIG),
    # valid as two formats at once
    "gif and jar": Sent(lambda: picture("GIF") + zip_of({"A.class": SCRIPT.encode()}), PNG),
    "pdf and zip": Sent(lambda: paper() + zip_of({"a": SCRIPT.encode() * 500}), PDF),
    "jpeg and html": Sent(lambda: picture() + HTML, JPEG),
    "jpeg with html in its comment": Sent(lambda: picture(comment=HTML), JPEG),
    "png and php": Sent(lambda: picture("PNG") + PHP, PNG),
    "docx behind a program": Sent(lambda: b"MZ" + bytes(100) + word(), UnfitReason.PROGRAM),
    "docx behind a zip": Sent(lambda: b"PK\x03\x04" + bytes(60) + word(), UnfitReason.UNSAFE),
    "wav and html": Sent(lambda: told_wav()[:-16] + HTML, UnfitReason.DAMAGED),
    "mp4 with html in free": Sent(lambda: film(moov=box(b"free", HTML)), "video/mp4"),
    # truncated or broken
    "half a jpeg": Sent(lambda: picture(size=(640, 480))[:2000], UnfitReason.DAMAGED),
    "half a png": Sent(lambda: picture("PNG", (640, 480))[:300], UnfitReason.DAMAGED),
    "half a webp": Sent(lambda: picture("WEBP", (640, 480))[:200], UnfitReason.DAMAGED),
    "half a gif": Sent(lambda: picture("GIF", (640, 480))[:300], UnfitReason.DAMAGED),
    "half a pdf": Sent(lambda: paper(pages=20)[:-400], UnfitReason.DAMAGED),
    "half a docx": Sent(lambda: word()[:-200], UnfitReason.DAMAGED),
    "half an mp4": Sent(lambda: told_film()[:-30], UnfitReason.DAMAGED),
    "half a wav": Sent(lambda: told_wav()[:400], UnfitReason.DAMAGED),
    "jpeg of three bytes": Sent(lambda: b"\xff\xd8\xff", UnfitReason.DAMAGED),
    "png with a wrong checksum": Sent(
        lambda: picture("PNG")[:30] + b"0000" + picture("PNG")[34:], UnfitReason.DAMAGED
    ),
    "mp3 of one frame": Sent(lambda: MP3_FRAME, UnfitReason.DAMAGED),
    "mp3 with a label larger than itself": Sent(
        lambda: b"ID3\x03\0\0\x7f\x7f\x7f\x7f" + MP3_FRAME, UnfitReason.DAMAGED
    ),
    "mp4 whose box is larger than it": Sent(lambda: film() + b"\0\xff\xff\xffmdat", UnfitReason.DAMAGED),
    "mp4 of boxes in boxes": Sent(deep_boxes, UnfitReason.UNSAFE),
    "mp4 without a film": Sent(lambda: box(b"ftyp", b"isom") + box(b"mdat", b"1"), UnfitReason.DAMAGED),
    "pdf that turns in circles": Sent(pdf_that_turns_in_circles, UnfitReason.DAMAGED),
    "pdf of its first line": Sent(lambda: b"%PDF-1.7\n", UnfitReason.DAMAGED),
    "nothing": Sent(lambda: b"", UnfitReason.EMPTY),
    "one byte": Sent(lambda: b"\xff", UnfitReason.UNKNOWN),
    "zeros": Sent(lambda: bytes(1000), UnfitReason.UNKNOWN),
    # another format than the name says
    "html called jpg": Sent(lambda: HTML, UnfitReason.WEB),
    "html in utf-16": Sent(lambda: HTML.decode().encode("utf-16"), UnfitReason.WEB),
    "svg with a script": Sent(lambda: f'<svg onload="{SCRIPT}"/>'.encode(), UnfitReason.WEB, "图.svg"),
    "svg behind a space": Sent(lambda: b"\n  <?xml version='1.0'?><svg/>", UnfitReason.WEB),
    "program of Windows": Sent(lambda: b"MZ\x90\0" + bytes(500), UnfitReason.PROGRAM, "照片.jpg"),
    "program of Linux": Sent(lambda: b"\x7fELF\x02" + bytes(500), UnfitReason.PROGRAM),
    "shell script": Sent(lambda: b"#!/bin/sh\nrm -rf /\n", UnfitReason.PROGRAM),
    "old doc": Sent(
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), UnfitReason.OLD_OFFICE, "报告.docx"
    ),
    "rtf": Sent(lambda: b"{\\rtf1 a}", UnfitReason.OLD_OFFICE),
    "rar": Sent(lambda: b"Rar!\x1a\x07\0", UnfitReason.ARCHIVE),
    "gzip": Sent(lambda: b"\x1f\x8b\x08" + bytes(20), UnfitReason.ARCHIVE),
    "heic": Sent(lambda: box(b"ftyp", b"heic", bytes(4)), UnfitReason.HEIC, "IMG_1.heic"),
    "plain text": Sent(lambda: "路灯坏了".encode(), UnfitReason.UNKNOWN, "说明.txt"),
    "png called pdf": Sent(lambda: picture("PNG"), PNG, "报告.pdf"),
    # documents with active content or metadata
    "docx that reads a file": Sent(xxe, UnfitReason.UNSAFE),
    "docx that reads a file, in utf-16": Sent(lambda: xxe("utf-16"), UnfitReason.UNSAFE),
    "docx with macros": Sent(with_macros, UnfitReason.MACROS),
    "docx with an object": Sent(
        lambda: word({"word/embeddings/oleObject1.bin": b"\xd0\xcf"}), UnfitReason.EMBEDDED
    ),
    "docx with a program as picture": Sent(
        lambda: word({"word/media/image1.emf": b"MZ\x90"}), UnfitReason.EMBEDDED
    ),
    "docx with ActiveX": Sent(lambda: word({"word/activeX/activeX1.bin": b"1"}), UnfitReason.MACROS),
    "docx with a template from outside": Sent(lambda: word(relations=link_out("attachedTemplate")), DOCX),
    "docx with a frame from outside": Sent(lambda: word(relations=link_out("frame")), UnfitReason.EXTERNAL),
    "docx with a picture from outside": Sent(lambda: word(relations=link_out("image")), UnfitReason.EXTERNAL),
    "docx with a link": Sent(lambda: word(relations=link_out("hyperlink")), DOCX),
    "docx that starts a program": Sent(
        lambda: word(
            body=f"<w:r><w:instrText>DDE</w:instrText><w:instrText>AUTO {SCRIPT}</w:instrText></w:r>"
        ),
        UnfitReason.EXTERNAL,
    ),
    "docx with html inside": Sent(lambda: word({"word/afchunk.html": HTML}), UnfitReason.EMBEDDED),
    "docx that climbs out": Sent(lambda: word({"word/../../etc/passwd": b"1"}), UnfitReason.UNSAFE),
    "docx with a path from the root": Sent(lambda: word({"/etc/passwd": b"1"}), UnfitReason.UNSAFE),
    "docx with a link to a file": Sent(
        lambda: changed_entry(lambda entry: setattr(entry, "external_attr", 0o120777 << 16)),
        UnfitReason.UNSAFE,
    ),
    "docx with a part twice": Sent(twice_named, UnfitReason.UNSAFE),
    "docx under a password": Sent(locked_zip, UnfitReason.ENCRYPTED),
    "docx that names its author": Sent(
        lambda: word(
            {
                "word/media/image1.jpg": told_picture("JPEG"),
                "word/media/image2.png": told_picture("PNG"),
                "docProps/custom.xml": f"<a>{AUTHOR}</a>".encode(),
                "customXml/item1.xml": f"<a>{GPS}</a>".encode(),
                "word/people.xml": f"<a>{AUTHOR}</a>".encode(),
            },
            body=f'<w:ins w:author="{AUTHOR}"><w:r/></w:ins>',
        ),
        DOCX,
    ),  # fmt: skip
    "xlsx that names its author": Sent(sheet, XLSX),
    "xlsx with another's sheets": Sent(
        lambda: sheet({"xl/externalLinks/externalLink1.xml": b"<a/>"}), UnfitReason.EXTERNAL
    ),
    "pdf with a script": Sent(lambda: paper(runs_script), PDF),
    "pdf that starts a program": Sent(launches, PDF),
    "pdf with a link": Sent(points_outside, PDF),
    "pdf with a script behind a jump": Sent(chained, PDF),
    "pdf with a file inside": Sent(lambda: paper(carries_files), PDF),
    "pdf with a form of scripts": Sent(lambda: paper(xfa_form), PDF),
    "pdf that names its author": Sent(lambda: paper(tells_of_author), PDF),
    "pdf with a photograph that tells where": Sent(lambda: paper(holds_photograph), PDF),
    "pdf under a password": Sent(lambda: locked_pdf("secret"), UnfitReason.ENCRYPTED),
    "pdf under an empty password": Sent(lambda: locked_pdf(""), UnfitReason.ENCRYPTED),
    # metadata about places and persons
    "jpeg that tells where": Sent(lambda: told_picture("JPEG"), JPEG),
    "png that tells where": Sent(lambda: told_picture("PNG"), PNG),
    "webp that tells where": Sent(lambda: told_picture("WEBP"), JPEG),
    "mp4 that tells where": Sent(told_film, "video/mp4"),
    "mov that tells where": Sent(lambda: film(b"qt  ", (b"vide", b"meta")), "video/quicktime"),
    "m4a": Sent(lambda: film(b"M4A ", (b"soun",)), "audio/mp4"),
    "mp4 with media elsewhere": Sent(
        lambda: film(reference=box(b"url ", b"\0\0\0\0", b"http://a.example/")), UnfitReason.EXTERNAL
    ),
    "mp3 that names its singer": Sent(told_mp3, "audio/mpeg"),
    "aac": Sent(lambda: AAC_FRAME * 20, "audio/aac"),
    "wav that names its singer": Sent(lambda: told_wav()[: -len(GPS)], "audio/wav"),
    # names
    "a name that turns the line": Sent(picture, JPEG, "照片\u202egpj.exe"),
    "a name with a zero": Sent(picture, JPEG, "a\0.jpg"),
    "a name of 500 letters": Sent(picture, JPEG, "长" * 500 + ".jpg"),
    "a name of pictures": Sent(picture, JPEG, "🙂🏮.jpg"),
    "a name that climbs out": Sent(picture, JPEG, "../../etc/passwd"),
    "no name": Sent(picture, JPEG, " "),
}


def refused() -> Iterator[tuple[str, Sent]]:
    return ((name, sent) for name, sent in SET.items() if isinstance(sent.answer, UnfitReason))
