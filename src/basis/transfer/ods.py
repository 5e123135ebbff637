"""Writing OpenDocument spreadsheets, row by row into the archive, so that memory does not grow with them."""

import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

MIME = "application/vnd.oasis.opendocument.spreadsheet"
MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{MIME}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" '
    'xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:automatic-styles>'
    '<number:date-style style:name="day"><number:day number:style="long"/><number:text>-</number:text>'
    '<number:month number:style="long"/><number:text>-</number:text><number:year number:style="long"/>'
    '</number:date-style><style:style style:name="date" style:family="table-cell" style:data-style-name="day"/>'
    '<style:style style:name="bold" style:family="table-cell"><style:text-properties fo:font-weight="bold"/>'
    "</style:style></office:automatic-styles><office:body><office:spreadsheet>"
)
FOOT = "</table:table></office:spreadsheet></office:body></office:document-content>"
SEEN = {sign: " " for sign in range(32) if sign not in (9, 10, 13)}
"""Signs that XML cannot hold."""


def write_ods(path: Path, name: str, titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write one sheet with a row of titles; answers the number of rows. Numbers and dates are such."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), MIME)
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        count = 0
        with archive.open("content.xml", "w", force_zip64=True) as file:
            sheet = quoteattr(name.translate({ord(sign): " " for sign in "[]:*?/\\'"})[:31])
            file.write(f"{HEAD}<table:table table:name={sheet}>".encode())
            file.write(_row("".join(_text(title, ' table:style-name="bold"') for title in titles)))
            for row in rows:
                count += 1
                file.write(_row("".join(map(_cell, row))))
            file.write(FOOT.encode())
    return count


def _row(cells: str) -> bytes:
    return f"<table:table-row>{cells}</table:table-row>".encode()


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "<table:table-cell/>"
    if isinstance(value, bool):
        return f'<table:table-cell office:value-type="boolean" office:boolean-value="{str(value).lower()}"/>'
    if isinstance(value, int | float | Decimal):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    if isinstance(value, datetime):
        return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
    if isinstance(value, date):
        written = value.isoformat()
        return f'<table:table-cell table:style-name="date" office:value-type="date" office:date-value="{written}"/>'
    return _text(str(value))


def _text(text: str, style: str = "") -> str:
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in text.translate(SEEN).split("\n"))
    return f'<table:table-cell{style} office:value-type="string">{lines}</table:table-cell>'
