"""Template loader that drops line breaks, so that a template can be indented without a space between its elements.

A browser shows a line break between two words or inline elements as a space, but Chinese text has no such spaces, and
an element with only a line break in it is no longer `:empty`. So a line break and the indentation around it mean
nothing in the platform's own templates, as in JSX; inside a tag, between attributes, they are one space. A wanted space
stands within a line, or as {{ " " }} where a line begins or ends. This happens once, when a template is compiled.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from django.template import Origin, Template
from django.template.base import Node, TextNode
from django.template.loaders import base, cached

import jieban

OWN = Path(jieban.__file__).parent
BREAK = r"\s*\n\s*"
# The begin and the end of a tag, and each line break.
MARK = re.compile(rf"(?P<begin><(?=[a-zA-Z/!]))|(?P<end>>)|(?P<line>{BREAK})")


class Compiling(base.Loader):
    """Template loader that compiles a template; one of our own without its line breaks."""

    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        template = super().get_template(template_name, skip)
        path = Path(template.origin.name)
        if path.suffix == ".html" and path.is_relative_to(OWN):
            drop_line_breaks(template.nodelist.get_nodes_by_type(TextNode))
        return template


class Loader(cached.Loader, Compiling):
    """Django's template cache; a template that is not in it is compiled by the class above."""


def drop_line_breaks(nodes: Iterable[Node]) -> None:
    """Removes line breaks from the text nodes, in order: a tag may go on after a variable, in the next text node."""
    within = False
    for node in nodes:
        if isinstance(node, TextNode):
            node.s, within = joined(node.s, within)


def joined(text: str, within: bool) -> tuple[str, bool]:
    """The text without line breaks. `within`: inside a tag at the begin; the answer says the same of the end."""
    parts, at = [], 0
    for match in MARK.finditer(text):
        parts.append(text[at : match.start()])
        at = match.end()
        if match["line"]:
            parts.append(" " if within else "")
        else:
            parts.append(match[0])
            within = bool(match["begin"])
    return "".join(parts) + text[at:], within
