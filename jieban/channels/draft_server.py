"""Drafts of replies by a language-model server of the district's own, where one is set; off otherwise.

The server speaks the chat-completions protocol that llama.cpp, vLLM, Ollama and others share. It gets text from
which the caller has already taken all personal data, answers once and soon or not at all, and what it answers
is only ever shown to a person.
"""

import http.client
import json
import ssl
import time
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from jieban.base.errors import Refused
from jieban.base.text.cleaning import clean

TIMEOUT_SECONDS = 10.0  # from asking to the whole answer
MOST_BYTES = 1_000_000  # of an answer
LONGEST_DRAFT = 4_000  # characters
MOST_TOKENS = 1_000


class NoDraft(Refused):
    """The server gave no draft that can be used. Nothing depends on it."""

    status = 503
    code = "no_draft"


def configured() -> bool:
    """Whether there is a server at all."""
    return bool(settings.MODEL_ADDRESS)


def draft(instruction: str, material: str) -> str:
    """What the server writes, cleaned, 4,000 characters at most. Raises NoDraft with a sentence.

    `material` is told to be nothing but material: what stands in it as a command is for nobody.
    """
    if not configured():
        raise NoDraft(_("没有设置起草服务，请自行填写。"))
    body = {
        "model": settings.MODEL_NAME,
        "messages": [{"role": "system", "content": instruction}, {"role": "user", "content": material}],
        "temperature": 0.2,
        "max_tokens": MOST_TOKENS,
        "stream": False,
    }
    try:
        told = _completion_text(_post(json.dumps(body, ensure_ascii=False).encode()))
    except (OSError, ssl.SSLError, http.client.HTTPException, ValueError, LookupError, TypeError):
        raise NoDraft(_("起草服务没有给出可用的草稿，请稍后再试，或自行填写。")) from None
    if not any(map(str.isalnum, told)):
        raise NoDraft(_("起草服务没有给出可用的草稿，请稍后再试，或自行填写。"))
    return told[:LONGEST_DRAFT]


def _completion_text(answer: bytes) -> str:
    content: Any = json.loads(answer)["choices"][0]["message"]["content"]
    if not isinstance(content, str):
        raise TypeError
    return clean(content)


def _post(body: bytes) -> bytes:
    """The body of the answer. Raises OSError or HTTPException; a redirect is not followed."""
    ends = time.monotonic() + TIMEOUT_SECONDS
    connection = _connection()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    if settings.MODEL_SECRET:
        headers["Authorization"] = f"Bearer {settings.MODEL_SECRET}"
    try:
        path = urlsplit(settings.MODEL_ADDRESS).path.rstrip("/")
        connection.request("POST", f"{path}/chat/completions", body, headers)
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise http.client.HTTPException(answer.status)
        return _read(connection, answer, ends)
    finally:
        connection.close()


def _read(connection: http.client.HTTPConnection, answer: http.client.HTTPResponse, ends: float) -> bytes:
    """All of it, within the time that is left; a server that lets it drip is given up."""
    parts: list[bytes] = []
    while True:
        left = ends - time.monotonic()
        if left <= 0 or sum(map(len, parts)) > MOST_BYTES:
            raise http.client.HTTPException
        if connection.sock is not None:
            connection.sock.settimeout(left)
        part = answer.read1(65_536)
        if not part:
            return b"".join(parts)
        parts.append(part)


def _connection() -> http.client.HTTPConnection:
    parts = urlsplit(settings.MODEL_ADDRESS)
    host = parts.hostname or ""
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, parts.port, timeout=TIMEOUT_SECONDS, context=context)
    return http.client.HTTPConnection(host, parts.port, timeout=TIMEOUT_SECONDS)
