"""Template loader that drops line breaks, so that a template can be indented without a space between its elements.

A browser shows a line break between two words or inline elements as a space, which Chinese text has none of, and an
element with only a line break in it is no longer `:empty`. So a line break and the indentation around it mean nothing
in the platform's own templates, like JSX; inside a tag, between attributes, they are one space. A space that is meant
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
# Where a tag begins and ends, and each line break.
MARK = re.compile(rf"(?P<begin><(?=[a-zA-Z/!]))|(?P<end>>)|(?P<line>{BREAK})")


class Compiling(base.Loader):
    """Compiles a template; one of our own without its line breaks."""

    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        template = super().get_template(template_name, skip)
        path = Path(template.origin.name)
        if path.suffix == ".html" and path.is_relative_to(OWN):
            drop_line_breaks(template.nodelist.get_nodes_by_type(TextNode))
        return template


class Loader(cached.Loader, Compiling):
    """Django's cache of templates; what it does not hold yet it compiles by the next class."""


def drop_line_breaks(nodes: Iterable[Node]) -> None:
    """The nodes are those of a template in its order, as a tag may go on after a variable."""
    within = False
    for node in nodes:
        if isinstance(node, TextNode):
            node.s, within = joined(node.s, within)


def joined(text: str, within: bool) -> tuple[str, bool]:
    """The text without its line breaks; `within` says whether it begins, and then whether it ends, inside a tag."""
    pieces, at = [], 0
    for found in MARK.finditer(text):
        pieces.append(text[at : found.start()])
        at = found.end()
        if found["line"]:
            pieces.append(" " if within else "")
        else:
            pieces.append(found[0])
            within = bool(found["begin"])
    return "".join(pieces) + text[at:], within
