"""What may be chosen for a case."""

from datetime import date

from django.utils.translation import gettext as _

from jieban.base.errors import Invalid
from jieban.registry.models import Category


def require_current_category(category: Category, received_on: date) -> Category:
    """The category, if it had not ended by the day on which the case came in. Raises Invalid.

    One that begins later is taken: what is brought in from before has no other.
    """
    if category.valid_to is not None and category.valid_to <= received_on:
        words = _("“%(name)s”自 %(day)s 起停用，请另选分类。") % {
            "name": category.path,
            "day": category.valid_to,
        }
        raise Invalid(words, fields={"category": _("已停用")})
    return category
