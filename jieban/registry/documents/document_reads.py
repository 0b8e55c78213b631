"""Reading of documents. Permission is checked by the rules of the entity they are attached to."""

from dataclasses import dataclass

from jieban.base import filestore, vault
from jieban.registry.models import Document, DocumentBody


@dataclass(frozen=True, slots=True)
class DocumentContent:
    """Bytes of a document, with a name that does not identify its uploader.

    `harmless`: an image that was encoded anew here.
    """

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
    """Content of a document, under a name without extension; None after its erasure."""
    if document.erased:
        return None
    extension = EXTENSIONS.get(document.media_type, "bin")
    harmless = document.file.width is not None
    return DocumentContent(f"{name}.{extension}", document.media_type, read_bytes(document), harmless)


def small_copy_of(document: Document, name: str) -> DocumentContent | None:
    """Thumbnail of an image; None without one."""
    if not document.file.thumb:
        return None
    content = filestore.read(document.file.thumb)
    return DocumentContent(f"{name}-small.jpg", "image/jpeg", content, harmless=True)


def read_bytes(document: Document) -> bytes:
    """Bytes of a document that is not erased. Raises Refused and Unreadable."""
    file = document.file
    return filestore.read(file.name) if file.name else unseal_body(file.body)


def unseal_body(body: DocumentBody) -> bytes:
    """Bytes of a document stored in the database, as before files."""
    return vault.unseal(body.sealed, "attachment").encode("latin-1")
