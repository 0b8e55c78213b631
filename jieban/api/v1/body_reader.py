"""Reads request bodies with their pydantic models, and describes them in the OpenAPI document."""

import json
from typing import Any

from django.http import HttpRequest
from pydantic import ValidationError

from jieban.api.v1 import error_answers, request_bodies
from jieban.base.errors import Invalid


def parse_body(request: HttpRequest, shape: type[request_bodies.Body]) -> Any:
    """Parses a request's body. Raises Invalid with its errors; an empty body counts as an empty object."""
    try:
        sent = json.loads(request.body or b"{}")
        return shape.model_validate(sent)
    except ValidationError as error:
        raise error_answers.invalid_from_pydantic(error) from None
    except (ValueError, RecursionError):
        code, message = error_answers.DEFAULT_ERRORS[400]
        raise Invalid(str(message), code=code) from None


def request_body_schema(shape: type[request_bodies.Body]) -> dict[str, Any]:
    """The OpenAPI schema of a request's body."""
    schema = shape.model_json_schema(ref_template="#/components/schemas/{model}")
    inner = schema.pop("$defs", {})
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _inline_refs(schema, inner)}},
        }
    }


def _inline_refs(schema: Any, inner: dict[str, Any]) -> Any:
    """The schema with its references replaced by what they refer to."""
    if isinstance(schema, list):
        return [_inline_refs(part, inner) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inline_refs(inner[schema["$ref"].rsplit("/", 1)[-1]], inner)
    return {name: _inline_refs(part, inner) for name, part in schema.items()}
