"""Address cards (vCard) and calendars (iCalendar) as sheets: a row for each card or event, fields as titles."""

import quopri
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from msgspec import Struct

from basis.errors import Invalid
from basis.records.prepare import name_parts
from basis.transfer.csv import CsvRow, detect_encoding

Cells = dict[str, str]

PHONES = (("cell", "mobilephone"), ("home", "telephone2"))
ADDRESS = ("", "", "address1_line1", "address1_city", "address1_stateorprovince", "address1_postalcode",
           "address1_country")  # fmt: skip
PLAIN = {"TITLE": "jobtitle", "URL": "websiteurl", "NOTE": "description"}
EVENT = {"SUMMARY": "subject", "LOCATION": "location", "DESCRIPTION": "description"}
MOMENTS = {"DTSTART": "scheduledstart", "DTEND": "scheduledend"}


class Line(Struct, frozen=True):
    """One line of a card: its name, its parameters in small letters, its value as written, where it stands."""

    name: str
    parameters: str
    value: str
    number: int


def read_cards(path: Path) -> Iterator[CsvRow]:
    """A row of titles, then a row for each card or event. `Invalid` when there is none."""
    kind, cells_of = ("VCARD", contact_of) if path.suffix.lower() == ".vcf" else ("VEVENT", appointment_of)
    titles = list(dict.fromkeys(title for _, held in _cards(path, kind, cells_of) for title in held))
    if not titles:
        raise Invalid("The file {name} holds no cards or events.", name=path.name)
    yield 0, titles, None
    for number, held in _cards(path, kind, cells_of):
        yield number, [held.get(title, "") for title in titles], None


def _cards(path: Path, kind: str, cells_of: Callable[[list[Line]], Cells]) -> Iterator[tuple[int, Cells]]:
    held: list[Line] | None = None
    start = 0
    for line in _lines(path):
        mark = (line.name, line.value.strip().upper())
        if mark == ("BEGIN", kind):
            held, start = [], line.number
        elif mark == ("END", kind) and held is not None:
            yield start, {title: text for title, text in cells_of(held).items() if text}
            held = None
        elif held is not None:
            held.append(line)


def _lines(path: Path) -> Iterator[Line]:
    """The lines, those that were folded put together."""
    whole, start = "", 0
    with path.open(encoding=detect_encoding(path), newline=None) as file:
        for number, text in enumerate(file, 1):
            bare = text.rstrip("\n")
            soft = whole.endswith("=") and "quoted-printable" in whole.lower()
            if whole and (bare[:1] in (" ", "\t") or soft):
                whole = whole[:-1] + bare if soft else whole + bare[1:]
                continue
            yield from _line(whole, start)
            whole, start = bare, number
    yield from _line(whole, start)


def _line(whole: str, number: int) -> Iterator[Line]:
    head, colon, value = whole.partition(":")
    if not colon:
        return
    name, _, parameters = head.partition(";")
    if "quoted-printable" in parameters.lower():
        value = quopri.decodestring(value.encode()).decode("utf-8", "replace")
    yield Line(name.rpartition(".")[2].upper(), parameters, value, number)


def _text(value: str) -> str:
    return value.replace("\\n", "\n").replace("\\N", "\n").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")


def _parts(value: str) -> list[str]:
    """The parts of a value between semicolons, of which those with a backslash do not count."""
    return [_text(part.replace("\0", "\\;")).strip() for part in value.replace("\\;", "\0").split(";")]


def contact_of(lines: list[Line]) -> Cells:
    """A card as fields of a contact: name, company, phones, up to three e-mail addresses, one address."""
    found: Cells = {}
    for line in lines:
        value = line.value
        if line.name == "N":
            last, first, infix, *_ = [*_parts(value), "", ""]
            found |= {"firstname": first, "middlename": infix, "lastname": last}
        elif line.name == "ORG":
            found.setdefault("parentcustomerid", _parts(value)[0])
        elif line.name == "TEL":
            kinds = line.parameters.lower()
            field = next((field for kind, field in PHONES if kind in kinds), "telephone1")
            found.setdefault(field, _text(value.removeprefix("tel:")).strip())
        elif line.name == "EMAIL":
            number = sum(name.startswith("emailaddress") for name in found) + 1
            if number <= 3:
                found[f"emailaddress{number}"] = _text(value).strip()
        elif line.name == "ADR" and "address1_city" not in found:
            found |= {field: part for field, part in zip(ADDRESS, _parts(value), strict=False) if field}
        elif line.name == "BDAY":
            found["birthdate"] = _day(value)
        elif line.name in PLAIN:
            found.setdefault(PLAIN[line.name], _text(value).strip())
    if not found.get("lastname"):
        full = next((_text(line.value) for line in lines if line.name == "FN"), "") or found.get("firstname", "")
        found |= dict(zip(("firstname", "middlename", "lastname"), name_parts(full), strict=True))
    return found


def appointment_of(lines: list[Line]) -> Cells:
    """An event as fields of an appointment; its times with their own zone, or the reader's where it has none."""
    found: Cells = {}
    for line in lines:
        if line.name in EVENT:
            found[EVENT[line.name]] = _text(line.value).strip()
        elif line.name in MOMENTS:
            found[MOMENTS[line.name]] = _moment(line)
            if "T" not in line.value.upper():
                found["isalldayevent"] = "1"
    return found


def _day(value: str) -> str:
    digits = value.strip().replace("-", "")[:8]
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if len(digits) == 8 and digits.isdigit() else value.strip()


def _moment(line: Line) -> str:
    """`20261124T093000Z` as `2026-11-24T09:30:00+00:00`; what is no moment stays as it is, to be refused."""
    value = line.value.strip().upper()
    if "T" not in value:
        return _day(value)
    try:
        moment = datetime.strptime(value.removesuffix("Z"), "%Y%m%dT%H%M%S")
    except ValueError:
        return line.value
    zone = line.parameters.partition("TZID=")[2].partition(";")[0].strip('"')
    if value.endswith("Z"):
        moment = moment.replace(tzinfo=UTC)
    elif zone in available_timezones():
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return moment.isoformat()
