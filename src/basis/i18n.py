"""Languages: translated sentences, labels, and the one place where numbers and dates become text and back."""

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale as BabelLocale
from babel.dates import format_date as babel_format_date
from babel.dates import get_date_format, get_month_names
from babel.numbers import get_currency_symbol, get_decimal_symbol, get_group_symbol
from msgspec import Struct

from basis.errors import BasisError, Message

Label = dict[str, str]
"""A name in each language: `{"en": "Account", "nl": "Account"}`."""

LANGUAGES = {"nl": "Nederlands", "en": "English"}
LCIDS = {"nl": 1043, "en": 1033}
REGIONS = {"nl": "nl_NL", "en": "en_GB"}


def language_of(lcid: int | None) -> str:
    """The language with that number (LCID); Dutch for one in which Basis does not speak."""
    return next((language for language, number in LCIDS.items() if number == lcid), "nl")


class Locale(Struct, frozen=True):
    """How one reader wants text, numbers and times: language `nl` or `en`, and an IANA time zone."""

    language: str = "en"
    zone_name: str = "Europe/Amsterdam"

    @property
    def zone(self) -> ZoneInfo:
        return time_zone(self.zone_name)


@lru_cache
def time_zone(name: str) -> ZoneInfo:
    """The time zone of that IANA name; Amsterdam for an unknown one."""
    return ZoneInfo(name if name in available_timezones() else "Europe/Amsterdam")


@lru_cache
def _messages(language: str) -> dict[str, str]:
    from babel.messages.pofile import read_po

    path = resources.files("basis").joinpath("locale", f"{language}.po")
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string}


def translate(text: str, language: str) -> str:
    """The sentence in that language; the English text itself where there is no translation."""
    return text if language == "en" else _messages(language).get(text, text)


def say(message: "Message | BasisError | str", language: str) -> str:
    """An error or message as a sentence in that language, its arguments filled in (labels translated too)."""
    if isinstance(message, BasisError):
        message = message.message
    if isinstance(message, str):
        return translate(message, language)
    arguments = {name: _argument(value, language) for name, value in message.arguments.items()}
    return translate(message.text, language).format(**arguments)


def _argument(value: Any, language: str) -> Any:
    if isinstance(value, dict):
        return label(value, language)
    if isinstance(value, tuple):
        return " ".join(str(_argument(part, language)) for part in value)
    if isinstance(value, Message | BasisError):
        return say(value, language)
    return value


def label(names: Label, language: str) -> str:
    """The label in that language; else the English one, else any, else nothing."""
    return names.get(language) or names.get("en") or next(iter(names.values()), "")


# -- numbers ---------------------------------------------------------------------------------------


class _Symbols(Struct, frozen=True):
    decimal: str
    group: str
    date: str
    """A strftime pattern."""


@lru_cache
def symbols(language: str) -> _Symbols:
    """The decimal and group signs and the short date pattern of a language, from CLDR."""
    region = REGIONS.get(language, "en_GB")
    order = [part for part in get_date_format("short", region).pattern if part in "dMy"]
    seen = list(dict.fromkeys(order))
    pattern = ("-" if language == "nl" else "/").join({"d": "%d", "M": "%m", "y": "%Y"}[part] for part in seen)
    return _Symbols(get_decimal_symbol(region), get_group_symbol(region), pattern)


@lru_cache
def _swap(language: str) -> dict[int, str]:
    signs = symbols(language)
    return str.maketrans({".": signs.decimal, ",": signs.group})


def format_number(value: int | float | Decimal, language: str, digits: int = 0, grouped: bool = True) -> str:
    """`1234.5` with 2 digits is `1.234,50` in Dutch and `1,234.50` in English."""
    text = f"{value:,.{digits}f}" if grouped else f"{value:.{digits}f}"
    return text.translate(_swap(language))


def parse_number(text: str, language: str) -> Decimal:
    """The number that a reader of that language typed; `ValueError` when it is none or is ambiguous.

    Group signs are optional but must stand before three digits, so that "1.5" is no Dutch fifteen.
    """
    signs = symbols(language)
    cleaned = text.strip().replace("\u00a0", "").replace(" ", "").replace("\u2212", "-")
    whole, sign, fraction = cleaned.partition(signs.decimal)
    digits = whole.lstrip("+-")
    if signs.group in digits:
        groups = digits.split(signs.group)
        if not groups[0] or len(groups[0]) > 3 or any(len(group) != 3 for group in groups[1:]):
            raise ValueError(text)
    bare = whole.replace(signs.group, "")
    if not (bare.lstrip("+-") or fraction) or not (bare.lstrip("+-") + fraction).isascii():
        raise ValueError(text)
    if not (bare.lstrip("+-") + fraction).isdigit() or len(bare) - len(bare.lstrip("+-")) > 1:
        raise ValueError(text)
    return Decimal(f"{bare or 0}.{fraction or 0}" if sign else bare)


@lru_cache
def currency_symbol(code: str, language: str) -> str:
    """The symbol of a currency by its ISO 4217 code, `€` for EUR, as readers of that language write it."""
    return get_currency_symbol(code, REGIONS.get(language, "en_GB"))


def format_money(value: Decimal, currency: str, language: str, digits: int = 2) -> str:
    """`€ 1.234,50` in Dutch, `€1,234.50` in English, with spaces that do not break."""
    symbol = currency_symbol(currency, language)
    amount = format_number(abs(value), language, digits)
    minus = "-" if value < 0 else ""
    return f"{symbol}\u00a0{minus}{amount}" if language == "nl" else f"{minus}{symbol}{amount}"


# -- dates -----------------------------------------------------------------------------------------


def format_date(value: date, language: str) -> str:
    """`24-11-2026` in Dutch, `24/11/2026` in English."""
    return value.strftime(symbols(language).date)


def format_datetime(value: datetime, locale: Locale) -> str:
    """The moment in the reader's time zone: `24-11-2026 09:05`."""
    return value.astimezone(locale.zone).strftime(symbols(locale.language).date + " %H:%M")


_INTERVALS = {
    "nl": {
        "month": "LLLL yyyy",
        "quarter": "'kwartaal' Q, yyyy",
        "year": "yyyy",
        "week": "'week' w, YYYY",
        "weekday": "EEE",
    },
    "en": {
        "month": "LLLL yyyy",
        "quarter": "'quarter' Q, yyyy",
        "year": "yyyy",
        "week": "'week' w, YYYY",
        "weekday": "EEE",
    },
}


def format_interval(first: date, interval: str, language: str) -> str:
    """The day, week (ISO), month, quarter or year that begins on that day: `november 2026`, `week 48, 2026`."""
    pattern = _INTERVALS[language].get(interval)
    if pattern is None:
        return format_date(first, language)
    return babel_format_date(first, pattern, locale=REGIONS[language])


def parse_date(text: str, language: str) -> date:
    """A date as typed (`24-11-2026`, `24/11/2026`, `24 november 2026`) or in ISO form; else `ValueError`."""
    cleaned = text.strip().replace("/", "-").replace(".", "-")
    for pattern in ("%Y-%m-%d", "%d-%m-%Y", "%d-%m-%y"):
        try:
            return datetime.strptime(cleaned, pattern).date()
        except ValueError:
            continue
    return _date_in_words(text, language)


def _date_in_words(text: str, language: str) -> date:
    day, month, year = text.lower().replace(".", " ").split()
    for width in ("wide", "abbreviated"):
        names = get_month_names(width, locale=BabelLocale.parse(REGIONS[language]))
        for number, name in names.items():
            if month == name.lower().rstrip("."):
                return date(int(year), int(number), int(day))
    raise ValueError(text)


def parse_datetime(text: str, locale: Locale) -> datetime:
    """A moment as typed in the reader's time zone, or in ISO form with its own offset; answers UTC."""
    cleaned = text.strip()
    try:
        moment = datetime.fromisoformat(cleaned)
    except ValueError:
        day, _, time = cleaned.rpartition(" ")
        clock = datetime.strptime(time, "%H:%M").time() if ":" in time else None
        moment = datetime.combine(parse_date(day if clock else cleaned, locale.language), clock or datetime.min.time())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=locale.zone)
    return moment.astimezone(UTC).replace(microsecond=0)
