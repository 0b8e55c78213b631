"""What is kept of a file, and what is refused: the hostile set, limits of the child process, what stays whole."""

import hashlib
import io
import subprocess
import sys
import zipfile
from pathlib import Path
from threading import Thread

import pikepdf
import pytest
from PIL import Image

from jieban.base.errors import Invalid
from jieban.base.media import accepting
from jieban.base.media.accepting import REFUSAL_MESSAGES, accept, display_name
from jieban.base.media.refusals import UnfitReason
from tests.base import hostile_files as h


@pytest.mark.parametrize("name", list(h.SET))
def test_a_hostile_file_is_refused_or_cleaned(name: str) -> None:
    sent = h.SET[name]
    content = sent.make()
    if isinstance(sent.answer, UnfitReason):
        with pytest.raises(Invalid) as refused:
            accept(content, sent.name)
        assert refused.value.code == f"file_{sent.answer}"
        assert str(REFUSAL_MESSAGES[sent.answer]) in refused.value.message
        return
    kept = accept(content, sent.name)
    assert kept.media_type == sent.answer
    assert kept.original_sha256 == hashlib.sha256(content).hexdigest()
    assert kept.sha256 == hashlib.sha256(kept.content).hexdigest()
    whole = b"".join([kept.content, kept.thumb, *inflated(kept.content)])
    assert [canary for canary in sent.gone if canary in whole] == []


def inflated(content: bytes) -> list[bytes]:
    """What lies packed in what was kept."""
    if content.startswith(b"PK"):
        archive = zipfile.ZipFile(io.BytesIO(content))
        return [archive.read(name) for name in archive.namelist()]
    if content.startswith(b"%PDF-"):
        with pikepdf.open(io.BytesIO(content)) as pdf:
            streams = [thing.read_raw_bytes() for thing in pdf.objects if isinstance(thing, pikepdf.Stream)]
            return [*streams, repr(list(pdf.objects)).encode()]
    return []


def test_the_set_is_large_and_carries_what_it_says() -> None:
    assert len(h.SET) >= 100
    assert len(list(h.refused())) >= 60
    for name in ("jpeg", "png", "webp", "mp4", "mov"):
        assert h.GPS.encode() in h.SET[f"{name} that tells where"].make()
    assert h.AUTHOR.encode() in h.told_mp3() and h.AUTHOR.encode() in h.told_wav()


def test_a_photograph_is_turned_upright_and_has_a_small_copy() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    kept = accept(h.picture(size=(800, 600), exif=exif))
    assert (kept.kind, kept.width, kept.height) == ("photo", 600, 800)
    small = Image.open(io.BytesIO(kept.thumb))
    assert (small.format, small.size) == ("JPEG", (360, 480))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_pictures_of_every_mode_are_kept(mode: str) -> None:
    assert accept(h.picture("PNG", mode=mode)).kind == "photo"


def test_a_photograph_in_printers_colours_is_kept_as_rgb() -> None:
    kept = accept(h.picture(mode="CMYK"))
    assert Image.open(io.BytesIO(kept.content)).mode == "RGB"


def test_a_photograph_of_40_megapixels_is_kept() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    kept = accept(h.picture(size=(7300, 5400), exif=exif))
    assert (kept.width, kept.height) == (5400, 7300)


def test_a_cleaned_paper_still_opens_and_reads_the_same() -> None:
    archive = zipfile.ZipFile(
        io.BytesIO(accept(h.word(body="<w:p><w:r><w:t>路灯</w:t></w:r></w:p>")).content)
    )
    assert "路灯" in archive.read("word/document.xml").decode()
    assert "word/document.xml" in archive.read("_rels/.rels").decode()
    with pikepdf.open(io.BytesIO(accept(h.paper(h.runs_script, pages=3)).content)) as pdf:
        assert len(pdf.pages) == 3


def test_a_film_keeps_its_length_and_its_samples() -> None:
    film = h.told_film()
    kept = accept(film)
    assert (kept.kind, len(kept.content)) == ("video", len(film))
    assert accept(kept.content).sha256 == kept.sha256


def test_what_was_kept_is_accepted_again() -> None:
    for name in ("pdf with a script", "docx that names its author", "jpeg and html", "gif and jar", "aac"):
        kept = accept(h.SET[name].make())
        assert accept(kept.content).media_type == kept.media_type


def test_a_name_in_a_sentence_is_short_and_shows_what_it_is() -> None:
    assert display_name("../../etc/pass\0wd") == "passwd"
    assert display_name("照片\u202egpj.exe") == "照片gpj.exe"
    assert len(display_name("长" * 500 + ".jpg")) == 39
    with pytest.raises(Invalid) as refused:
        accept(b"MZ", "照片\u202egpj.exe")
    assert refused.value.message == "“照片gpj.exe”：不能上传程序文件。请转成 PDF 或照片后再上传。"


def in_limits(code: str) -> subprocess.CompletedProcess[bytes]:
    program = f"from jieban.base.media import child; child.MOST_SECONDS = 1; child.limit(); {code}"
    return subprocess.run(
        [sys.executable, "-c", program], cwd=accepting.ROOT, capture_output=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    "code",
    [
        "bytes(600 * 1024 * 1024)",
        "open('/tmp/jieban-child', 'wb').write(b'1' * 100000)",
        "[open('/dev/null') for _ in range(40)].pop().read()",
        "exec('while True: pass')",
    ],
)
def test_the_child_cannot(code: str) -> None:
    done = in_limits(code)
    assert done.returncode != 0
    Path("/tmp/jieban-child").unlink(missing_ok=True)


def test_the_child_loads_nothing_of_the_platform() -> None:
    done = in_limits(
        "import sys; from jieban.base.media import images, pdf, office, mp4_boxes, audio;"
        "print([name for name in sys.modules if name.split('.')[0] in {'django', 'jieban'}])"
    )
    loaded = done.stdout.decode()
    assert done.returncode == 0 and "jieban.base.media.pdf" in loaded
    assert "django" not in loaded and "vault" not in loaded and "settings" not in loaded


@pytest.mark.parametrize(
    "program", ["import os; os.kill(os.getpid(), 11)", "import time; time.sleep(60)", "print(1)"]
)
def test_a_child_that_dies_hangs_or_babbles_is_a_refusal(
    program: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "broken.py").write_text(program)
    monkeypatch.setattr(accepting, "ROOT", tmp_path)
    monkeypatch.setattr(accepting, "CHILD", "broken")
    monkeypatch.setattr(accepting, "MOST_SECONDS", 2)
    with pytest.raises(Invalid) as refused:
        accept(h.picture(size=(600, 400)) + bytes(accepting.CACHED_BYTES))
    assert refused.value.code == "file_unsafe"


def test_many_at_once_wait_for_each_other() -> None:
    kept: list[str] = []
    threads = [
        Thread(target=lambda: kept.append(accept(h.picture() + bytes(accepting.CACHED_BYTES)).sha256))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(kept) == 8 and len(set(kept)) == 1
