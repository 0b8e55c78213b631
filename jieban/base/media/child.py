"""The child process that decodes one file: python -m jieban.base.media.child KIND, bytes in, answer out.

It first takes away from itself what it does not need: memory, time, other processes, files of any size, a
core. Whatever a wicked file makes of a decoder ends here. No Django, no keys, no settings, no environment.
"""

import importlib
import json
import resource
import struct
import sys
from typing import Any

from jieban.base.media.refusals import UnfitFile, UnfitReason

MOST_MEMORY = 512 * 1024 * 1024  # bytes of addresses
MOST_SECONDS = 10
READERS = {
    "jpeg": ("images", "clean"), "png": ("images", "clean"), "gif": ("images", "clean"),
    "webp": ("images", "clean"), "pdf": ("pdf", "clean"), "zip": ("office", "clean"),
    "iso": ("mp4_boxes", "clean"), "mp3": ("audio", "mp3"), "aac": ("audio", "aac"), "wave": ("audio", "wav"),
}  # fmt: skip


def limit() -> None:
    """Takes effect for good; done before anything of the file is read."""
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 32),
    ):
        resource.setrlimit(what, (most, most))


def read(kind: str, content: bytes) -> tuple[dict[str, Any], bytes, bytes]:
    """The answer: what it is or why it is refused, the cleaned bytes, the small copy."""
    module, function = READERS[kind]
    clean = getattr(importlib.import_module(f"jieban.base.media.{module}"), function)
    try:
        found = clean(content, kind) if module == "images" else clean(content)
    except UnfitFile as unfit:
        return {"why": unfit.why.value}, b"", b""
    except (MemoryError, RecursionError):
        return {"why": UnfitReason.UNSAFE.value}, b"", b""
    told = {
        "kind": found.kind, "media_type": found.media_type, "width": found.width, "height": found.height,
    }  # fmt: skip
    return told, found.content, found.thumb


def main() -> None:
    limit()
    told, content, thumb = read(sys.argv[1], sys.stdin.buffer.read())
    head = json.dumps(told).encode()
    out = sys.stdout.buffer
    out.write(struct.pack(">III", len(head), len(content), len(thumb)) + head)
    out.write(content)
    out.write(thumb)
    out.flush()


if __name__ == "__main__":
    main()
