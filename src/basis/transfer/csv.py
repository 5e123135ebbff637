"""CSV as it really comes: its encoding, separator and quotes found out, read line by line."""

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from basis.errors import Invalid

DELIMITERS = ";,\t|"
SAMPLE = 65_536
LONGEST_CELL = 200
"""So many lines a quoted cell may span; a quote that is never closed is then taken as it stands."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def detect_encoding(path: Path) -> str:
    """UTF-8, UTF-16 (by its mark or its zero bytes) or else Windows-1252. `Invalid` for a file that is no text."""
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
    """Read to the end, since a single accent in the last line decides it."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


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


def read_csv(path: Path, encoding: str = "", delimiter: str = "") -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every row. `Invalid` when the file cannot be read with that encoding."""
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


def _rows(lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    waiting: list[str] = []
    start = 0
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip("\n")
        if number == 1:
            line = line.lstrip("\ufeff")
        if not waiting and ('"' not in line or not _open_quote(line, delimiter)):
            yield number, _cells(line, delimiter)
            continue
        if not waiting:
            start = number
        waiting.append(line)
        whole = "\n".join(waiting)
        if len(waiting) > 1 and not _open_quote(whole, delimiter):
            yield start, _cells(whole, delimiter)
            waiting = []
        elif len(waiting) > LONGEST_CELL:
            yield from ((start + offset, held.split(delimiter)) for offset, held in enumerate(waiting))
            waiting = []
    yield from ((start + offset, held.split(delimiter)) for offset, held in enumerate(waiting))
