"""Reading the bytes of a document. Who may is decided by the rules of what it is attached to."""

from dataclasses import dataclass

from jieban.base import filestore, vault
from jieban.registry.models import Document, DocumentBody


@dataclass(frozen=True, slots=True)
class DocumentContent:
    """A document's bytes; the name tells nothing of whoever brought it. `harmless`: a picture written anew here."""

    name: str
    media_type: str
    content: bytes
    harmless: bool = False


EXTENSIONS = {
    "image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf", "audio/mpeg": "mp3", "audio/wav": "wav",
    "audio/mp4": "m4a", "audio/aac": "aac", "video/mp4": "mp4", "video/quicktime": "mov",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
}  # fmt: skip


def content_of(document: Document, name: str) -> DocumentContent | None:
    """What is stored, under a name without ending; None when it was erased."""
    if document.erased:
        return None
    extension = EXTENSIONS.get(document.media_type, "bin")
    harmless = document.file.width is not None
    return DocumentContent(f"{name}.{extension}", document.media_type, read_bytes(document), harmless)


def small_copy_of(document: Document, name: str) -> DocumentContent | None:
    """The small copy of a picture; None when there is none."""
    if not document.file.thumb:
        return None
    content = filestore.read(document.file.thumb)
    return DocumentContent(f"{name}-small.jpg", "image/jpeg", content, harmless=True)


def read_bytes(document: Document) -> bytes:
    """The bytes of a document that was not erased. Raises Refused and Unreadable."""
    file = document.file
    return filestore.read(file.name) if file.name else unseal_body(file.body)


def unseal_body(body: DocumentBody) -> bytes:
    """The bytes of a document from before files."""
    return vault.unseal(body.sealed, "attachment").encode("latin-1")
