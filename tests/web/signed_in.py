"""Test clients signed in by post."""

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client

from jieban.registry.identity.posts import Actor
from jieban.registry.identity.sessions import SessionStore
from jieban.registry.models import Person
from jieban.web.shell.middleware import POST_KEY
from tests.cases.scene import Scene


def at_desk(scene: Scene, name: str) -> Client:
    """A client signed in as the person of this name in the scene, in their post."""
    return signed_in(scene.actor(name))


def signed_in(actor: Actor) -> Client:
    """Its session equals that of `force_login` and a choice of the post, with a quarter of the queries."""
    person = Person.objects.get(pk=actor.person_id)
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session[POST_KEY] = actor.post_id
    session.create()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client
