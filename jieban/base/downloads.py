"""A file that somebody brought goes out so that nothing in it can run."""

from django.http import HttpResponse


def file_response(content: bytes, media_type: str, name: str, *, harmless: bool) -> HttpResponse:
    """The bytes under a name that tells nothing; `harmless` is a picture written anew here, which a browser shows."""
    answer = HttpResponse(content, content_type=media_type)
    how = "inline" if harmless else "attachment"
    answer["Content-Disposition"] = f'{how}; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    answer["Cache-Control"] = "no-store"
    return answer
