"""CSV as it really comes: its encoding, separator and quotes found out, read line by line."""

import codecs
import re
from collections import Counter, deque
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from basis.errors import Invalid, Message

DELIMITERS = ";,\t|"
SAMPLE = 65_536
LONGEST_CELL = 200
"""So many lines a quoted cell may span; a quote that is open for longer was never closed."""
NEVER_CLOSED = Message("A quote is opened in this row and never closed; close it, or double it where it belongs.")

CsvRow = tuple[int, list[str], Message | None]
"""The number of the line a row starts at, its cells, and why it cannot be read."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def detect_encoding(path: Path) -> str:
    """UTF-8, UTF-16 or UTF-32 (by its mark or its zero bytes), or else Windows-1252.

    `Invalid` for a file that is no text, and for one that is UTF-8 but for a line or two.
    """
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return name
    zeros = sample.count(0)
    if zeros:
        if zeros > len(sample) * 0.3:
            return "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"
        raise Invalid("The file {name} is no text but something binary; export it as CSV or XLSX.", name=path.name)
    if sum(byte < 9 or 13 < byte < 32 for byte in sample) > len(sample) * 0.01:
        raise Invalid("The file {name} is no text but something binary; export it as CSV or XLSX.", name=path.name)
    return "utf-8" if _is_utf8(path) else "cp1252"


def _is_utf8(path: Path) -> bool:
    """Read to the end, since a single accent in the last line decides it.

    Letters of Windows-1252 hardly ever make a sequence of UTF-8 by chance. So where more lines hold such
    sequences than hold stray bytes, the file is UTF-8 with damage, which would be spread over it by a wrong guess.
    """
    right = wrong = first_wrong = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
                right += 1
            except UnicodeDecodeError:
                wrong += 1
                first_wrong = first_wrong or number
    if wrong and right > wrong:
        raise Invalid(
            "Line {line} of {name} holds a character that is no UTF-8, as the rest of the file is. Mend that line, "
            "or name the file's encoding in a mapping.",
            line=first_wrong,
            name=path.name,
        )
    return not wrong


def detect_delimiter(lines: list[str]) -> str:
    """The separator that parts most of these lines into equally many cells."""
    best, score = ",", 0.0
    for delimiter in DELIMITERS:
        widths = Counter(len(_cells(line, delimiter)) for line in lines if line.strip())
        if not widths:
            continue
        width, often = max(widths.items(), key=lambda pair: (pair[1], pair[0]))
        if width > 1 and often * width > score:
            best, score = delimiter, often * width
    return best


@lru_cache
def _pattern(delimiter: str) -> re.Pattern[str]:
    """One cell: quoted up to a quote that a separator or the end follows, or plain up to the separator.

    So `"AAE" Engineering;1703` keeps its quotes: the second one ends no cell.
    """
    sign = re.escape(delimiter)
    return re.compile(rf'(?:"((?:[^"]|"")*)"(?={sign}|$)|([^{sign}]*))(?:{sign}|$)', re.DOTALL)


def _cells(line: str, delimiter: str) -> list[str]:
    if '"' not in line:
        return line.split(delimiter)
    pattern, at = _pattern(delimiter), 0
    cells: list[str] = []
    while at <= len(line):
        match = pattern.match(line, at)
        if match is None or (match.end() == at and at == len(line) and cells and not line.endswith(delimiter)):
            break
        quoted = match[1]
        cells.append(quoted.replace('""', '"') if quoted is not None else match[2])
        if match.end() == len(line) and not (line.endswith(delimiter) and match.end() != at):
            break
        at = match.end() if match.end() > at else at + 1
    return cells


def _open_quote(line: str, delimiter: str) -> bool:
    """Whether a quoted cell starts in the line and does not end in it."""
    inside = False
    position = 0
    while position < len(line):
        if not inside:
            if line[position] == '"' and (position == 0 or line[position - 1] == delimiter):
                inside = True
        elif line[position] == '"':
            if line[position + 1 : position + 2] == '"':
                position += 1
            else:
                inside = False
        position += 1
    return inside


def _breaks_are_quoted(lines: str, delimiter: str) -> bool:
    """Whether all line breaks stand within quotes that a separator or the end follows."""
    return not any("\n" in (match[2] or "") for match in _pattern(delimiter).finditer(lines))


def read_csv(path: Path, encoding: str = "", delimiter: str = "") -> Iterator[CsvRow]:
    """Every row. `Invalid` when the file cannot be read with that encoding."""
    encoding = encoding or detect_encoding(path)
    try:
        codecs.lookup(encoding)
        with path.open(encoding=encoding, newline=None) as file:
            first = file.readlines(SAMPLE)
        sign = delimiter or detect_delimiter([line.rstrip("\n") for line in first[:100]])
        with path.open(encoding=encoding, newline=None) as file:
            yield from _rows(file, sign)
    except (UnicodeError, LookupError) as error:
        raise Invalid("The file {name} cannot be read as {encoding}.", name=path.name, encoding=encoding) from error


def _rows(lines: Iterator[str], delimiter: str) -> Iterator[CsvRow]:
    numbered = enumerate(lines, 1)
    again: deque[tuple[int, str]] = deque()
    while held := again.popleft() if again else next(numbered, None):
        number, line = held[0], held[1].rstrip("\n")
        if number == 1:
            line = line.lstrip("\ufeff")
        if '"' not in line or not _open_quote(line, delimiter):
            yield number, _cells(line, delimiter), None
            continue
        whole, taken = line, list[tuple[int, str]]()
        while len(taken) < LONGEST_CELL and (more := again.popleft() if again else next(numbered, None)):
            taken.append(more)
            whole += "\n" + more[1].rstrip("\n")
            if '"' in more[1] and not _open_quote(whole, delimiter) and _breaks_are_quoted(whole, delimiter):
                yield number, _cells(whole, delimiter), None
                break
        else:
            yield number, line.split(delimiter), NEVER_CLOSED
            again.extendleft(reversed(taken))
