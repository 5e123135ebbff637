"""Mappings: which column of a file goes into which field, how its values are meant, and by which key records match."""

from pathlib import Path
from typing import Literal

import msgspec

from basis.catalog.entity import Entity
from basis.errors import Invalid, Message
from basis.fields import type_of
from basis.fields.base import Field
from basis.fields.storage import fold
from basis.i18n import LANGUAGES, say
from basis.security.scope import Scope

REJECT_TITLES = (Message("Line"), Message("Column"), Message("Value"), Message("Reason"))
"""The columns that a rejects file has behind those of the file it is about."""


class ColumnMapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One column: by its title (or position from 1, in a file without titles) into a field.

    `values` replaces what stands in the file ("GTXPro" becomes "GTX Pro"); `default` fills empty cells;
    `date_format` is a strptime pattern for dates that are not written the reader's way. `pattern` makes the text out
    of several cells: `{value}` is the own one, `{Title}` another, `{value:address}` fit for an e-mail address.

    A lookup is found by the name, key or id of the record, or by the field `find` of it; with `create` one that is
    not there is made, with `fill`: a text (or pattern of `{value}`) for each of its other fields.
    """

    column: str
    field: str
    values: dict[str, str] = {}
    default: str = ""
    date_format: str = ""
    pattern: str = ""
    find: str = ""
    create: bool = False
    fill: dict[str, str] = {}


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a file is imported. `mode`: create only, update only, or both (`upsert`, by `key`)."""

    columns: tuple[ColumnMapping, ...] = ()
    """Matched by the titles of the file when left out."""
    entity: str = ""
    key: tuple[str, ...] = ()
    mode: Literal["create", "update", "upsert"] = "upsert"
    header: bool = True
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    language: str = ""
    """How numbers and dates are written in the file: nl or en; the user's own language when left out."""


def read_mapping(path: Path) -> Mapping:
    """A mapping file. `Invalid` says where it is wrong."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Mapping)
    except OSError as error:
        raise Invalid("There is no file {name}.", name=path.name) from error
    except msgspec.MsgspecError as error:
        raise Invalid("The mapping {name} is wrong: {reason}.", name=path.name, reason=str(error)) from error


def guess(scope: Scope, entity: Entity, titles: tuple[str, ...]) -> tuple[ColumnMapping, ...]:
    """Match titles to fields by logical name or by label in any language; titles that match nothing are left out."""
    names: dict[str, str] = {}
    for field in entity.visible_fields:
        if mappable(entity, field):
            for called in names_of(field):
                names.setdefault(plain_title(called), field.name)
    found: dict[str, ColumnMapping] = {}
    for title in titles:
        name = names.get(plain_title(title))
        if name and name not in found:
            found[name] = ColumnMapping(title, name)
    return tuple(found.values())


def mappable(entity: Entity, field: Field) -> bool:
    """Whether a column can go into the field: those that users set, and a name that Basis makes of its parts."""
    made_of_parts = field.name == entity.primary and any(each.field == entity.primary for each in entity.derived)
    return (not field.readonly or made_of_parts) and not type_of(field).holds_files


def names_of(field: Field) -> set[str]:
    """What a column of the field may be called, in small letters: its logical name and its label in any language."""
    return {field.name.casefold(), *(label.casefold() for label in field.label.values())}


def unmapped(mapping: Mapping, titles: tuple[str, ...]) -> tuple[str, ...]:
    """The titles of columns that the mapping does not use; those that a rejects file adds are meant to be left out."""
    if not mapping.header:
        return ()
    used = {plain_title(column.column) for column in mapping.columns}
    added = {title.text.casefold() for title in REJECT_TITLES}
    added |= {say(title, language).casefold() for title in REJECT_TITLES for language in LANGUAGES}
    return tuple(
        title for title in titles if title and plain_title(title) not in used and title.casefold() not in added
    )


def plain_title(text: str) -> str:
    """A title as it is compared: letters and digits alone, in small letters without accents."""
    return "".join(sign for sign in fold(text) if sign.isalnum())


def width_of(mapping: Mapping) -> int:
    """How many columns a file without titles has by its mapping; 0 where the mapping does not say."""
    numbered = any(column.column.isdigit() for column in mapping.columns)
    return 0 if mapping.header or numbered else len(mapping.columns)


def positions(mapping: Mapping, titles: tuple[str, ...]) -> list[tuple[int, ColumnMapping]]:
    """Where each mapped column stands. `Invalid` names the columns that the file does not have.

    Without titles, columns that are named by no number stand in order, and there must be one for each in the file
    (or in the file of refused rows that was made of it).
    """
    numbered = any(column.column.isdigit() for column in mapping.columns)
    surplus = len(titles) - len(mapping.columns)
    if not mapping.header and not numbered and surplus not in (0, len(REJECT_TITLES)):
        raise Invalid(
            "The file has {count} columns in its first row, and {named} were named: {columns}.",
            count=len(titles),
            named=len(mapping.columns),
            columns=", ".join(column.field for column in mapping.columns),
        )
    by_title = {plain_title(title): at for at, title in reversed(list(enumerate(titles)))}
    found, missing = [], []
    for order, column in enumerate(mapping.columns):
        at: int | None
        if mapping.header:
            at = by_title.get(plain_title(column.column))
        else:
            at = int(column.column) - 1 if column.column.isdigit() else order
        if at is None:
            missing.append(column.column)
        else:
            found.append((at, column))
    if missing:
        raise Invalid(
            "The file has no column {columns}; it has {titles}.",
            columns=", ".join(missing),
            titles=", ".join(title for title in titles if title),
        )
    return found
