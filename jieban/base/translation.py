"""Translation for packages that also run without Django's settings: a text in the reader's language, else as it is."""

from django.conf import settings
from django.utils import translation


def gettext(text: str) -> str:
    """The text in the language of the reader; without settings, in Chinese as it stands in the code."""
    return translation.gettext(text) if settings.configured else text
