"""Sanitizer for PDF: rewritten by qpdf, without active content and without metadata of the author."""

import io
from typing import Any

import pikepdf

from jieban.base.media import image_segments
from jieban.base.media.file_kinds import CleanedFile
from jieban.base.media.refusals import UnfitFile, UnfitReason

MOST_PAGES = 500
DEEPEST = 50
# Keys that start something, carry another file, or tell of persons and programs.
DROPPED = frozenset({
    "/AA", "/OpenAction", "/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/AF", "/Metadata", "/PieceInfo",
    "/XFA", "/Collection", "/RichMediaContent", "/RichMediaSettings", "/LastModified", "/SpiderInfo",
    "/Requirements", "/Legal", "/Perms", "/DSS", "/GTS_PDFA1", "/3DD", "/Renditions", "/AlternatePresentations",
})  # fmt: skip
ACTIONS = frozenset({
    "/JavaScript", "/Launch", "/URI", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition",
    "/RichMediaExecute", "/Sound", "/Movie", "/Thread", "/GoTo3DView", "/ResetForm", "/GoToDp",
})  # fmt: skip
HARMLESS = frozenset({"/GoTo", "/Named"})
ANNOTATIONS = frozenset(
    {"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D", "/Projection"}
)
ANNOTATION_METADATA = ("/T", "/M", "/CreationDate", "/NM", "/RC", "/Popup")  # who wrote a note, and when
BROKEN = (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RuntimeError, RecursionError)


def clean(content: bytes) -> CleanedFile:
    """Rewrites the pages alone. Raises UnfitFile."""
    try:
        with pikepdf.open(io.BytesIO(content), attempt_recovery=False, suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise UnfitFile(UnfitReason.ENCRYPTED)
            return _rewrite(pdf)
    except pikepdf.PasswordError:
        raise UnfitFile(UnfitReason.ENCRYPTED) from None
    except BROKEN:
        raise UnfitFile(UnfitReason.DAMAGED) from None


def _rewrite(pdf: pikepdf.Pdf) -> CleanedFile:
    count = len(pdf.pages)
    if not count:
        raise UnfitFile(UnfitReason.DAMAGED)
    if count > MOST_PAGES:
        raise UnfitFile(UnfitReason.PAGES)
    if "/URI" in pdf.Root:
        del pdf.Root["/URI"]
    for thing in pdf.objects:
        _scrub(thing, 0)
    for name in ("/Info", "/ID"):
        if name in pdf.trailer:
            del pdf.trailer[name]
    out = io.BytesIO()
    pdf.remove_unreferenced_resources()
    pdf.save(
        out, fix_metadata_version=False, compress_streams=False, deterministic_id=True,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
    )  # fmt: skip
    return CleanedFile("document", "application/pdf", out.getvalue())


def _scrub(thing: Any, depth: int) -> None:
    """Removes forbidden keys from an object and from those nested in it."""
    if depth > DEEPEST:
        raise UnfitFile(UnfitReason.UNSAFE)
    if isinstance(thing, pikepdf.Array):
        _scrub_list(thing, depth)
    elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        _scrub_keys(thing, depth)
        if isinstance(thing, pikepdf.Stream):
            _scrub_picture(thing)


def _scrub_list(thing: Any, depth: int) -> None:
    for place in range(len(thing) - 1, -1, -1):
        value = thing[place]
        if _is_active_action("", value) or _is_attachment_annotation(value):
            del thing[place]
        elif not getattr(value, "is_indirect", False):
            _scrub(value, depth + 1)


def _scrub_keys(thing: Any, depth: int) -> None:
    note = thing.get("/Subtype") is not None and "/Rect" in thing and thing.get("/Subtype") != "/Widget"
    for key in list(thing.keys()):
        value = thing[key]
        if key in DROPPED or (note and key in ANNOTATION_METADATA) or _is_active_action(key, value):
            del thing[key]
        elif not getattr(value, "is_indirect", False):
            _scrub(value, depth + 1)


def _is_active_action(key: str, value: Any) -> bool:
    """Whether the value is an action other than going to a page of this document."""
    if isinstance(value, pikepdf.Array) and key == "/Next":
        return True
    if not isinstance(value, pikepdf.Dictionary):
        return False
    does = value.get("/S")
    if not isinstance(does, pikepdf.Name):
        return False
    return str(does) in ACTIONS or (key in {"/A", "/PA"} and str(does) not in HARMLESS)


def _is_attachment_annotation(value: Any) -> bool:
    return isinstance(value, pikepdf.Dictionary) and str(value.get("/Subtype", "")) in ANNOTATIONS


def _scrub_picture(stream: Any) -> None:
    """Removes the metadata, such as the location, of a photograph in the document."""
    found = stream.get("/Filter")
    filters = [str(name) for name in found] if isinstance(found, pikepdf.Array) else [str(found)]
    if filters == ["/DCTDecode"]:
        stream.write(
            image_segments.jpeg(stream.read_raw_bytes()),
            filter=found,
            decode_parms=stream.get("/DecodeParms"),
        )
