"""Signing in by post, for tests of the pages."""

from django.test import Client

from jieban.registry.models import Person
from jieban.registry.posts import Actor
from jieban.web.middleware import POST_KEY
from tests.cases.scene import Scene


def at_desk(scene: Scene, name: str) -> Client:
    """A browser in which the person of this name in the scene has signed in, in their post."""
    return signed_in(scene.actor(name))


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(Person.objects.get(pk=actor.person_id))
    session = client.session
    session[POST_KEY] = actor.post_id
    session.save()
    return client
