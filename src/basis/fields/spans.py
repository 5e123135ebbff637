"""The spans of time that relative operators mean ("last month", "next 3 weeks"), in the reader's time zone."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from basis.fields.base import Moment
from basis.fields.intervals import bucket_start

Span = tuple[datetime | None, datetime | None]
"""From (inclusive) and until (exclusive), aware; None is open."""


def add_months(day: date, months: int) -> date:
    """The same day so many months on, or that month's last."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day.day, last))


def midnight(day: date, moment: Moment) -> datetime:
    """The start of that day for the reader, as a UTC moment."""
    return datetime.combine(day, time(), tzinfo=moment.locale.zone).astimezone(UTC)


def today(moment: Moment) -> date:
    return moment.now.astimezone(moment.locale.zone).date()


def _days(start: int, end: int) -> Callable[[Moment, int], Span]:
    def span(moment: Moment, _: int) -> Span:
        day = today(moment)
        return midnight(day + timedelta(days=start), moment), midnight(day + timedelta(days=end), moment)

    return span


MONTHS = {"month": 1, "quarter": 3, "year": 12, "fiscal-period": 3, "fiscal-year": 12}


def _whole(interval: str, shift: int) -> Callable[[Moment, int], Span]:
    """The week, month, year … that lies `shift` from the current one."""

    def span(moment: Moment, _: int) -> Span:
        first = bucket_start(today(moment), interval, moment.fiscal_start_month)
        if interval == "week":
            start, end = first + timedelta(weeks=shift), first + timedelta(weeks=shift + 1)
        else:
            start, end = (
                add_months(first, MONTHS[interval] * shift),
                add_months(first, MONTHS[interval] * (shift + 1)),
            )
        return midnight(start, moment), midnight(end, moment)

    return span


def _shifted(moment: Moment, unit: str, amount: int) -> datetime:
    """Now, moved by so many units; units of a day and more start at the reader's midnight."""
    if unit in ("minutes", "hours"):
        return moment.now + timedelta(**{unit: amount})
    day = today(moment)
    if unit in ("days", "weeks"):
        return midnight(day + timedelta(**{unit: amount}), moment)
    months = {"months": 1, "years": 12, "fiscal-periods": 3, "fiscal-years": 12}[unit]
    if unit.startswith("fiscal"):
        day = bucket_start(day, unit.removesuffix("s"), moment.fiscal_start_month)
    return midnight(add_months(day, months * amount), moment)


def _last(unit: str) -> Callable[[Moment, int], Span]:
    return lambda moment, amount: (_shifted(moment, unit, -amount), moment.now + timedelta(seconds=1))


def _next(unit: str) -> Callable[[Moment, int], Span]:
    def span(moment: Moment, amount: int) -> Span:
        end = _shifted(moment, unit, amount)
        if unit not in ("hours", "minutes"):
            end = midnight(end.astimezone(moment.locale.zone).date() + timedelta(days=1), moment)
        return moment.now, end

    return span


def _older(unit: str) -> Callable[[Moment, int], Span]:
    return lambda moment, amount: (None, _shifted(moment, unit, -amount))


SPANS: dict[str, Callable[[Moment, int], Span]] = {
    "today": _days(0, 1),
    "yesterday": _days(-1, 0),
    "tomorrow": _days(1, 2),
    "last-seven-days": _days(-7, 1),
    "next-seven-days": _days(0, 8),
    **{
        f"{word}-{interval}": _whole(interval, shift)
        for interval in ("week", "month", "year", "fiscal-year", "fiscal-period")
        for word, shift in (("last", -1), ("this", 0), ("next", 1))
    },
    **{
        f"{word}-x-{unit}": make(unit)
        for unit in ("hours", "days", "weeks", "months", "years", "fiscal-periods", "fiscal-years")
        for word, make in (("last", _last), ("next", _next))
    },
    **{f"olderthan-x-{unit}": _older(unit) for unit in ("minutes", "hours", "days", "weeks", "months", "years")},
}
"""Operator → the span it means; the second argument is the operator's number (0 where it takes none)."""


def fiscal_span(moment: Moment, year: int | None, period: int | None) -> Span:
    """A fiscal year (named after the calendar year in which it starts), or one quarter of it."""
    start = date(year or today(moment).year, moment.fiscal_start_month, 1)
    months = 12
    if period is not None:
        start, months = add_months(start, 3 * (period - 1)), 3
    return midnight(start, moment), midnight(add_months(start, months), moment)
