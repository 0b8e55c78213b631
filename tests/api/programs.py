"""API client of a person in the scene."""

import json
from typing import Any

from django.test import Client

from jieban.base.clock import now
from jieban.registry.identity import tokens
from jieban.registry.models import Person
from tests.cases.scene import Scene

BODY = {
    "kind": "appeal", "channel": "web", "text": "楼道灯坏了三天，老人上下楼不方便。", "nature": "help",
    "requester": {"name": "王建国", "phone": "10001234567"}, "address_text": "老山东里北12号楼",
}  # fmt: skip


class Program:
    """API client that sends JSON with the token of one person."""

    def __init__(self, token: str) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"authorization": f"Bearer {token}"}

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1{path}", query, headers=self.headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        sent = body if isinstance(body, (str, bytes)) else json.dumps({} if body is None else body)
        return self.client.post(
            f"/api/v1{path}", sent, content_type="application/json", headers={**self.headers, **headers}
        )

    def create(self, key: str, **more: Any) -> Any:
        return self.post("/cases", BODY | more, **{"idempotency-key": key})

    def act(self, number: str, action: str, **body: Any) -> Any:
        return self.post(f"/cases/{number}/actions/{action}", body)


def program(scene: Scene, name: str) -> Program:
    """The API client of the person with this name in the scene."""
    person = Person.objects.get(pk=scene.actor(name).person_id)
    return Program(tokens.create(person.username, now()))
