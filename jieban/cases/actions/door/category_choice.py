"""Validation of a category chosen for a case."""

from datetime import date

from django.utils.translation import gettext as _

from jieban.base.errors import Invalid
from jieban.registry.models import Category


def require_current_category(category: Category, received_on: date) -> Category:
    """Returns the category if it is valid on the day of receipt. Raises Invalid.

    A category that begins later is accepted: imported older cases have no other.
    """
    if category.valid_to is not None and category.valid_to <= received_on:
        words = _("“%(name)s”自 %(day)s 起停用，请另选分类。") % {
            "name": category.path,
            "day": category.valid_to,
        }
        raise Invalid(words, fields={"category": _("已停用")})
    return category
