"""Drafts of replies by a language-model server of the district's own, where one is set; off otherwise.

The server speaks the chat-completions protocol that llama.cpp, vLLM, Ollama and others share. It gets text from
which the caller has already taken all personal data, answers once and soon or not at all, and what it answers
is only ever shown to a person.
"""

import json
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from jieban.base import http
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
    except (http.Failure, ValueError, LookupError, TypeError):
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
    """The body of the answer. Raises a Failure; a redirect is one."""
    endpoint = http.Endpoint.of(settings.MODEL_ADDRESS, settings.MODEL_CERTIFICATE)
    seconds = TIMEOUT_SECONDS
    limits = http.Limits(connect=seconds, read=seconds, total=seconds, most_bytes=MOST_BYTES)
    headers = {"Content-Type": "application/json; charset=utf-8"}
    if settings.MODEL_SECRET:
        headers["Authorization"] = f"Bearer {settings.MODEL_SECRET}"
    address = f"{settings.MODEL_ADDRESS}/chat/completions"
    return http.Client((endpoint,), limits=limits).post(address, body, headers).checked().body
