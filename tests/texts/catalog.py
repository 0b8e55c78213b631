"""The catalogue of the English texts: `make messages` reads the sources, updates the .po file and compiles the .mo.

It holds every text of the modules and templates in PUBLIC, which residents read, and of the others those that somebody
has added to it by hand (a refusal that a resident can meet); a text that has left the sources leaves the catalogue.
"""

import io
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tests.texts.sources import PRODUCT, ROOT, modules, templates, texts_of

PO = PRODUCT / "locale" / "en" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
# Files, and folders with all that is in them, of which residents may read every text.
PUBLIC = (
    "web/public",
    "web/page/templates/page/bare.html",
    "web/page/templates/page/field.html",
    "web/page/templates/page/form_errors.html",
    "web/page/templates/page/timeline.html",
    "web/page/fields.py",
    "web/page/forms.py",
    "web/page/state_tones.py",
    "web/page/time_words.py",
    "web/shell/error_pages.py",
    "web/shell/templates",
    "web/case/timeline.py",
    "cases/flow/action.py",
    "cases/flow/enums.py",
    "cases/flow/states.py",
    "cases/reception/public_submissions.py",
    "cases/actions/door/transition.py",
    "channels/phone_codes.py",
    "registry/identity/attempts.py",
    "registry/roles/role.py",
    "base/media/accepting.py",
)
# Of the shell's templates only these: residents have no keys and no home page of a post.
NOT_PUBLIC = ("web/shell/templates/shell/keys.html", "web/shell/templates/shell/home.html")
HEADER = """\
# English texts of the public pages. `make messages` keeps the list; the English is written here by hand.
#"""


def _is_public(path: Path) -> bool:
    name = path.relative_to(PRODUCT).as_posix()
    return name not in NOT_PUBLIC and any(name == entry or name.startswith(f"{entry}/") for entry in PUBLIC)


def catalog() -> Catalog:
    """The catalogue as it is kept."""
    with PO.open("rb") as file:
        return _dated(read_po(file, locale="en", charset="utf-8"))


def _dated(some: Catalog) -> Catalog:
    """Not by the time of the run: the files change only with the texts."""
    some.creation_date = some.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    return some


def updated(old: Catalog) -> Catalog:
    """What the catalogue must be after the sources as they are."""
    new = _dated(Catalog(locale="en", charset="utf-8", fuzzy=False, header_comment=HEADER))
    for path in [*modules(), *templates()]:
        for text in texts_of(path):
            known = old.get(text)
            if text and (known is not None or _is_public(path)):
                english = str(known.string) if known is not None else ""
                # One place is enough for a reader, and the file changes less.
                places = [] if text in new else [(path.relative_to(ROOT).as_posix(), 0)]
                new.add(text, english, places)
    return new


def po_bytes(some: Catalog) -> bytes:
    """The .po file."""
    file = io.BytesIO()
    write_po(file, some, width=120, include_lineno=False)
    lines = file.getvalue().splitlines(keepends=True)
    dropped = (b'"POT-Creation-Date', b'"PO-Revision-Date', b'"Last-Translator', b'"Report-Msgid', b'"Language-Team',
               b'"Generated-By', b'"Project-Id-Version')  # fmt: skip
    return b"".join(line for line in lines if not line.startswith(dropped))


def mo_bytes(some: Catalog) -> bytes:
    """The .mo file, which Django reads."""
    file = io.BytesIO()
    write_mo(file, some)
    return file.getvalue()


def main() -> None:
    """Writes both files and names what has no English yet."""
    found = updated(catalog())
    PO.write_bytes(po_bytes(found))
    MO.write_bytes(mo_bytes(catalog()))
    for message in found:
        if message.id and not message.string:
            print(f"没有英文 / no English: {message.id}")


if __name__ == "__main__":
    from django.conf import settings

    settings.configure()
    main()
