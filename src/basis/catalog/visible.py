"""Views and forms without what was removed: a hidden field leaves every list and form at once, and can come back."""

from collections.abc import Mapping, Set

from msgspec.structs import replace

from basis.catalog.entity import Entity
from basis.catalog.form import Form, Section
from basis.catalog.query import Link
from basis.catalog.view import View


def visible_view(view: View, entities: Mapping[str, Entity]) -> View:
    """The view without columns of removed fields, and without them among what is searched."""
    aliases = {"": view.entity}
    _aliases(view.links, aliases)
    columns = tuple(c for c in view.columns if not _hidden(entities, aliases.get(c.link, ""), c.field))
    find = tuple(name for name in view.find if not _hidden(entities, view.entity, name))
    if len(columns) == len(view.columns) and len(find) == len(view.find):
        return view
    return replace(view, columns=columns, find=find)


def visible_form(form: Form, entities: Mapping[str, Entity], gone: Set[str]) -> Form:
    """The form without cells of removed fields, and without lists of relationships that are `gone` with them."""
    entity = entities.get(form.entity)
    if entity is None:
        return form
    hidden = any(entity.by_name[name].hidden for name in form.fields() if entity.has(name))
    if not hidden and not any(cell.related in gone for section in form.sections() for cell in section.cells):
        return form

    def section(held: Section) -> Section:
        kept = (c for c in held.cells if c.related not in gone and not _hidden(entities, form.entity, c.field))
        return replace(held, cells=tuple(kept))

    tabs = tuple(
        replace(tab, columns=tuple(tuple(section(held) for held in column) for column in tab.columns))
        for tab in form.tabs
    )
    header = tuple(name for name in form.header if not _hidden(entities, form.entity, name))
    return replace(form, tabs=tabs, header=header)


def _hidden(entities: Mapping[str, Entity], entity: str, field: str) -> bool:
    held = entities.get(entity)
    return bool(field) and held is not None and held.has(field) and held.by_name[field].hidden


def _aliases(links: tuple[Link, ...], aliases: dict[str, str]) -> None:
    for link in links:
        aliases[link.alias or link.entity] = link.entity
        _aliases(link.links, aliases)
