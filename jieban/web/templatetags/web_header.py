"""The header of a page, apart from the other tags because it reads the request's post."""

from django import template
from django.template.context import Context

from jieban.web.shell import navigation

register = template.Library()


@register.simple_tag(takes_context=True)
def header(context: Context) -> navigation.Header:
    """Who acts in which post, and where they can go."""
    return navigation.header(context["request"])
