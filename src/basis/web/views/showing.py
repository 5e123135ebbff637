"""Ways of showing the records of a view beside a table: as cards, as a kanban, in a calendar."""

from calendar import Calendar as Weeks
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from basis.catalog.entity import Entity
from basis.catalog.query import Column as Asked
from basis.catalog.query import Condition, Filter, Query
from basis.catalog.view import Grouping, Show, View, ViewColumn
from basis.fields import type_of
from basis.fields.base import Field
from basis.html import Markup
from basis.i18n import format_interval, format_number, label
from basis.records import select
from basis.records.figures import Sums, groups
from basis.records.record import Record
from basis.security.scope import Scope
from basis.web.table import Column, Row, rows_of

CARDS = 50
"""So many cards of a column are shown; the rest is counted."""
A_DAY = 4
"""So many records of a day are shown in a calendar; the rest is counted."""
MOST_OF_A_MONTH = 1_000


class CardColumn(Struct, frozen=True):
    """A column of a kanban: `value` is what a card gets that is put into it."""

    value: str
    title: Markup
    count: str
    sum: str
    cards: list[Row]
    more: int


class Board(Struct, frozen=True):
    """A kanban: the field that moving a card changes, and the columns. `movable`: whether the user may change it."""

    field: Field
    label: str
    columns: list[CardColumn]
    movable: bool


class Day(Struct, frozen=True):
    """A day of a calendar with the records that lie on it."""

    day: date
    within: bool
    today: bool
    rows: list[Row]
    more: int


class Month(Struct, frozen=True):
    """A month as weeks of days; `before` and `after` are the months beside it, as `2026-11`."""

    title: str
    weekdays: list[str]
    weeks: list[list[Day]]
    before: str
    after: str


def ways_to_show(entity: Entity, view: View) -> dict[str, Show]:
    """How the view's records can be shown, with the fields that this takes when the view does not say."""
    found = {"table": Show(), "cards": Show("cards")}
    by, dated = board_field(entity, view.show), date_field(entity, view.show)
    if by is not None:
        found["kanban"] = Show("kanban", by=by.name, sum=view.show.sum or _sum_field(entity))
    if dated is not None:
        found["calendar"] = Show("calendar", date=dated.name, until=view.show.until)
    return found | {view.show.kind: _complete(view.show, found.get(view.show.kind, Show()))}


def _complete(show: Show, usual: Show) -> Show:
    return Show(show.kind, show.by or usual.by, show.sum or usual.sum, show.date or usual.date, show.until)


def _visible(entity: Entity, name: str) -> Field | None:
    field = entity.by_name.get(name)
    return None if field is None or field.hidden else field


def board_field(entity: Entity, show: Show) -> Field | None:
    """The choice whose options are the columns of a kanban: as the view says, the status reason, or the first one."""
    wanted = _visible(entity, show.by) or _visible(entity, "statuscode")
    choices = [each for each in entity.visible_fields if type_of(each).options(each) and not type_of(each).joined]
    return wanted if wanted in choices else next(iter(choices), None)


def date_field(entity: Entity, show: Show) -> Field | None:
    """The date that places records in a calendar."""
    usual = ("scheduledstart", "scheduledend", "estimatedclosedate", "createdon")
    names = (show.date, *usual, *(each.name for each in entity.visible_fields))
    found = (_visible(entity, name) for name in names)
    return next((each for each in found if each is not None and type_of(each).dated), None)


def _sum_field(entity: Entity) -> str:
    return next((name for name in ("estimatedvalue", "totalamount") if _visible(entity, name)), "")


# -- kanban


def board(scope: Scope, entity: Entity, show: Show, query: Query, columns: list[Column]) -> Board | None:
    """The kanban of a query; None for an entity without a choice."""
    field = board_field(entity, show)
    if field is None:
        return None
    summed = (ViewColumn(show.sum, total="sum"),) if _visible(entity, show.sum) else ()
    figures = groups(scope, query, Grouping(field.name), summed)
    options = [(option.value, label(option.label, scope.language)) for option in type_of(field).options(field)]
    made = [_column(scope, entity, field, value, query, columns, figures.get(value), summed) for value, _ in options]
    if None in figures:
        made.append(_column(scope, entity, field, None, query, columns, figures[None], summed))
    movable = scope.user.may(entity.name, "write") and not field.readonly
    return Board(field, label(field.label, scope.language), made, movable)


def _column(
    scope: Scope, entity: Entity, field: Field, value: Any, query: Query, columns: list[Column],
    sums: Sums | None, summed: tuple[ViewColumn, ...],
) -> CardColumn:  # fmt: skip
    condition = Condition(field.name, "null") if value is None else Condition(field.name, "eq", value)
    narrowed = msgspec.structs.replace(query, filter=Filter(conditions=(condition,), filters=(query.filter,)))
    count = sums.count if sums else 0
    records = select.page(scope, narrowed, limit=CARDS).records if count else ()
    total = sums.figures.get(summed[0].key) if sums and summed else None
    shown = type_of(entity.by_name[summed[0].field]) if summed else None
    amount = shown.text(entity.by_name[summed[0].field], total, scope.locale) if shown and total is not None else ""
    title = type_of(field).cell(field, value, scope.locale) if value is not None else Markup("–")
    cards = rows_of(scope, entity, columns, records)
    number = format_number(count, scope.language)
    return CardColumn("" if value is None else str(value), title, number, amount, cards, max(0, count - len(cards)))


# -- calendar


def month(scope: Scope, entity: Entity, show: Show, query: Query, columns: list[Column], asked: str) -> Month | None:
    """The calendar of a query for a month such as `2026-11`; this month for anything else."""
    field = date_field(entity, show)
    if field is None:
        return None
    today = scope.now.astimezone(scope.locale.zone).date()
    first = _month(asked) or today.replace(day=1)
    weeks = Weeks(0).monthdatescalendar(first.year, first.month)
    by_day = _by_day(scope, field, query, weeks[0][0], weeks[-1][-1])
    made = [[_day(scope, entity, columns, day, first, today, by_day.get(day, [])) for day in week] for week in weeks]
    names = [_weekday(day, scope.language) for day in weeks[0]]
    before, after = first - timedelta(days=1), first + timedelta(days=32)
    title = format_interval(first, "month", scope.language)
    return Month(title, names, made, f"{before:%Y-%m}", f"{after:%Y-%m}")


def _month(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        return None


def _weekday(day: date, language: str) -> str:
    return format_interval(day, "weekday", language)


def _by_day(scope: Scope, field: Field, query: Query, first: date, last: date) -> dict[date, list[Record]]:
    within = (
        Condition(field.name, "on-or-after", first.isoformat()),
        Condition(field.name, "on-or-before", last.isoformat()),
    )
    narrowed = msgspec.structs.replace(
        query,
        columns=(*query.columns, *(() if _reads(query, field) else (Asked(field.name),))),
        filter=Filter(conditions=within, filters=(query.filter,)),
    )
    found: dict[date, list[Record]] = {}
    for record in select.page(scope, narrowed, limit=MOST_OF_A_MONTH).records:
        value = record.values[field.name]
        day = value.astimezone(scope.locale.zone).date() if isinstance(value, datetime) else value
        found.setdefault(day, []).append(record)
    return found


def _reads(query: Query, field: Field) -> bool:
    return any(each.field == field.name and not each.link for each in query.columns)


def _day(
    scope: Scope, entity: Entity, columns: list[Column], day: date, first: date, today: date, records: list[Record]
) -> Day:
    rows = rows_of(scope, entity, columns, records[:A_DAY])
    return Day(day, day.month == first.month, day == today, rows, max(0, len(records) - A_DAY))
