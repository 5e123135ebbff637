"""The form with which a view is shaped: for every row of a draft the choices that it offers and the inputs it needs."""

from msgspec import Struct

from basis.catalog.entity import Entity
from basis.fields import type_of
from basis.fields.base import Field
from basis.fields.operators import OPERATORS
from basis.html import Markup
from basis.i18n import label
from basis.security.scope import Scope
from basis.web.views.build import field_at, figures_of, other_end, tie_of
from basis.web.views.draft import Clause, Draft, DraftColumn, DraftOrder, Existence, Group
from basis.web.views.values import inputs
from basis.web.views.ways import offered_ways, reached

Choice = tuple[str, str]
"""A value and what it is called."""
FIGURES = {
    "count": {"en": "Count", "nl": "Aantal"},
    "sum": {"en": "Sum", "nl": "Som"},
    "avg": {"en": "Average", "nl": "Gemiddelde"},
    "min": {"en": "Lowest", "nl": "Laagste"},
    "max": {"en": "Highest", "nl": "Hoogste"},
}


class FieldRow(Struct, frozen=True):
    """A row that names a field: the ways and fields it offers; `title` is what it is called as a whole."""

    ways: list[Choice]
    fields: list[Choice]
    title: str
    figures: list[Choice] = []


class ClauseRow(Struct, frozen=True):
    """A condition: its place in the tree, the operators that fit, and the inputs of its values."""

    place: str
    clause: Clause
    row: FieldRow
    operators: list[Choice]
    inputs: list[Markup]


class ExistenceRow(Struct, frozen=True):
    """Whether related records exist: the relationships that lead to some, and the group they must fit."""

    place: str
    existence: Existence
    ties: list[Choice]
    group: "GroupRow | None"


class GroupRow(Struct, frozen=True):
    """A group with all that is in it."""

    place: str
    group: Group
    clauses: list[ClauseRow]
    groups: list["GroupRow"]
    existences: list[ExistenceRow]


class Form(Struct, frozen=True):
    """All rows; `by`, `sums` and `dates` are the fields for a kanban and a calendar."""

    columns: list[tuple[DraftColumn, FieldRow]]
    order: list[tuple[DraftOrder, FieldRow]]
    group: FieldRow
    dated: bool
    where: GroupRow
    by: list[Choice]
    sums: list[Choice]
    dates: list[Choice]


def form_of_draft(scope: Scope, entity: Entity, draft: Draft) -> Form:
    """The form for a draft; rows without a field get the entity's primary one to begin with."""
    maker = _Maker(scope, entity)
    for column in draft.columns:
        column.field = column.field or entity.primary
    for order in draft.order:
        order.field = order.field or entity.primary
    grouped = field_at(scope, entity, draft.group.way, draft.group.field)
    own = [field for field in entity.visible_fields if type_of(field).columns(field)]
    return Form(
        columns=[(row, maker.row(row.way, row.field, figures=True)) for row in draft.columns],
        order=[(row, maker.row(row.way, row.field, sortable=True)) for row in draft.order],
        group=maker.row(draft.group.way, draft.group.field, sortable=True),
        dated=grouped is not None and type_of(grouped).dated,
        where=maker.group(draft.where, "where"),
        by=maker.named([each for each in own if type_of(each).options(each) and not type_of(each).joined]),
        sums=maker.named([each for each in own if "sum" in type_of(each).aggregates]),
        dates=maker.named([each for each in own if type_of(each).dated]),
    )


class _Maker:
    """Makes rows of one entity; what it offers is made once for each way."""

    def __init__(self, scope: Scope, entity: Entity) -> None:
        self.scope = scope
        self.entity = entity
        self.language = scope.language
        self._ways: dict[str, list[Choice]] = {}
        self._fields: dict[tuple[str, bool], list[Choice]] = {}

    def named(self, fields: list[Field]) -> list[Choice]:
        found = [(field.name, label(field.label, self.language)) for field in fields]
        return sorted(found, key=lambda each: each[1].casefold())

    def ways(self, way: str) -> list[Choice]:
        if way not in self._ways:
            self._ways[way] = offered_ways(self.scope.catalog, self.entity, way, self.language)
        return self._ways[way]

    def fields(self, way: str, sortable: bool) -> list[Choice]:
        key = (way, sortable)
        if key not in self._fields:
            entity = reached(self.scope.catalog, self.entity, way)
            fields = [each for each in entity.visible_fields if not sortable or type_of(each).sortable]
            self._fields[key] = self.named(fields)
        return self._fields[key]

    def row(self, way: str, name: str, figures: bool = False, sortable: bool = False) -> FieldRow:
        field = field_at(self.scope, self.entity, way, name)
        shown = figures_of(field) if figures and field is not None else ()
        title = label(field.label, self.language) if field is not None else ""
        offered = [(figure, label(FIGURES[figure], self.language)) for figure in shown]
        return FieldRow(self.ways(way), self.fields(way, sortable), title, offered)

    def group(self, group: Group, place: str) -> GroupRow:
        return GroupRow(
            place,
            group,
            [self.clause(each, f"{place}.c{at}") for at, each in enumerate(group.clauses)],
            [self.group(each, f"{place}.g{at}") for at, each in enumerate(group.groups)],
            [self.existence(each, f"{place}.r{at}") for at, each in enumerate(group.existences)],
        )

    def clause(self, clause: Clause, place: str) -> ClauseRow:
        clause.field = clause.field or self.entity.primary
        field = field_at(self.scope, self.entity, clause.way, clause.field)
        if field is None:
            first = reached(self.scope.catalog, self.entity, clause.way)
            clause.field, field = first.primary, first.by_name[first.primary]
        known = type_of(field).operators
        if clause.operator not in known:
            clause.operator, clause.texts, clause.kinds = (known[0] if known else ""), [], []
        operators = [(name, label(OPERATORS[name].label, self.language)) for name in known]
        made = [] if clause.column else inputs(field, clause, place, self.scope.locale)
        return ClauseRow(place, clause, self.row(clause.way, clause.field), operators, made)

    def existence(self, existence: Existence, place: str) -> ExistenceRow:
        ties = self.ties()
        existence.tie = existence.tie or (ties[0][0] if ties else "")
        tie = tie_of(self.scope, self.entity, existence.tie)
        if tie is None:
            return ExistenceRow(place, existence, ties, None)
        inner = _Maker(self.scope, other_end(self.scope, self.entity, tie))
        return ExistenceRow(place, existence, ties, inner.group(existence.group, f"{place}.where"))

    def ties(self) -> list[Choice]:
        """The relationships that lead to other records, by the plural of those and, where there are several, why."""
        catalog, found = self.scope.catalog, []
        names = [each.name for each in catalog.incoming[self.entity.name] if not each.hidden]
        names += [each.name for each in catalog.associations.values() if self.entity.name in (each.first, each.second)]
        for name in names:
            tie = tie_of(self.scope, self.entity, name)
            if tie is None or other_end(self.scope, self.entity, tie).hidden:
                continue
            other = other_end(self.scope, self.entity, tie)
            field = other.by_name.get(getattr(tie, "field", ""))
            through = f" ({label(field.label, self.language)})" if field else ""
            found.append((name, label(other.plural, self.language) + through))
        return sorted(found, key=lambda each: each[1].casefold())
