"""A field and what a field type must be able to do; the types themselves stand one to a file beside this one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Literal

from msgspec import Struct
from sqlalchemy import Column, ColumnElement, FromClause, Table

from basis.errors import Message
from basis.html import Markup, escape, render, template
from basis.i18n import Label, Locale

Required = Literal["none", "recommended", "required", "system"]


class NoSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The settings of a type that has none."""


class Field(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The definition of a field.

    `settings` is a mapping in a definition as it is written, and the type's own `Settings` in a Catalog.
    `required`: `recommended` only marks the field; `required` refuses an empty value in form, API and import;
    `system` is filled by Basis itself. `readonly` fields are never set by users (derived, counted, stamped).
    """

    name: str
    type: str
    label: Label
    description: Label = {}
    required: Required = "none"
    settings: Any = {}
    default: Any = None
    audited: bool = True
    searchable: bool = False
    secured: bool = False
    """Meant for few eyes; who may read and change it is for field security, which is not there yet."""
    readonly: bool = False
    hidden: bool = False
    """A removed field: gone for users at once, its column and data kept until a clean-up."""


class Target(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One entity that a lookup may point at: the "N side" of a 1:N relationship, with its cascade rules."""

    entity: str
    relationship: str = ""
    """Schema name, `account_primary_contact`; made up from entity and field when left out."""
    navigation: str = ""
    """The single-valued navigation property of the Web API; the field's name, or `field_entity`, when left out."""
    label: Label = {}
    """How the related list is called on the target's form; the entity's plural when left out."""
    on_delete: Literal["remove_link", "restrict", "cascade"] = "remove_link"
    on_assign: Literal["none", "cascade", "active", "owned"] = "none"
    hierarchical: bool = False


class Moment(Struct, frozen=True):
    """What relative operators refer to: the time now (UTC, aware), the reader's zone, and who asks."""

    now: datetime
    locale: Locale = Locale()
    user_id: str = ""
    unit_id: str = ""
    team_ids: tuple[str, ...] = ()
    fiscal_start_month: int = 1


class Place(Struct, frozen=True):
    """Where a field is read in a statement: its (aliased) table, the tables of the other entities, the moment."""

    table: FromClause
    tables: Mapping[str, Table]
    moment: Moment
    primary_keys: Mapping[str, tuple[str, str]]
    """Per entity the columns of its id and of its primary field: `{"account": ("accountid", "name")}`."""
    parents: Mapping[str, str] = {}
    """Per entity the lookup column of its hierarchy: `{"account": "parentaccountid"}`."""


Posted = Mapping[str, str]

QUICK = ("contains", "on", "contain-values", "eq")
"""The operators of the filter row, the first that a type has."""
COMPARISONS = ((">=", "ge"), ("<=", "le"), (">", "gt"), ("<", "lt"))

_INPUT = template(
    '<input class="input" type="{{ kind }}" id="{{ id }}" name="{{ name }}" value="{{ value }}"'
    '{% for key, held in attributes.items() if held is not none %} {{ key }}="{{ held }}"{% endfor %}>'
)


class Frame(Struct, frozen=True):
    """What an input needs to know of its surroundings on the page."""

    id: str
    locale: Locale
    required: bool = False
    disabled: bool = False
    described_by: str = ""
    invalid: bool = False
    name: str = ""
    """The name to post under, where that is not the field's."""
    label: str = ""
    """What the input is called, where no <label> says so."""

    def attributes(self, **more: Any) -> dict[str, Any]:
        """The HTML attributes every input shares, with the type's own."""
        return {
            "required": "" if self.required else None,
            "disabled": "" if self.disabled else None,
            "aria-describedby": self.described_by or None,
            "aria-invalid": "true" if self.invalid else None,
            "aria-label": self.label or None,
            **more,
        }


class FieldType:
    """The stateless behaviour of a type of field; one instance a type.

    Groups of methods, all with defaults: storage (`columns selects load dump`), text (`from_text text`),
    rules (`check`), SQL (`where key`), HTML (`cell input parse`), JSON (`from_json to_json json_schema edm`).
    Values in between are Python's: `str int Decimal date datetime bool Reference`; `None` is empty.
    """

    name: ClassVar[str]
    label: ClassVar[Label]
    Settings: ClassVar[type[Struct]] = NoSettings
    operators: ClassVar[tuple[str, ...]] = ()
    editor: ClassVar[str] = "text"
    """How a grid edits it: text, number, date, choice, lookup or none."""
    edm: ClassVar[str] = "Edm.String"
    attribute_type: ClassVar[str] = "String"
    """The name of the type in Dataverse's EntityDefinitions."""
    format: ClassVar[str] = ""
    align: ClassVar[str] = "start"
    whole: ClassVar[bool] = False
    """Whether its text is short and of no use when a list cuts it off (amounts, dates, choices, phone numbers)."""
    sortable: ClassVar[bool] = True
    dated: ClassVar[bool] = False
    """Whether its values are days or moments, which are grouped by an interval."""
    joined: ClassVar[bool] = False
    """Whether one value holds several options."""
    holds_files: ClassVar[bool] = False
    apart: ClassVar[bool] = False
    """Whether its values are rows of another entity, which the Web API tells as a collection of those."""
    indexed: ClassVar[bool] = False
    """Whether records are looked up by the field so often that its column has an index (of the filled ones)."""
    aggregates: ClassVar[tuple[str, ...]] = ("count", "countcolumn", "min", "max")
    tall: ClassVar[bool] = False
    """Whether its input needs the whole width, below its label."""
    fixed_settings: ClassVar[tuple[str, ...]] = ()
    """Settings that decide what the stored values mean, so that they never change afterwards."""
    defaultable: ClassVar[bool] = True
    """Whether a field of the type may have a default."""
    creatable: ClassVar[bool] = True
    """Whether users may add a field of this type to an entity."""

    # -- storage
    def columns(self, field: Field) -> list[Column[Any]]:
        """The columns that hold the field; the first carries the field's name. Always nullable."""
        raise NotImplementedError

    def selects(self, field: Field, place: Place) -> list[ColumnElement[Any]]:
        """What to read, so that `load` can make the value."""
        return [place.table.c[field.name]]

    def load(self, field: Field, row: Sequence[Any]) -> Any:
        """The value, from what `selects` asked for."""
        return row[0]

    def dump(self, field: Field, value: Any) -> dict[str, Any]:
        """What to write: a value for every column of the field."""
        return {field.name: value}

    def like(self, other: "FieldType") -> bool:
        """Whether values of the other type can be stored as this one's."""
        return type(self) is type(other)

    # -- rules
    def check(self, field: Field, value: Any) -> Any:
        """The value made regular (trimmed, rounded), or `Invalid` (as a Message raised by `problem`)."""
        return value

    def settings_problems(self, settings: Any) -> dict[str, Message]:
        """What is wrong with settings whose types are right, by the setting's name."""
        return {}

    def targets(self, field: Field) -> tuple[Target, ...]:
        """The entities that the field points at; empty for all but lookups."""
        return ()

    def options(self, field: Field) -> tuple[Any, ...]:
        """The options that the field offers; empty for all but choices."""
        return ()

    # -- text
    def text(self, field: Field, value: Any, locale: Locale) -> str:
        """The value as a reader sees it, in a list, an export or a paste."""
        return "" if value is None else str(value)

    def from_text(self, field: Field, text: str, locale: Locale) -> Any:
        """The value that a form, grid, paste or import means; raises `Problem`."""
        return text.strip() or None

    def native(self, field: Field, value: Any, locale: Locale) -> Any:
        """The value in a cell of a workbook, where its editor is one of numbers or dates."""
        return value

    # -- SQL
    def where(self, field: Field, place: Place, operator: str, values: Sequence[Any]) -> ColumnElement[bool]:
        """A condition on the field; `values` are already the type's own (`operand`)."""
        from basis.fields.operators import condition

        return condition(operator, self.key(field, place), values, place.moment)

    def operand(self, field: Field, operator: str, value: Any, moment: Moment) -> Any:
        """A value in a condition (text or JSON, as definitions and URLs hold it) made comparable with `key`."""
        return self.from_json(field, value)

    def key(self, field: Field, place: Place, interval: str = "") -> ColumnElement[Any]:
        """The expression to compare, sort or group by."""
        return place.table.c[field.name]

    def sort_key(self, field: Field, place: Place) -> ColumnElement[Any]:
        """The expression to sort by, where that differs from `key`."""
        return self.key(field, place)

    def group(
        self, field: Field, place: Place, interval: str = ""
    ) -> tuple[list[ColumnElement[Any]], list[ColumnElement[Any]]]:
        """What to select of a group (for `load`; with an interval its first day as text), and what to group by."""
        keys = [self.key(field, place, interval)]
        return keys, keys

    def sum_of(self, field: Field, place: Place) -> ColumnElement[Any]:
        """The expression to add up or to average (money: its base amount)."""
        return self.key(field, place)

    # -- HTML
    def cell(self, field: Field, value: Any, locale: Locale) -> Markup:
        """The value in a list."""
        return escape(self.text(field, value, locale))

    def full(self, field: Field, value: Any, locale: Locale) -> Markup:
        """The value where there is room for all of it: in a read-only form, on a timeline."""
        return self.cell(field, value, locale)

    def shown(self, field: Field, value: Any, locale: Locale) -> str:
        """The text that the input holds for a value, and posts again when nobody touches it."""
        return self.text(field, value, locale)

    def input(self, field: Field, value: Any, frame: Frame) -> Markup:
        """The widget, filled with a value, or with the text that was refused."""
        shown = value if isinstance(value, str) else self.shown(field, value, frame.locale)
        return self.plain_input(field, shown, frame)

    def default_input(self, field: Field, value: Any, frame: Frame) -> Markup:
        """The widget in which one says what a new record holds; it can be left empty."""
        return self.input(field, value, frame)

    def plain_input(self, field: Field, shown: str, frame: Frame, kind: str = "text", **attributes: Any) -> Markup:
        return render(
            _INPUT,
            kind=kind,
            id=frame.id,
            name=frame.name or field.name,
            value=shown,
            attributes=frame.attributes(**attributes),
        )

    def parse(self, field: Field, posted: Posted, locale: Locale) -> Any:
        """The value that a posted form holds for the field; raises `Problem`."""
        return self.from_text(field, posted.get(field.name, ""), locale)

    # -- the filter row of a list
    @property
    def quick_operator(self) -> str:
        """What a text in this field's place of a list's filter row means; empty: there is no filter."""
        return next((name for name in QUICK if name in self.operators), "")

    def quick_filter(self, field: Field, text: str, locale: Locale) -> tuple[str, Any]:
        """Operator and value (in JSON form) that a text in the filter row means; raises `Problem`.

        Numbers may stand after `>`, `>=`, `<` or `<=`.
        """
        if self.quick_operator == "contains":
            return "contains", text
        for sign, operator in COMPARISONS:
            if text.startswith(sign) and operator in self.operators:
                return operator, self.to_json(field, self.from_text(field, text.removeprefix(sign), locale))
        value = self.to_json(field, self.from_text(field, text, locale))
        return self.quick_operator, value

    def filter_input(self, field: Field, text: str, frame: Frame) -> Markup:
        """The widget of the filter row, filled with what was asked before."""
        return self.plain_input(field, text, frame, "search")

    def asking(self, field: Field, operator: str) -> Field:
        """The field whose input asks for the values of a condition with that operator."""
        return field

    def filter_text(self, field: Field, value: Any, locale: Locale) -> str:
        """The text with which `filter_input` shows a value."""
        return self.shown(field, value, locale)

    # -- JSON
    def property(self, field: Field) -> str:
        """The name under which the Web API reads the value."""
        return field.name

    def to_json(self, field: Field, value: Any) -> Any:
        return value

    def from_json(self, field: Field, value: Any) -> Any:
        """The value in a Web API body or a definition; raises `Problem`."""
        if value is None or isinstance(value, str):
            return value
        raise Problem("Must be text.")

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {"type": ["string", "null"]}


class Problem(Exception):
    """Why one value is refused; the door gathers these into one `Invalid`, keyed by field."""

    def __init__(self, text: str, **arguments: Any) -> None:
        super().__init__(text)
        self.message = Message(text, **arguments)
