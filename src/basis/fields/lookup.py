"""Lookups: a reference to a record of one entity, or of one of several."""

from collections.abc import Sequence
from typing import Any, ClassVar

from msgspec import Struct
from sqlalchemy import Column, ColumnElement, FromClause, Table, Text, and_, case, false, not_, null, or_, select

from basis.fields.asking import asked_as
from basis.fields.base import Field, FieldType, Frame, Moment, Place, Posted, Problem, Target
from basis.fields.id import regular_id
from basis.fields.operators import EQUALITY, HIERARCHY, PATTERNS, UNIT, USER, condition
from basis.fields.reference import Named, Reference
from basis.fields.storage import KEY, Id
from basis.html import Markup, escape, render, template
from basis.i18n import Locale, label

TYPE = "type"
"""Suffix of the column that says which entity a lookup of several points at (Dataverse's `customeridtype`)."""

ON_LABEL = PATTERNS
"""Operators that look at the name of the record instead of its id."""

_LOOKUP = template(
    '<crm-lookup class="lookup" data-url="{{ url }}">'
    '<input type="hidden" name="{{ name }}__type" value="{{ entity }}">'
    '<select class="input" id="{{ id }}" name="{{ name }}"'
    '{% for key, held in attributes.items() if held is not none %} {{ key }}="{{ held }}"{% endfor %}>'
    '<option value=""></option>'
    '{% if value %}<option value="{{ value }}" selected data-entity="{{ entity }}">{{ label }}</option>{% endif %}'
    "</select>"
    '<noscript><input class="input" name="{{ name }}" aria-label="{{ title }}"></noscript></crm-lookup>'
)


class LookupSettings(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The entities that the lookup may point at; with `own_entities` also the organisation's own ones with notes."""

    targets: tuple[Target, ...] = ()
    own_entities: bool = False


class LookupType(FieldType):
    """The value is a Reference. With one target the column is a foreign key."""

    name = "lookup"
    defaultable = False
    label = {"en": "Lookup", "nl": "Opzoekveld"}
    Settings: ClassVar[type[Struct]] = LookupSettings
    operators = (*EQUALITY, *ON_LABEL, *USER, *UNIT, *HIERARCHY)
    editor = "lookup"
    indexed = True
    edm = "Edm.Guid"
    attribute_type = "Lookup"
    aggregates = ("count", "countcolumn")
    usual: ClassVar[tuple[str, ...]] = ()
    """The entities that a new field of the type points at when nothing else is said."""

    def targets(self, field: Field) -> tuple[Target, ...]:
        return field.settings.targets  # type: ignore[no-any-return]

    def several(self, field: Field) -> bool:
        return len(self.targets(field)) > 1

    def columns(self, field: Field) -> list[Column[Any]]:
        columns: list[Column[Any]] = [Column(field.name, Id)]
        if self.several(field):
            columns.append(Column(field.name + TYPE, Text))
        return columns

    def selects(self, field: Field, place: Place) -> list[ColumnElement[Any]]:
        column = place.table.c[field.name]
        selected: list[ColumnElement[Any]] = [column, self._label(field, place, "")]
        if self.several(field):
            selected.append(place.table.c[field.name + TYPE])
        return selected

    def _label(self, field: Field, place: Place, suffix: str) -> ColumnElement[Any]:
        """The primary field (or, with the suffix of keys, its key) of the record pointed at."""
        column = place.table.c[field.name]
        labels = {target.entity: self._of(target.entity, column, place, suffix) for target in self.targets(field)}
        if not self.several(field):
            return next(iter(labels.values()))
        return case(labels, value=place.table.c[field.name + TYPE], else_=null())

    def _of(self, entity: str, column: ColumnElement[Any], place: Place, suffix: str) -> ColumnElement[Any]:
        id_name, primary = place.primary_keys[entity]
        other = _named(place.tables[entity])
        return (
            select(other.c[primary + suffix]).where(other.c[id_name] == column).correlate(place.table).scalar_subquery()
        )

    def load(self, field: Field, row: Sequence[Any]) -> Any:
        if row[0] is None:
            return None
        entity = row[2] if len(row) > 2 else self.targets(field)[0].entity
        return Reference(entity, row[0], row[1] or "")

    def dump(self, field: Field, value: Any) -> dict[str, Any]:
        stored = {field.name: value.id if value else None}
        if self.several(field):
            stored[field.name + TYPE] = value.entity if value else None
        return stored

    def check(self, field: Field, value: Any) -> Any:
        if isinstance(value, Named):
            return value
        if not isinstance(value, Reference):
            raise Problem("Must be a record.")
        entities = [target.entity for target in self.targets(field)]
        if not value.entity and len(entities) == 1:
            value = Reference(entities[0], value.id, value.label)
        if value.entity not in entities:
            raise Problem("May not point at {entity}.", entity=value.entity or value.id)
        return Reference(value.entity, regular_id(value.id), value.label)

    def text(self, field: Field, value: Any, locale: Locale) -> str:
        return "" if value is None else (value.label if isinstance(value, Reference) else str(value))

    def from_text(self, field: Field, text: str, locale: Locale) -> Any:
        return Named(text.strip()) if text.strip() else None

    def parse(self, field: Field, posted: Posted, locale: Locale) -> Any:
        """The id that the widget posts with the entity beside it; a name where there is no JavaScript."""
        text = next((part for part in reversed(posted.get(field.name, "").split("\n")) if part.strip()), "").strip()
        entity = posted.get(f"{field.name}__type", "")
        try:
            return Reference(entity, regular_id(text)) if text else None
        except Problem:
            return Named(text)

    def shown(self, field: Field, value: Any, locale: Locale) -> str:
        return value.id if isinstance(value, Reference) else ""

    def quick_filter(self, field: Field, text: str, locale: Locale) -> tuple[str, Any]:
        """A part of the name, or the id of one record."""
        try:
            return "eq", regular_id(text)
        except Problem:
            return "contains", text

    def asking(self, field: Field, operator: str) -> Field:
        return asked_as(field, "text", max_length=400) if operator in ON_LABEL else field

    def key(self, field: Field, place: Place, interval: str = "") -> ColumnElement[Any]:
        return place.table.c[field.name]

    def sort_key(self, field: Field, place: Place) -> ColumnElement[Any]:
        return self._label(field, place, KEY)

    def group(
        self, field: Field, place: Place, interval: str = ""
    ) -> tuple[list[ColumnElement[Any]], list[ColumnElement[Any]]]:
        selected = self.selects(field, place)
        return selected, [selected[0], *selected[2:]]

    def operand(self, field: Field, operator: str, value: Any, moment: Moment) -> Any:
        if operator in ON_LABEL:
            return str(value)
        return value.id if isinstance(value, Reference) else regular_id(value)

    def where(self, field: Field, place: Place, operator: str, values: Sequence[Any]) -> ColumnElement[bool]:
        if operator in ON_LABEL:
            return condition(operator, self._label(field, place, KEY), values, place.moment)
        entities = tuple(target.entity for target in self.targets(field))
        return reference_condition(place.table.c[field.name], place, operator, values, entities)

    def cell(self, field: Field, value: Any, locale: Locale) -> Markup:
        if value is None:
            return Markup("")
        if not isinstance(value, Reference):
            return escape(str(value))
        return Markup('<a href="/{}/{}">{}</a>').format(value.entity, value.id, value.label or "…")

    def input(self, field: Field, value: Any, frame: Frame) -> Markup:
        held = value if isinstance(value, Reference) else None
        return render(
            _LOOKUP,
            id=frame.id,
            name=field.name,
            url="/lookup?" + "&".join(f"entity={target.entity}" for target in self.targets(field)),
            value=held.id if held else (value.text if isinstance(value, Named) else value or ""),
            label=held.label if held else (value.text if isinstance(value, Named) else value or ""),
            entity=held.entity if held else self.targets(field)[0].entity,
            title=label(field.label, frame.locale.language),
            attributes=frame.attributes(),
        )

    def property(self, field: Field) -> str:
        return f"_{field.name}_value"

    def to_json(self, field: Field, value: Any) -> Any:
        return None if value is None else value.id

    def from_json(self, field: Field, value: Any) -> Any:
        if value is None or isinstance(value, Reference | Named):
            return value
        return Reference("", regular_id(value))

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {"type": ["string", "null"], "format": "uuid"}


def _named(table: Table) -> FromClause:
    """The table under the name that labels are read by; kept, since making one copies every column."""
    if "label" not in table.info:
        table.info["label"] = table.alias()
    return table.info["label"]  # type: ignore[no-any-return]


def reference_condition(
    column: ColumnElement[Any], place: Place, operator: str, values: Sequence[Any], entities: Sequence[str]
) -> ColumnElement[bool]:
    """Conditions on an id: equality, those that mean the user who asks, and those that follow a hierarchy."""
    moment = place.moment
    if operator in HIERARCHY:
        return _hierarchy(column, place, operator, values, entities)
    if operator.startswith("eq-user"):
        return _users(column, place, operator)
    ready: dict[str, ColumnElement[bool]] = {
        "ne-userid": or_(column.is_(None), column != moment.user_id),
        "eq-businessid": column == moment.unit_id,
        "ne-businessid": or_(column.is_(None), column != moment.unit_id),
    }
    if operator in ready:
        return ready[operator]
    return condition(operator, column, values, moment)


def _users(column: ColumnElement[Any], place: Place, operator: str) -> ColumnElement[bool]:
    moment = place.moment
    parts: list[ColumnElement[bool]] = []
    if operator != "eq-userteams":
        parts.append(column == moment.user_id)
    if "hierarchy" in operator:
        parts.append(column.in_(descendants(place, "systemuser", moment.user_id)))
    if "teams" in operator and moment.team_ids:
        parts.append(column.in_(moment.team_ids))
    return or_(false(), *parts)


def descendants(place: Place, entity: str, top: str) -> Any:
    """The ids of all records under `top` (itself not included) in the entity's hierarchy, as a sub-select."""
    table, id_name, parent = _tree(place, entity)
    first = select(table.c[id_name].label("id")).where(table.c[parent] == top)
    tree = first.cte(recursive=True)
    other = table.alias()
    tree = tree.union(select(other.c[id_name]).where(other.c[parent] == tree.c.id))
    return select(tree.c.id)


def ancestors(place: Place, entity: str, bottom: str) -> Any:
    """The ids of all records above `bottom` in the entity's hierarchy, as a sub-select."""
    table, id_name, parent = _tree(place, entity)
    tree = select(table.c[parent].label("id")).where(table.c[id_name] == bottom).cte(recursive=True)
    other = table.alias()
    tree = tree.union(select(other.c[parent]).where(other.c[id_name] == tree.c.id))
    return select(tree.c.id).where(tree.c.id.is_not(None))


def _tree(place: Place, entity: str) -> tuple[Table, str, str]:
    if entity not in place.parents:
        raise Problem("{entity} has no hierarchy.", entity=entity)
    return place.tables[entity], place.primary_keys[entity][0], place.parents[entity]


def _hierarchy(
    column: ColumnElement[Any], place: Place, operator: str, values: Sequence[Any], entities: Sequence[str]
) -> ColumnElement[bool]:
    if not values:
        raise Problem("The operator {operator} needs {count} value(s).", operator=operator, count=1)
    entity = next((name for name in entities if name in place.parents), entities[0])
    walk = ancestors if "above" in operator else descendants
    found = column.in_(walk(place, entity, values[0]))
    if operator.startswith("eq-or"):
        return or_(column == values[0], found)
    return or_(column.is_(None), not_(found)) if operator == "not-under" else and_(found)
