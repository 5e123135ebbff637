"""Importing, exporting, backing up, restoring and checking."""

import os
import sys
from pathlib import Path

import click

from basis.catalog.inspection import inspect_database
from basis.cli.options import acting_user, entrance, place_options, prepared
from basis.config import configure
from basis.db import Database, system
from basis.errors import Invalid, Message
from basis.i18n import say
from basis.records.organization import everything, organization_of
from basis.security.entrance import Entrance
from basis.transfer.backup import backup, restore, tables_in
from basis.transfer.exporting import Wish, export, query_of_entity, query_of_view
from basis.transfer.importing import Report, import_file
from basis.transfer.mapping import ColumnMapping, Mapping, read_mapping, width_of
from basis.transfer.refused import every_reject, write_rejects
from basis.transfer.sheet import Format, read

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("import")
@click.argument("file", type=FILE)
@click.option("--entity", help="The entity to import into (or in the mapping).")
@click.option("--mapping", "mapping_file", type=FILE, help="A JSON file that says which column is which field.")
@click.option("--columns", help="The fields of the columns, in order, of a file without titles: name,kvknumber.")
@click.option("--key", help="The field (or fields, with commas) by which existing records are found.")
@click.option("--rejects", type=FILE, help="Where refused rows go (default: FILE.rejects.csv).")
@click.option("--as", "email", metavar="EMAIL", help="The user who imports (default: the first administrator).")
@place_options
def import_command(
    file: Path, entity: str | None, mapping_file: Path | None, columns: str | None, key: str | None,
    rejects: Path | None, email: str | None, data: str | None, database: str | None,
) -> None:  # fmt: skip
    """Create and update records from a CSV, XLSX, XLS or ODS file."""
    opened = entrance(data, database)
    mapping = _mapping(entity, mapping_file, columns, key)
    refused = rejects or file.with_name(file.name + ".rejects.csv")
    if not os.access(refused.parent, os.W_OK):
        raise Invalid("Refused rows could not be written to {file}; name another place with --rejects.", file=refused)
    total = sum(1 for _ in read(file, Format(mapping.encoding, mapping.delimiter, mapping.sheet))) - mapping.header
    with click.progressbar(length=total, file=sys.stderr, label=file.name) as bar:
        report = import_file(opened, acting_user(opened, email), file, mapping, bar.update)
    _tell(opened, report, file, mapping, refused)


def _mapping(entity: str | None, file: Path | None, columns: str | None, key: str | None) -> Mapping:
    mapping = read_mapping(file) if file else Mapping(())
    fields = tuple(ColumnMapping(name.strip(), name.strip()) for name in (columns or "").split(",") if name.strip())
    return Mapping(
        columns=fields or mapping.columns,
        entity=entity or mapping.entity or _missing("--entity"),
        key=tuple(part.strip() for part in key.split(",")) if key else mapping.key,
        mode=mapping.mode,
        header=mapping.header and not fields,
        encoding=mapping.encoding,
        delimiter=mapping.delimiter,
        sheet=mapping.sheet,
        language=mapping.language,
    )


def _missing(option: str) -> str:
    raise Invalid("Give {option}.", option=option)


def _tell(opened: Entrance, report: Report, file: Path, mapping: Mapping, rejects: Path) -> None:
    with opened.database.read() as conn:
        language = organization_of(conn).language
    counts = Message(
        "{created} created, {updated} updated, {unchanged} unchanged, {refused} refused",
        created=report.created,
        updated=report.updated,
        unchanged=report.unchanged,
        refused=report.refused,
    )
    click.echo(say(counts, language))
    if report.titled:
        click.echo(say(Message("The first row holds the titles of the columns and was left out."), language))
    if report.left_out:
        left_out = Message(
            "Left out, since no field is called so: {columns}. A mapping can say where they go.",
            columns=", ".join(report.left_out),
        )
        click.echo(say(left_out, language))
    if report.doubled:
        doubled = Message(
            "{number} rows had a key that stood in the file before; the last row won.", number=report.doubled
        )
        click.echo(say(doubled, language))
    for reject in report.rejects[:5]:
        column, value, reason = reject.reasons[0]
        where = Message("line {line}, {column} “{value}”", line=reject.line, column=column, value=value)
        click.echo(f"  {say(where, language)}: {reason}")
    if report.refused:
        first = next(read(file, Format(mapping.encoding, mapping.delimiter, mapping.sheet)))
        with opened.database.read() as conn:
            refused = every_reject(conn, report.operation)
            titles = first.cells if mapping.header else ()
            write_rejects(rejects, refused, titles, language, width_of(mapping))
        click.echo(say(Message("Refused rows: {file}", file=rejects), language))


@click.command("export")
@click.option("--entity", help="All records of an entity, with all fields.")
@click.option("--view", help="A view, by id or as ENTITY/NAME.")
@click.option("--to", "file", required=True, type=FILE, help="A file that ends in .csv, .xlsx, .ods or .json.")
@click.option("--plain", is_flag=True, help="CSV for programs: commas, ISO dates, decimal points, names of fields.")
@click.option("--round-trip", "roundtrip", is_flag=True, help="XLSX that can be edited and imported again.")
@click.option("--as", "email", metavar="EMAIL", help="Whose rights count (default: the first administrator's).")
@place_options
def export_command(
    entity: str | None,
    view: str | None,
    file: Path,
    plain: bool,
    roundtrip: bool,
    email: str | None,
    data: str | None,
    database: str | None,
) -> None:
    """Write the records of an entity or a view to a file."""
    opened = entrance(data, database)
    if bool(entity) == bool(view):
        raise Invalid("Give {option}.", option="--entity | --view")
    with opened.acting_as(acting_user(opened, email)) as scope:
        query = query_of_view(scope, view) if view else query_of_entity(scope, entity or "")
        click.echo(f"{export(scope, query, file, wish=Wish(plain, roundtrip))} → {file}")


@click.command("backup")
@click.argument("file", type=FILE)
@place_options
def backup_command(file: Path, data: str | None, database: str | None) -> None:
    """Write the whole organisation to one file, from which either database can be filled."""
    opened = entrance(data, database)
    with opened.acting_as(everything()) as scope:
        tables = len(system.tables) + len(scope.catalog.tables)
    with click.progressbar(length=tables, file=sys.stderr, label=file.name) as bar:
        rows = backup(opened.config, opened.database, file, lambda table: bar.update(1))
    click.echo(f"{rows} → {file}")


@click.command("restore")
@click.argument("file", type=FILE)
@place_options
def restore_command(file: Path, data: str | None, database: str | None) -> None:
    """Fill an empty place from a backup."""
    config = prepared(configure(data, database))
    with click.progressbar(length=tables_in(file), file=sys.stderr, label=file.name) as bar:
        rows = restore(config, Database(config.address), file, lambda table: bar.update(1))
    click.echo(f"{file} → {rows}")


@click.command("check")
@place_options
def check_command(data: str | None, database: str | None) -> None:
    """Compare the database with the catalog; exit 1 when something is wrong."""
    opened = entrance(data, database)
    with opened.acting_as(everything()) as scope:
        language = organization_of(scope.conn).language
        findings = list(inspect_database(scope.conn, scope.catalog))
    for finding in findings:
        sign = "·" if finding.note else "✗"
        click.echo(f"{sign} {finding.place}: {say(finding.message, language)}")
    wrong = sum(not finding.note for finding in findings)
    verdict = Message("{number} things are wrong.", number=wrong) if wrong else Message("All is well.")
    click.echo(say(verdict, language))
    if wrong:
        raise SystemExit(1)
