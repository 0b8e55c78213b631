"""Sandboxed child process that decodes one file: python -m jieban.base.media.child KIND, bytes in, answer out.

It first limits itself (rlimits): memory, time, other processes, file sizes, core dumps. So an exploited decoder can do
no harm outside. No Django, no keys, no settings, no environment.
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
    """Sets the resource limits, for good, before anything of the file is read."""
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
    """The answer: type or reason of refusal, the sanitized bytes, the thumbnail."""
    module, function = READERS[kind]
    clean = getattr(importlib.import_module(f"jieban.base.media.{module}"), function)
    try:
        found = clean(content, kind) if module == "images" else clean(content)
    except UnfitFile as unfit:
        return {"why": unfit.why.value}, b"", b""
    except (MemoryError, RecursionError):
        return {"why": UnfitReason.UNSAFE.value}, b"", b""
    header = {
        "kind": found.kind, "media_type": found.media_type, "width": found.width, "height": found.height,
    }  # fmt: skip
    return header, found.content, found.thumb


def main() -> None:
    limit()
    header, content, thumb = read(sys.argv[1], sys.stdin.buffer.read())
    head = json.dumps(header).encode()
    out = sys.stdout.buffer
    out.write(struct.pack(">III", len(head), len(content), len(thumb)) + head)
    out.write(content)
    out.write(thumb)
    out.flush()


if __name__ == "__main__":
    main()
