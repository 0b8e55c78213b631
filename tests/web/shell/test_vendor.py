import gzip
import hashlib
import re
from pathlib import Path

from jieban.web.page.time_words import TONE_SHAPES

STATIC = Path(__file__).resolve().parents[3] / "jieban" / "web" / "static"
TEMPLATES = STATIC.parent / "templates"
VENDOR = STATIC / "vendor"
FOR_TESTS = Path(__file__).resolve().parents[2] / "browser" / "axe.min.js"
ROW = re.compile(r"^\| (\S+) \| (\S+) \| (\S+) \| (\S+) \| ([0-9a-f]{64}) \|$", re.M)


def own_files() -> list[Path]:
    return sorted((STATIC / "jieban").iterdir())


def test_vendored_files_are_those_of_the_table() -> None:
    table = {row[0]: row[4] for row in ROW.findall((VENDOR / "VERSIONS.md").read_text())}
    files = [file for file in [*VENDOR.iterdir(), FOR_TESTS] if file.name != "VERSIONS.md"]
    found = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    assert found == table


def test_first_load_stays_under_400_kilobytes_compressed() -> None:
    files = [file for file in [*VENDOR.iterdir(), *own_files()] if file.suffix != ".md"]
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) < 400_000


def test_no_file_of_ours_points_to_another_host() -> None:
    texts = [file.read_text() for file in [*own_files(), *TEMPLATES.rglob("*.html")]]
    links = {link for text in texts for link in re.findall(r"(?:https?:)?//[a-z][\w.]+\.[a-z]+[\w/]*", text)}
    assert links == {"http://www.w3.org/2000/svg"}


def test_templates_hold_no_inline_scripts_or_styles() -> None:
    wrong = re.compile(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=\"|javascript:", re.I)
    assert [file.name for file in TEMPLATES.rglob("*.html") if wrong.search(file.read_text())] == []


def test_icons_that_templates_use_are_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (VENDOR / "icons.svg").read_text()))
    used = {
        name
        for file in TEMPLATES.rglob("*.html")
        for name in re.findall(r'{% icon "([\w-]+)" %}', file.read_text())
    }
    assert used - sprite == set()


def test_shapes_of_the_tones_are_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "jieban" / "shapes.svg").read_text()))
    assert set(TONE_SHAPES.values()) | {"diamond-open"} <= drawn
    assert len(set(TONE_SHAPES.values())) == len(TONE_SHAPES)
