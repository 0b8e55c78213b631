"""API tokens: shown once, stored as a digest, valid only while person and post are."""

import hashlib
import secrets
from datetime import datetime

from django.utils.translation import gettext as _

from jieban.base.errors import Invalid, Refused
from jieban.registry.identity import posts
from jieban.registry.identity.posts import Actor
from jieban.registry.models import ApiToken, Person

PREFIX = "jb_"
LONGEST = 100  # characters; no token is longer


class NotSignedIn(Refused):
    """Unauthorized: there is no token, or not one of ours."""

    status = 401
    code = "not_signed_in"


def create(username: str, at: datetime, *, post_code: str = "") -> str:
    """Creates a token for a person in a post, by default the first one held. It is returned only this once.

    Raises Invalid when there is no such person, or the person does not hold such a post.
    """
    person = Person.objects.filter(username=username).first()
    if person is None:
        raise Invalid(_("没有用户“%s”。请核对用户名。") % username, fields={"username": _("没有这个用户")})
    own = [post for post in posts.posts_of(person, at) if not post.held_by]  # no program acts by delegation
    posts_held = [post for post in own if post_code in {"", post.code}]
    if not posts_held:
        raise Invalid(_("“%s”现在没有这个岗位，不能生成令牌。") % username, fields={"post": _("不在任")})
    text = PREFIX + secrets.token_urlsafe(32)
    ApiToken.objects.create(digest=_digest(text), person=person, post=posts_held[0], created_at=at)
    return text


def actor_for(text: str, at: datetime) -> Actor:
    """Actor of this token; one query.

    Raises NotSignedIn when the token is unknown or was revoked, NotAllowed when the post or account has ended.
    """
    ours = text.startswith(PREFIX) and len(text) <= LONGEST
    actor = posts.actor_by_token(_digest(text), at) if ours else None
    if actor is None:
        raise NotSignedIn(_("令牌无效或已停用。请用 python -m jieban create-token 重新生成。"))
    return actor


def _digest(text: str) -> bytes:
    """Digest of a token. It has 256 random bits, so that a plain hash cannot be reversed by guessing."""
    return hashlib.sha256(text.encode()).digest()
