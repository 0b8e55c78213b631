"""The command that takes the pictures of the documents begins without the settings of the tests."""

import os
import subprocess
import sys

from tests.browser import pictures


def test_it_begins_in_a_process_of_its_own() -> None:
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO", "JIEBAN"))}
    asked = [sys.executable, "-c", "from tests.browser import pictures; print(len(pictures.SHOWN))"]
    said = subprocess.run(asked, env=bare, capture_output=True, text=True)
    assert (said.stdout.strip(), said.stderr) == (str(len(pictures.SHOWN)), "")


def test_each_picture_of_the_documents_is_one_that_it_takes() -> None:
    names = {f"{shown.name}{kind}.png" for shown in pictures.SHOWN for kind in ("", "-phone")}
    assert {file.name for file in pictures.PICTURES.iterdir()} == names
