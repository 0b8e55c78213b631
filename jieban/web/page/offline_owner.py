"""Whose a phone's stored records are: a mark of person and post that says neither."""

from django.utils.crypto import salted_hmac


def owner_of(person_id: int | None, post_id: int | None) -> str:
    """The same for the same person in the same post, and nothing that leads back to them."""
    return salted_hmac("jieban.field", f"{person_id}:{post_id}", algorithm="sha256").hexdigest()[:32]
