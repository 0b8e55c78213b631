"""Which browser is used, how it is started, and how wide its windows are; without Django, which pictures need not."""

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CHROMIUM = next((found for name in NAMES if (found := shutil.which(name))), None)
WIDTHS = {"desk": (1440, 900), "phone": (390, 844)}
