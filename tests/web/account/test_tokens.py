import re
from pathlib import Path

import pytest

TOKENS = (
    Path(__file__).resolve().parents[3] / "jieban" / "web" / "static" / "jieban" / "tokens.css"
).read_text()


def block(selector: str) -> dict[str, str]:
    """The variables that a selector sets."""
    body = TOKENS.split(selector + " {", 1)[1].split("}", 1)[0]
    return dict(re.findall(r"(--[\w-]+):\s*([^;]+);", body))


LIGHT = block("\n:root")
DARK_SYSTEM = block(':root:not([data-theme="light"])')
DARK_CHOSEN = block('\n:root[data-theme="dark"]')


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1. Source: WCAG 2.2, definition of relative luminance."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


TONES = ("red", "amber", "green", "blue", "grey")
TEXT_ON = [
    *((text, ground) for text in ("text", "text-soft", "link") for ground in ("surface", "ground", "sunken")),
    *((tone, f"{tone}-soft") for tone in TONES),
    *((tone, "surface") for tone in TONES),
    ("text-soft", "blue-soft"),
    ("link", "blue-soft"),
    ("text-soft", "grey-soft"),
    ("on-action", "action"),
    ("on-action", "action-over"),
    ("text", "mark"),
]


def test_dark_is_the_same_chosen_or_by_the_system() -> None:
    assert DARK_SYSTEM == DARK_CHOSEN


def test_dark_sets_every_colour_of_light() -> None:
    colours = {name for name, value in LIGHT.items() if value.startswith("#")}
    assert {name for name, value in DARK_CHOSEN.items() if value.startswith("#")} == colours


@pytest.mark.parametrize("theme", [LIGHT, DARK_CHOSEN], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_can_be_read_on_its_ground(theme: dict[str, str], text: str, ground: str) -> None:
    assert contrast(theme[f"--{text}"], theme[f"--{ground}"]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK_CHOSEN], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["surface", "ground"])
def test_borders_of_controls_can_be_seen(theme: dict[str, str], ground: str) -> None:
    assert contrast(theme["--line-strong"], theme[f"--{ground}"]) >= 3
