"""Sanitizer for Word, Excel and PowerPoint (OOXML): rebuilds the document from an allow-list of parts."""

import posixpath
import re
from xml.etree import ElementTree
from xml.parsers import expat

from jieban.base.media import audio, image_segments, mp4_boxes, zip_entries
from jieban.base.media.file_kinds import CleanedFile
from jieban.base.media.refusals import UnfitFile, UnfitReason

TYPES, CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types", "[Content_Types].xml"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "application/vnd.openxmlformats-officedocument."
MAIN = {
    f"{OFFICE}wordprocessingml.document.main+xml": f"{OFFICE}wordprocessingml.document",
    f"{OFFICE}spreadsheetml.sheet.main+xml": f"{OFFICE}spreadsheetml.sheet",
    f"{OFFICE}presentationml.presentation.main+xml": f"{OFFICE}presentationml.presentation",
    f"{OFFICE}presentationml.slideshow.main+xml": f"{OFFICE}presentationml.presentation",
}
FOLDERS = ("word/", "xl/", "ppt/", "_rels/", "docProps/core.xml", "docProps/app.xml", CONTENT_TYPES)
# Dropped with their relations: authors, data of other programs, printers, thumbnails of the first page.
LEFT_OUT = re.compile(
    r"(?:customXml|docProps|docMetadata|_xmlsignatures)/|word/people\.xml|xl/persons/|.*printerSettings"
)
MACROS = re.compile(
    r"macroenabled|vbaproject|vbadata|activex|ms-office\.(?:script|intelligent)", re.IGNORECASE
)
EMBEDDED = re.compile(r"embeddings/|oleobject|\.package\b|afchunk|control\+xml", re.IGNORECASE)
FONTS = (".odttf", ".fntdata", ".ttf")
PICTURES = (".gif", ".emf", ".wmf", ".bmp", ".wdp")
MOVIES = (".mp4", ".m4v", ".mov", ".m4a")
# Fields of Word that fetch something or start a program.
FETCHING_FIELDS = re.compile(
    r"\b(?:DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK|DATABASE|AUTOTEXT)\b", re.IGNORECASE
)
# Authors' names and paths of their machines, in parts that stay.
AUTHOR_ATTRIBUTES = (
    (re.compile(rb'(\s(?:w:author|w:initials|w15:author|userName|lastEditedUser)=)"[^"]*"'), rb'\1""'),
    (re.compile(rb"<((?:\w+:)?author)>[^<]*</"), rb"<\1></"),
    (re.compile(rb'(<(?:\w+:)?cmAuthor\b[^>]*?\sname=)"[^"]*"'), rb'\1""'),
    (re.compile(rb'(<(?:\w+:)?cmAuthor\b[^>]*?\sinitials=)"[^"]*"'), rb'\1""'),
    (re.compile(rb'(<x15ac:absPath\b[^>]*?\surl=)"[^"]*"'), rb'\1""'),
    (re.compile(rb"<(?:\w+:)?attachedTemplate\b[^>]*/>"), b""),
    (re.compile(rb'(<(?:\w+:)?pageSetup\b[^>]*?)\s\w+:id="[^"]*"'), rb"\1"),
)
CORE = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties xmlns:cp='
    b'"http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
)
APP = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns='
    b'"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>'
)
NO_DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
PROPERTIES = {"docProps/core.xml": CORE, "docProps/app.xml": APP}


def clean(content: bytes) -> CleanedFile:
    """Removes macros, objects, external content and authors' names from a document. Raises UnfitFile."""
    parts = zip_entries.entries(content)
    if CONTENT_TYPES not in parts:
        raise UnfitFile(UnfitReason.ARCHIVE)
    for name, part in parts.items():
        if name.endswith((".xml", ".rels", ".vml")) or name == CONTENT_TYPES:
            _check_xml(part)
    types = _parse_xml(parts[CONTENT_TYPES])
    media_type = _main_type(types)
    _refuse_active_content(parts, types)
    allowed = {name: part for name, part in parts.items() if _is_allowed_part(name)}
    cleaned = {name: _clean_part(name, part) for name, part in allowed.items()}
    for name in cleaned:
        if name.endswith(".rels"):
            cleaned[name] = _clean_relations(name, cleaned[name], set(cleaned))
    cleaned[CONTENT_TYPES] = _clean_content_types(types, set(cleaned))
    return CleanedFile("document", media_type, zip_entries.zip_of(cleaned))


def _check_xml(part: bytes) -> None:
    """Checks a part: well formed, no DTD, no entities, no field that fetches. Raises UnfitFile."""
    parser = expat.ParserCreate()
    words: list[str] = []
    inside = [0]

    def refuse(*_what: object) -> None:
        raise UnfitFile(UnfitReason.UNSAFE)

    def begin(name: str, attributes: dict[str, str]) -> None:
        if name.endswith("instrText"):
            inside[0] += 1
        if name.endswith("fldSimple"):
            words.extend([" ", *attributes.values()])
        if name.endswith("fldChar"):
            words.append(" ")

    def end(name: str) -> None:
        if name.endswith("instrText"):
            inside[0] -= 1

    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = lambda text: words.append(text) if inside[0] else None
    try:
        parser.Parse(part, True)
    except expat.ExpatError:
        raise UnfitFile(UnfitReason.DAMAGED) from None
    if FETCHING_FIELDS.search("".join(words)):
        raise UnfitFile(UnfitReason.EXTERNAL)


def _parse_xml(part: bytes) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(part)  # noqa: S314 - checked before: there is no DTD
    except ElementTree.ParseError:
        raise UnfitFile(UnfitReason.DAMAGED) from None


def _main_type(types: ElementTree.Element) -> str:
    told = [entry.get("ContentType", "") for entry in types]
    if any(MACROS.search(name) for name in told):
        raise UnfitFile(UnfitReason.MACROS)
    found = {MAIN[name] for name in told if name in MAIN}
    if len(found) != 1:
        raise UnfitFile(UnfitReason.UNKNOWN)
    return found.pop()


def _refuse_active_content(parts: dict[str, bytes], types: ElementTree.Element) -> None:
    told = [entry.get("ContentType", "") for entry in types.iter(f"{{{TYPES}}}Override")]
    if any(MACROS.search(name) for name in parts):
        raise UnfitFile(UnfitReason.MACROS)
    if any(EMBEDDED.search(name) for name in [*parts, *told]):
        raise UnfitFile(UnfitReason.EMBEDDED)
    if any("externalLinks/" in name for name in parts):
        raise UnfitFile(UnfitReason.EXTERNAL)


def _is_allowed_part(name: str) -> bool:
    return name.startswith(FOLDERS) and (name in PROPERTIES or not LEFT_OUT.match(name))


def _clean_part(name: str, part: bytes) -> bytes:
    """Sanitizes one part. Raises UnfitFile for content that no document needs."""
    ending = "." + name.rsplit(".", 1)[-1].lower()  # of "_rels/.rels", too
    if name in PROPERTIES:
        return PROPERTIES[name]
    if ending in {".xml", ".rels", ".vml"}:
        for pattern, instead in AUTHOR_ATTRIBUTES:
            part = pattern.sub(instead, part)
        return part
    if ending in {".jpg", ".jpeg"}:
        return image_segments.jpeg(part)
    if ending == ".png":
        return image_segments.png(part)
    if ending == ".svg":
        return NO_DRAWING  # each has a picture beside it
    if ending in MOVIES:
        return mp4_boxes.clean(part).content
    if ending in {".mp3", ".wav"}:
        return (audio.mp3(part) if ending == ".mp3" else audio.wav(part)).content
    if ending in FONTS + PICTURES and not part.startswith((b"MZ", b"\x7fELF", b"PK")):
        return part
    raise UnfitFile(UnfitReason.EMBEDDED)


def _clean_relations(name: str, part: bytes, kept: set[str]) -> bytes:
    """Relations of a part: only to parts that stayed. Links lose their target; external content is refused."""
    tree = _parse_xml(part)
    folder, file = posixpath.split(name)
    base = posixpath.dirname(folder)  # word/_rels/document.xml.rels is about word/document.xml
    for relation in list(tree):
        kind = relation.get("Type", "").rsplit("/", 1)[-1]
        if relation.get("TargetMode", "").lower() == "external":
            if kind == "attachedTemplate":
                tree.remove(relation)
            elif kind == "hyperlink":
                relation.set("Target", "about:blank")
            else:
                raise UnfitFile(UnfitReason.EXTERNAL)
        elif kind == "oleObject" or kind == "package" or kind == "aFChunk":
            raise UnfitFile(UnfitReason.EMBEDDED)
        elif _target(base, relation.get("Target", "")) not in kept and not relation.get(
            "Target", ""
        ).startswith("#"):
            tree.remove(relation)
    ElementTree.register_namespace("", RELATIONS)
    return bytes(ElementTree.tostring(tree, encoding="UTF-8", xml_declaration=True))


def _target(base: str, target: str) -> str:
    target = target.split("#")[0]
    return target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(base, target))


def _clean_content_types(types: ElementTree.Element, kept: set[str]) -> bytes:
    for entry in list(types):
        part = entry.get("PartName", "")
        if part and part.lstrip("/") not in kept:
            types.remove(entry)
    ElementTree.register_namespace("", TYPES)
    return bytes(ElementTree.tostring(types, encoding="UTF-8", xml_declaration=True))
