"""Template tag for the header of a page; apart from the other tags because it reads the post from the request."""

from django import template
from django.template.context import Context

from jieban.web.shell import navigation

register = template.Library()


@register.simple_tag(takes_context=True)
def header(context: Context) -> navigation.Header:
    """Tag: the header's data: who acts in which post, and the links to other pages."""
    return navigation.header(context["request"])
