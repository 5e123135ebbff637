"""Safe HTML: small autoescaped templates for the places outside `web/templates` that make markup (the field types)."""

from typing import Any

from jinja2 import Environment, Template
from markupsafe import Markup, escape

__all__ = ["Markup", "escape", "render", "template"]

_environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)


def template(source: str) -> Template:
    """An autoescaped template, compiled once where a module is loaded."""
    return _environment.from_string(source)


def render(compiled: Template, **values: Any) -> Markup:
    """The markup of a template made with `template`, safe to put into a page."""
    return Markup(compiled.render(**values))
