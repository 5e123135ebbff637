"""Entities and fields from the command line: list, create, change and remove."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import click
import msgspec

from basis.catalog import customize
from basis.catalog.catalog import Catalog
from basis.catalog.changes import publish
from basis.catalog.cleaning import clean_up
from basis.catalog.settling import settle
from basis.catalog.store import Change
from basis.cli.options import entrance, place_options
from basis.db import with_patience
from basis.errors import Invalid
from basis.i18n import label
from basis.records.organization import everything, organization_of
from basis.security.entrance import Entrance
from basis.security.roles import grant_like
from basis.security.users import rights_changed

Wanted = Callable[[Catalog], list[Change]]


def _publish(opened: Entrance, wanted: Wanted, summary: str) -> None:
    def attempt() -> None:
        with opened.acting_as(everything(), write=True) as scope:
            changes = wanted(scope.catalog)
            publish(scope.conn, changes, author=None, now=scope.now, summary=summary, known=scope.catalog)

    with_patience(attempt)
    settle(opened.database)


def _publish_named(opened: Entrance, wanted: Callable[[Catalog], tuple[str, list[Change]]], summary: str) -> str:
    """Publish something new; answers the name that it got."""
    named = ""

    def changes(catalog: Catalog) -> list[Change]:
        nonlocal named
        named, made = wanted(catalog)
        return made

    _publish(opened, changes, summary)
    return named


def _labels(en: str | None, nl: str | None) -> dict[str, str]:
    return {language: text for language, text in (("en", en), ("nl", nl)) if text}


def _settings(text: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise Invalid("The settings are no JSON object: {reason}.", reason=str(error)) from error


@click.group("entity")
def entity_group() -> None:
    """The entities of the CRM."""


@entity_group.command("list")
@place_options
def list_entities(data: str | None, database: str | None) -> None:
    """Name, label and number of fields of every entity."""
    opened = entrance(data, database)
    with opened.acting_as(everything()) as scope:
        language = organization_of(scope.conn).language
        for entity in scope.catalog.entities.values():
            if not entity.hidden:
                count = len(entity.visible_fields)
                click.echo(f"{entity.name}\t{label(entity.label, language)}\t{count}")


@entity_group.command("create")
@click.option("--name", default="", help="Logical name; made from the label when left out, with new_ before it.")
@click.option("--label", "nl", required=True, help="Dutch label.")
@click.option("--label-en", "en")
@click.option("--plural", "plural_nl", required=True, help="Dutch plural.")
@click.option("--plural-en")
@click.option("--ownership", type=click.Choice(["user", "organization"]), default="user", show_default=True)
@click.option("--icon", default="table", show_default=True)
@click.option(
    "--rights-like", default="account", show_default=True, help="The entity whose rights every role gets on it."
)
@place_options
def create_entity(
    name: str, nl: str, en: str | None, plural_nl: str, plural_en: str | None, ownership: str, icon: str,
    rights_like: str, data: str | None, database: str | None,
) -> None:  # fmt: skip
    """Add an entity with a name, two states, a form and views."""
    opened = entrance(data, database)
    wish = customize.EntityWish(_labels(en, nl), _labels(plural_en, plural_nl), name, ownership, icon)
    made = _publish_named(opened, lambda catalog: customize.new_entity(catalog, wish), f"Entity {nl}")
    if rights_like:
        with opened.acting_as(everything(), write=True) as scope:
            grant_like(scope.conn, made, scope.catalog.entity(rights_like).name)
            rights_changed(scope.conn)
    click.echo(made)


@entity_group.command("change")
@click.argument("name")
@click.option("--label", "nl", help="Dutch label.")
@click.option("--label-en", "en")
@click.option("--plural", "plural_nl", help="Dutch plural.")
@click.option("--plural-en")
@place_options
def change_entity(
    name: str, nl: str | None, en: str | None, plural_nl: str | None, plural_en: str | None,
    data: str | None, database: str | None,
) -> None:  # fmt: skip
    """Change an entity's labels."""
    opened = entrance(data, database)

    def wanted(catalog: Catalog) -> list[Change]:
        entity = catalog.entity(name)
        changed = {
            "label": {**entity.label, **_labels(en, nl)},
            "plural": {**entity.plural, **_labels(plural_en, plural_nl)},
        }
        return customize.change_entity(catalog, name, **changed)

    _publish(opened, wanted, f"Entity {name}")


@entity_group.command("remove")
@click.argument("name")
@place_options
def remove_entity(name: str, data: str | None, database: str | None) -> None:
    """Hide an own entity with its records."""
    opened = entrance(data, database)
    _publish(opened, lambda catalog: customize.remove_entity(catalog, name), f"Entity {name} removed")


@entity_group.command("relate")
@click.argument("entity")
@click.argument("to")
@click.option("--name", default="", help="Name of the relationship; made from both entities when left out.")
@place_options
def relate(entity: str, to: str, name: str, data: str | None, database: str | None) -> None:
    """Relate two entities many to many, with a list on the form of each (one to many: a lookup field)."""
    opened = entrance(data, database)
    summary = f"{entity} – {to}"
    click.echo(_publish_named(opened, lambda catalog: customize.new_many_to_many(catalog, entity, to, name), summary))


@click.group("field")
def field_group() -> None:
    """The fields of an entity."""


@field_group.command("list")
@click.argument("entity")
@place_options
def list_fields(entity: str, data: str | None, database: str | None) -> None:
    """Name, type, whether required, and label of every field."""
    opened = entrance(data, database)
    with opened.acting_as(everything()) as scope:
        language = organization_of(scope.conn).language
        for field in scope.catalog.entity(entity).visible_fields:
            click.echo(f"{field.name}\t{field.type}\t{field.required}\t{label(field.label, language)}")


@field_group.command("create")
@click.argument("entity")
@click.option("--type", "type_name", required=True, help="text, integer, date, choice, lookup, …")
@click.option("--label", "nl", required=True, help="Dutch label.")
@click.option("--label-en", "en")
@click.option("--name", default="", help="Logical name; made from the label when left out, with new_ before it.")
@click.option("--required", type=click.Choice(["none", "recommended", "required"]), default="none", show_default=True)
@click.option("--settings", default="{}", help='As JSON: {"max_length": 40}, {"targets": [{"entity": "account"}]}.')
@click.option("--searchable", is_flag=True)
@place_options
def create_field(
    entity: str, type_name: str, nl: str, en: str | None, name: str, required: str, settings: str, searchable: bool,
    data: str | None, database: str | None,
) -> None:  # fmt: skip
    """Add a field to an entity, while everybody works on."""
    opened = entrance(data, database)
    wish = customize.FieldWish(
        type_name,
        _labels(en, nl),
        name,
        required=required,
        settings=_settings(settings),
        searchable=searchable,
    )
    summary = f"Field {nl} of {entity}"
    click.echo(_publish_named(opened, lambda catalog: customize.new_field(catalog, entity, wish), summary))


@field_group.command("change")
@click.argument("entity")
@click.argument("name")
@click.option("--label", "nl", help="Dutch label.")
@click.option("--label-en", "en")
@click.option("--required", type=click.Choice(["none", "recommended", "required"]))
@click.option("--settings", help="As JSON; what is left out stays.")
@click.option("--type", "type_name", help="Another type that is stored alike (text → memo).")
@place_options
def change_field(
    entity: str, name: str, nl: str | None, en: str | None, required: str | None, settings: str | None,
    type_name: str | None, data: str | None, database: str | None,
) -> None:  # fmt: skip
    """Change a field's label, limits, options or whether it is required."""
    opened = entrance(data, database)

    def wanted(catalog: Catalog) -> list[Change]:
        changes: dict[str, Any] = {"label": {**catalog.field(entity, name).label, **_labels(en, nl)}}
        given = {
            "required": required,
            "type": type_name,
            "settings": _settings(settings) if settings else None,
        }
        changes |= {key: value for key, value in given.items() if value is not None}
        return customize.change_field(catalog, entity, name, **changes)

    _publish(opened, wanted, f"Field {name} of {entity}")


@field_group.command("remove")
@click.argument("entity")
@click.argument("name")
@place_options
def remove_field(entity: str, name: str, data: str | None, database: str | None) -> None:
    """Hide a field; its data stays until a clean-up."""
    opened = entrance(data, database)
    _publish(
        opened,
        lambda catalog: customize.remove_field(catalog, entity, name),
        f"Field {name} of {entity} removed",
    )


@field_group.command("clean-up")
@click.option(
    "--days", default=30, show_default=True, type=click.IntRange(0), help="Only what was removed before that."
)
@place_options
def clean_up_fields(days: int, data: str | None, database: str | None) -> None:
    """Drop own fields that were removed, with their data, for good."""
    opened = entrance(data, database)
    with opened.acting_as(everything(), write=True) as scope:
        for entity, name in clean_up(scope.conn, scope.catalog, scope.now, timedelta(days=days)):
            click.echo(f"{entity}.{name}")
