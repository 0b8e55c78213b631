"""Owner key of the data that a phone keeps offline: a hash of person and post that reveals neither."""

from django.utils.crypto import salted_hmac


def owner_of(person_id: int | None, post_id: int | None) -> str:
    """The same key for the same person in the same post; nobody can compute the person from it."""
    return salted_hmac("jieban.field", f"{person_id}:{post_id}", algorithm="sha256").hexdigest()[:32]
