"""Entry point for uploads: type by content, sanitized in a child process, or refused with a sentence."""

import hashlib
import json
import logging
import struct
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import BoundedSemaphore

from django.utils.translation import gettext_lazy as _

from jieban.base.errors import Invalid, TooManyAttempts
from jieban.base.media.file_kinds import CleanedFile, kind_of
from jieban.base.media.refusals import UnfitFile, UnfitReason

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[3]
CHILD = "jieban.base.media.child"
MOST_SECONDS = 10  # of wall time; the child limits its processor time itself
MOST_CHILDREN = 2  # at the same time, per process of the platform
MOST_WAIT = 20  # seconds for a child to become free
HEAD = 12
CACHED_BYTES, CACHE_SIZE = 64 * 1024, 64

REFUSAL_MESSAGES = {
    UnfitReason.EMPTY: _("文件是空的。请重新选择后再上传。"),
    UnfitReason.TOO_BIG: _("文件不能超过 20 MB。请压缩或拆分后再上传。"),
    UnfitReason.UNKNOWN: _("不能识别这种文件。请转成 PDF 或照片后再上传。"),
    UnfitReason.PROGRAM: _("不能上传程序文件。请转成 PDF 或照片后再上传。"),
    UnfitReason.WEB: _("不能上传网页、SVG 或脚本文件。请转成 PDF 或照片后再上传。"),
    UnfitReason.ARCHIVE: _("不能上传压缩包。请解压后逐个上传，或转成 PDF 或照片后再上传。"),
    UnfitReason.OLD_OFFICE: _("不能上传旧版 Office 文件。请另存为新版格式，或转成 PDF 或照片后再上传。"),
    UnfitReason.HEIC: _("不能上传 HEIC 或 AVIF 照片。请转成 JPEG 照片后再上传。"),
    UnfitReason.DAMAGED: _("文件已损坏或不完整，无法打开。请重新导出或拍照后再上传。"),
    UnfitReason.PIXELS: _("照片太大，不能超过 4000 万像素。请缩小后再上传。"),
    UnfitReason.RATIO: _("照片过于细长。请裁剪或分成几张后再上传。"),
    UnfitReason.ENCRYPTED: _("文件设有密码。请去掉密码后再上传。"),
    UnfitReason.MACROS: _("文件含有宏或控件。请另存为不含宏的文件，或转成 PDF 后再上传。"),
    UnfitReason.EMBEDDED: _("文件里嵌有其他文件。请去掉嵌入的内容，或转成 PDF 后再上传。"),
    UnfitReason.EXTERNAL: _("文件会从外部读取内容。请断开外部链接，或转成 PDF 后再上传。"),
    UnfitReason.INFLATED: _("文件展开后太大。请拆分，或转成 PDF 后再上传。"),
    UnfitReason.PAGES: _("PDF 不能超过 500 页。请拆分后再上传。"),
    UnfitReason.UNSAFE: _("文件无法安全打开。请转成 PDF 或照片后再上传。"),
}
_children = BoundedSemaphore(MOST_CHILDREN)


@dataclass(frozen=True, slots=True)
class AcceptedFile:
    """Sanitized file: its type, its bytes, and the digests (hexadecimal SHA-256) before and after."""

    kind: str  # photo, document, audio, video
    media_type: str
    content: bytes
    original_sha256: str
    sha256: str
    width: int | None
    height: int | None
    thumb: bytes  # a small JPEG of a photograph, else empty


def accept(content: bytes, name: str = "") -> AcceptedFile:
    """Sanitizes a file. The name is shown in a refusal and decides nothing.

    Raises Invalid with a sentence that says what to do, and TooManyAttempts when all children are busy.
    """
    try:
        kind = kind_of(content)
        found = (_decode_cached if len(content) <= CACHED_BYTES else _decode_in_child)(kind, content)
    except UnfitFile as unfit:
        raise refusal(unfit.why, name) from None
    return AcceptedFile(
        found.kind, found.media_type, found.content, hashlib.sha256(content).hexdigest(),
        hashlib.sha256(found.content).hexdigest(), found.width, found.height, found.thumb,
    )  # fmt: skip


def refusal(why: UnfitReason, name: str = "") -> Invalid:
    sentence = str(REFUSAL_MESSAGES[why])
    displayed = display_name(name)
    message = f"“{displayed}”：{sentence}" if displayed else sentence
    return Invalid(message, code=f"file_{why}", fields={"file": message})


def display_name(name: str) -> str:
    """File name for display in a sentence: no path, no invisible or bidirectional characters, 40 characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(letter for letter in last if letter.isprintable()).strip()
    return plain if len(plain) <= 40 else f"{plain[:28]}…{plain[-10:]}"


def _decode_in_child(kind: str, content: bytes) -> CleanedFile:
    """Runs the child process; if it crashes or exceeds its limits, the file is refused."""
    if not _children.acquire(timeout=MOST_WAIT):
        raise TooManyAttempts(str(_("正在处理的文件较多。请稍等一分钟再上传。")))
    try:
        done = subprocess.run(  # noqa: S603 - our own module, with a name of our own table
            [sys.executable, "-s", "-E", "-m", CHILD, kind],
            input=content, capture_output=True, timeout=MOST_SECONDS, cwd=ROOT, check=False,
            env={"PYTHONDONTWRITEBYTECODE": "1", "MALLOC_ARENA_MAX": "1", "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        log.warning("A %s file took too long and was refused", kind)
        raise UnfitFile(UnfitReason.UNSAFE) from None
    finally:
        _children.release()
    if done.returncode:
        log.warning("A %s file ended its reader with %s and was refused", kind, done.returncode)
        raise UnfitFile(UnfitReason.UNSAFE)
    return _parse_answer(done.stdout)


@lru_cache(maxsize=CACHE_SIZE)
def _decode_cached(kind: str, content: bytes) -> CleanedFile:
    """Cache for small files that come again: a double press, or a sample picture."""
    return _decode_in_child(kind, content)


def _parse_answer(out: bytes) -> CleanedFile:
    try:
        sizes = struct.unpack_from(">III", out)
        header = json.loads(out[HEAD : HEAD + sizes[0]])
    except (struct.error, ValueError):
        raise UnfitFile(UnfitReason.UNSAFE) from None
    if "why" in header:
        raise UnfitFile(UnfitReason(header["why"]))
    place = HEAD + sizes[0]
    content, thumb = out[place : place + sizes[1]], out[place + sizes[1] : place + sizes[1] + sizes[2]]
    return CleanedFile(
        header["kind"], header["media_type"], content, header["width"], header["height"], thumb
    )
