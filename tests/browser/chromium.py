"""Choice of browser, its start and the widths of its windows; without Django, which the pictures do not need."""

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
