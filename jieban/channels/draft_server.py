"""Client of the district's own language-model server for drafts of replies; off when none is set.

It uses the chat-completions protocol of llama.cpp, vLLM, Ollama and others. The caller has already removed all personal
data. The server has to answer within a time limit, and its answer is only shown to a person.
"""

import json
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from jieban.base import http
from jieban.base.errors import Refused
from jieban.base.text.cleaning import clean

TIMEOUT_SECONDS = 10.0  # for the whole request
MOST_BYTES = 1_000_000  # of a response
LONGEST_DRAFT = 4_000  # characters
MOST_TOKENS = 1_000


class NoDraft(Refused):
    """Error: the server gave no usable draft. Nothing depends on it."""

    status = 503
    code = "no_draft"


def configured() -> bool:
    """Whether a server is set."""
    return bool(settings.MODEL_ADDRESS)


def draft(instruction: str, material: str) -> str:
    """Requests a draft; cleaned, at most 4,000 characters. Raises NoDraft with a sentence.

    The caller's instruction has to say that `material` is only data, and that commands in it are not followed.
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
        text = _completion_text(_post(json.dumps(body, ensure_ascii=False).encode()))
    except (http.Failure, ValueError, LookupError, TypeError):
        raise NoDraft(_("起草服务没有给出可用的草稿，请稍后再试，或自行填写。")) from None
    if not any(map(str.isalnum, text)):
        raise NoDraft(_("起草服务没有给出可用的草稿，请稍后再试，或自行填写。"))
    return text[:LONGEST_DRAFT]


def _completion_text(answer: bytes) -> str:
    content: Any = json.loads(answer)["choices"][0]["message"]["content"]
    if not isinstance(content, str):
        raise TypeError
    return clean(content)


def _post(body: bytes) -> bytes:
    """Body of the response. Raises Failure, also for a redirect."""
    endpoint = http.Endpoint.of(settings.MODEL_ADDRESS, settings.MODEL_CERTIFICATE)
    seconds = TIMEOUT_SECONDS
    limits = http.Limits(connect=seconds, read=seconds, total=seconds, most_bytes=MOST_BYTES)
    headers = {"Content-Type": "application/json; charset=utf-8"}
    if settings.MODEL_SECRET:
        headers["Authorization"] = f"Bearer {settings.MODEL_SECRET}"
    address = f"{settings.MODEL_ADDRESS}/chat/completions"
    return http.Client((endpoint,), limits=limits).post(address, body, headers).checked().body
