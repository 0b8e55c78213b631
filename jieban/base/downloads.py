"""Download responses for uploaded files, with headers that keep a browser from running anything in them."""

from django.http import HttpResponse


def file_response(content: bytes, media_type: str, name: str, *, harmless: bool) -> HttpResponse:
    """Response with the file under a neutral name; `harmless` is a picture re-encoded here, which is shown inline."""
    answer = HttpResponse(content, content_type=media_type)
    how = "inline" if harmless else "attachment"
    answer["Content-Disposition"] = f'{how}; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    answer["Cache-Control"] = "no-store"
    return answer
