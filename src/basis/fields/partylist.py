"""Party lists: who an activity is from, to or with. Each party is a record or a bare e-mail address.

The parties are no columns of the activity but rows of `activityparty`, one for each, so that a query can go from a
contact to every activity in which it takes part (records/parties.py writes them).
"""

import re
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Column, ColumnElement, FromClause, Text, and_, cast, exists, func, not_, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from basis.fields.base import Field, FieldType, Frame, Moment, Place, Problem, Target
from basis.fields.email import EmailType
from basis.fields.id import regular_id
from basis.fields.lookup import LookupSettings, LookupType
from basis.fields.operators import EMPTY, condition
from basis.fields.reference import Named, Reference
from basis.fields.storage import KEY, fold
from basis.html import Markup, render, template
from basis.i18n import Locale, label

PARTY = "activityparty"
"""The entity whose records are the parties of all activities."""
PARTIES = ("account", "contact", "lead", "systemuser", "queue")
"""The entities whose records may take part."""
PARTNER = Field("partyid", "lookup", {}, settings=LookupSettings(tuple(Target(name) for name in PARTIES)))
"""The lookup of activityparty that points at who takes part, as queries read it."""

_TOKEN = re.compile(r"(\w+)/([0-9a-fA-F-]{32,36})")
_ADDRESSED = re.compile(r"[^<>]*<([^<>\s]+@[^<>\s]+)>")
_SEVERAL = template(
    '<input type="hidden" name="{{ name }}" value="">'
    '<crm-lookup class="lookup" data-url="{{ url }}" data-typed data-addresses>'
    '<select class="input" id="{{ id }}" name="{{ name }}"{% if not single %} multiple{% endif %}'
    '{% for key, held in attributes.items() if held is not none %} {{ key }}="{{ held }}"{% endfor %}>'
    '{% if single %}<option value=""></option>{% endif %}'
    '{% for value, text in chosen %}<option value="{{ value }}" selected>{{ text }}</option>{% endfor %}</select>'
    '<noscript><input class="input" name="{{ name }}" aria-label="{{ title }}"></noscript></crm-lookup>'
)

Party = Reference | Named | str
"""One party: a record, one that is only known by name yet, or an e-mail address."""


class PartyListSettings(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`mask`: which role its parties play, Dataverse's `participationtypemask`; `single`: at most one."""

    mask: int = 2
    single: bool = False


class Gathered(FunctionElement[str]):
    """The rows of a group as JSON: a list of lists, in no order."""

    type = Text()
    inherit_cache = True
    name = "gathered"


@compiles(Gathered, "sqlite")
def _gathered_sqlite(element: Gathered, compiler: Any, **options: Any) -> str:
    row = func.json_array(*element.clauses)
    return str(compiler.process(func.json_group_array(row), **options))


@compiles(Gathered, "postgresql")
def _gathered_postgresql(element: Gathered, compiler: Any, **options: Any) -> str:
    row = func.json_build_array(*element.clauses)
    return str(compiler.process(cast(func.json_agg(row), Text), **options))


class _Partner(LookupType):
    """How one party is read and compared."""

    def called(self, place: Place, suffix: str = "") -> ColumnElement[Any]:
        return self._label(PARTNER, place, suffix)


_partner = _Partner()
_NEGATIVE = {"ne": "eq", "not-contain": "contains", "not-begin-with": "begins-with", "ne-userid": "eq-userid"}


class PartyListType(FieldType):
    """The value is a tuple of parties, in the order in which they were given."""

    name = "partylist"
    label = {"en": "Party list", "nl": "Deelnemers"}
    Settings = PartyListSettings
    operators = (
        *EMPTY,
        "eq",
        "ne",
        "contains",
        "not-contain",
        "begins-with",
        "not-begin-with",
        "eq-userid",
        "ne-userid",
    )
    editor = "none"
    attribute_type = "PartyList"
    sortable = False
    apart = True
    defaultable = False
    creatable = False
    aggregates = ()

    # -- storage: in rows of their own
    def columns(self, field: Field) -> list[Column[Any]]:
        return []

    def dump(self, field: Field, value: Any) -> dict[str, Any]:
        return {}

    def selects(self, field: Field, place: Place) -> list[ColumnElement[Any]]:
        party, there = self._rows(field, place)
        c = there.table.c
        gathered = Gathered(c.activitypartyid, c.partyid, c.partyidtype, _partner.called(there), c.addressused)
        return [select(gathered).where(party).correlate(place.table).scalar_subquery()]

    def _rows(self, field: Field, place: Place) -> tuple[ColumnElement[bool], Place]:
        """The condition on the rows of the field in a table of parties, and that table as a place."""
        table: FromClause = place.tables[PARTY].alias()
        there = msgspec.structs.replace(place, table=table)
        same = and_(
            table.c.activityid == place.table.c.activityid, table.c.participationtypemask == field.settings.mask
        )
        return same, there

    def load(self, field: Field, row: Sequence[Any]) -> Any:
        lines = sorted(msgspec.json.decode(row[0])) if row[0] else []
        parties = [_loaded(*line[1:]) for line in lines]
        return tuple(party for party in parties if party) or None

    # -- rules and text
    def check(self, field: Field, value: Any) -> Any:
        given = (value,) if isinstance(value, Reference | Named | str) else value
        if not isinstance(given, tuple | list):
            raise Problem("Must be a list of records and e-mail addresses.")
        parties = tuple(dict.fromkeys(_checked(party) for party in given))
        if field.settings.single and len(parties) > 1:
            raise Problem("Only one fits here.")
        return parties or None

    def text(self, field: Field, value: Any, locale: Locale) -> str:
        return "; ".join(_called(party) for party in value or ())

    def from_text(self, field: Field, text: str, locale: Locale) -> Any:
        parts = (part.strip() for part in re.split(r"[;\n]", text))
        return tuple(_read(part) for part in parts if part) or None

    # -- SQL
    def operand(self, field: Field, operator: str, value: Any, moment: Moment) -> Any:
        """The id of a record, or a name or address."""
        try:
            return regular_id(value.id if isinstance(value, Reference) else value)
        except Problem:
            return str(value)

    def where(self, field: Field, place: Place, operator: str, values: Sequence[Any]) -> ColumnElement[bool]:
        same, there = self._rows(field, place)
        if operator in EMPTY:
            found = exists().where(same).correlate(place.table)
            return found if operator == "not-null" else not_(found)
        positive = _NEGATIVE.get(operator, operator)
        found = exists().where(same, _fits(there, positive, values)).correlate(place.table)
        return not_(found) if operator in _NEGATIVE else found

    def key(self, field: Field, place: Place, interval: str = "") -> ColumnElement[Any]:
        raise Problem("One cannot sort or group by {field}.", field=field.label)

    # -- HTML
    def cell(self, field: Field, value: Any, locale: Locale) -> Markup:
        return Markup("; ").join(_linked(party) for party in value or ())

    def shown(self, field: Field, value: Any, locale: Locale) -> str:
        return "".join(f"\n{_token(party)}" for party in value or ())

    def input(self, field: Field, value: Any, frame: Frame) -> Markup:
        held = self.from_text(field, value, frame.locale) if isinstance(value, str) else value
        return render(
            _SEVERAL,
            id=frame.id,
            name=field.name,
            url="/lookup?typed=1&" + "&".join(f"entity={name}" for name in PARTIES),
            single=field.settings.single,
            chosen=[(_token(party), _called(party)) for party in held or ()],
            title=label(field.label, frame.locale.language),
            attributes=frame.attributes(),
        )

    def filter_text(self, field: Field, value: Any, locale: Locale) -> str:
        return value if isinstance(value, str) else self.text(field, value, locale)

    # -- JSON
    def to_json(self, field: Field, value: Any) -> Any:
        return [_told(party) for party in value] if value else None

    def from_json(self, field: Field, value: Any) -> Any:
        if isinstance(value, str):
            return self.from_text(field, value, Locale())
        return tuple(_untold(party) for party in value or ())

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {"type": ["array", "null"], "items": {"type": "object"}}


def _loaded(id: str | None, entity: str | None, called: str | None, address: str | None) -> Party | None:
    """A party as it is stored. One whose record is gone is its address, or nobody."""
    return Reference(entity, id, called or "") if id and entity else address or None


def _checked(party: Any) -> Party:
    if isinstance(party, Named):
        return party
    if isinstance(party, str):
        return EmailType().regular(party.strip())
    if not isinstance(party, Reference):
        raise Problem("Must be a list of records and e-mail addresses.")
    if party.entity not in PARTIES:
        raise Problem("May not point at {entity}.", entity=party.entity or party.id)
    return Reference(party.entity, regular_id(party.id), party.label)


def _read(text: str) -> Party:
    """What a form posts (`contact/ID`), or what people write: a name, an address, a name with an address behind it."""
    token = _TOKEN.fullmatch(text)
    if token:
        return Reference(token[1], token[2])
    addressed = _ADDRESSED.fullmatch(text)
    return addressed[1] if addressed else text if "@" in text else Named(text)


def _called(party: Party) -> str:
    if isinstance(party, Reference):
        return party.label or "…"
    return party.text if isinstance(party, Named) else party


def _token(party: Party) -> str:
    return f"{party.entity}/{party.id}" if isinstance(party, Reference) else _called(party)


def _linked(party: Party) -> Markup:
    if isinstance(party, Reference):
        return Markup('<a href="/{}/{}">{}</a>').format(party.entity, party.id, _called(party))
    if isinstance(party, Named):
        return Markup("{}").format(party.text)
    return Markup('<a href="mailto:{0}">{0}</a>').format(party)


def _told(party: Party) -> dict[str, str]:
    if isinstance(party, Reference):
        return {"entity": party.entity, "id": party.id, "label": party.label}
    return {"name": party.text} if isinstance(party, Named) else {"address": party}


def _untold(told: Any) -> Party:
    if isinstance(told, dict) and "id" in told:
        return Reference(str(told.get("entity", "")), regular_id(told["id"]), str(told.get("label", "")))
    if isinstance(told, dict) and "address" in told:
        return str(told["address"])
    if isinstance(told, dict) and "name" in told:
        return Named(str(told["name"]))
    raise Problem("Must be a list of records and e-mail addresses.")


def _fits(there: Place, operator: str, values: Sequence[Any]) -> ColumnElement[bool]:
    """Whether a row's party is meant: by its record, by that record's name, or by its address."""
    partner = there.table.c.partyid
    if operator == "eq-userid":
        return partner == there.moment.user_id
    if not values:
        raise Problem("The operator {operator} needs {count} value(s).", operator=operator, count=1)
    address, called = there.table.c["addressused" + KEY], _partner.called(there, KEY)
    if operator == "eq" and _is_id(values[0]):
        return condition("eq", partner, values, there.moment)
    words = [fold(values[0])] if operator == "eq" else values
    return or_(*(condition(operator, key, words, there.moment) for key in (called, address)))


def _is_id(text: str) -> bool:
    try:
        return regular_id(text) == text
    except Problem:
        return False
