"""Backing up a whole organisation to one file and restoring it on either database, to move between them too."""

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Integer, Table, insert, inspect, select, text

from basis.catalog.catalog import Catalog
from basis.catalog.ddl import apply_difference
from basis.catalog.load import load
from basis.catalog.migrate import NEWEST, revision_of, upgrade
from basis.catalog.store import current_version, read_rows
from basis.config import Config
from basis.db import Database, system
from basis.errors import Invalid, Refused
from basis.fields.storage import from_plain, to_plain
from basis.records import search

FORMAT = 1
BATCH = 1000
Progress = Callable[[str], None]


class Manifest(msgspec.Struct, frozen=True):
    """What the file says of itself: the version of its layout, and the revision of the fixed tables."""

    format: int
    revision: str
    catalog: int


def backup(config: Config, database: Database, path: Path, progress: Progress = lambda table: None) -> int:
    """Write everything (definitions, records, history, files) as of one moment; answers the number of rows.

    The file is written beside its place and moved there when it is whole.
    """
    partial = path.with_name(path.name + ".part")
    rows = 0
    with database.read() as conn, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        if conn.dialect.name == "postgresql":
            conn.execute(text("set transaction isolation level repeatable read read only"))
        catalog = load(read_rows(conn), current_version(conn))
        manifest = Manifest(FORMAT, revision_of(conn), catalog.version)
        archive.writestr("manifest.json", msgspec.json.encode(manifest))
        for table in [*system.sorted_tables, *catalog.tables.values()]:
            progress(table.name)
            rows += _write_table(conn, archive, table)
        for file in sorted(config.files.rglob("*")) if config.files.is_dir() else ():
            if file.is_file():
                archive.write(file, f"files/{file.relative_to(config.files).as_posix()}")
    partial.replace(path)
    return rows


def _write_table(conn: Connection, archive: zipfile.ZipFile, table: Table) -> int:
    count = 0
    columns = list(table.c)
    with archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as file:
        file.write(msgspec.json.encode([str(column.name) for column in columns]) + b"\n")
        for row in conn.execution_options(stream_results=True).execute(select(*columns)):
            file.write(msgspec.json.encode([to_plain(value) for value in row]) + b"\n")
            count += 1
    return count


def tables_in(path: Path) -> int:
    """How many tables a backup holds; 1 for a file that is none (`restore` says so)."""
    try:
        with zipfile.ZipFile(path) as archive:
            return sum(name.startswith("tables/") for name in archive.namelist()) or 1
    except (OSError, zipfile.BadZipFile):
        return 1


def restore(config: Config, database: Database, path: Path, progress: Progress = lambda table: None) -> int:
    """Fill an empty database from a backup; answers the number of rows. All or nothing.

    `Refused` when the database holds an organisation, `Invalid` when the file is no backup.
    """
    try:
        archive = zipfile.ZipFile(path)
        manifest = msgspec.json.decode(archive.read("manifest.json"), type=Manifest)
    except (OSError, zipfile.BadZipFile, KeyError, msgspec.MsgspecError) as error:
        raise Invalid("The file {name} is no backup of Basis.", name=path.name) from error
    if manifest.format != FORMAT or manifest.revision != NEWEST:
        raise Invalid("This backup is of another version of Basis; restore it with that version.")
    database.create_schema()
    with archive, database.write() as conn:
        if inspect(conn).has_table("organization"):
            raise Refused("This database already holds an organisation.")
        upgrade(conn)
        rows = 0
        for table in system.sorted_tables:
            progress(table.name)
            rows += _read_table(conn, archive, table)
        search.install(conn)
        search.rebuild(conn)
        catalog = load(read_rows(conn), current_version(conn))
        apply_difference(conn, None, catalog)
        rows += _read_records(conn, archive, catalog, progress)
        _reset_sequences(conn)
    _restore_files(config, path)
    return rows


def _read_records(conn: Connection, archive: zipfile.ZipFile, catalog: Catalog, progress: Progress) -> int:
    rows = 0
    for table in catalog.tables.values():
        progress(table.name)
        rows += _read_table(conn, archive, table)
    return rows


def _read_table(conn: Connection, archive: zipfile.ZipFile, table: Table) -> int:
    name = f"tables/{table.name}.jsonl"
    if name not in archive.namelist():
        return 0
    count = 0
    for batch in _batches(archive, name, table):
        conn.execute(insert(table), batch)
        count += len(batch)
    return count


def _batches(archive: zipfile.ZipFile, name: str, table: Table) -> Iterator[list[dict[str, Any]]]:
    with archive.open(name) as file:
        names: list[str] = msgspec.json.decode(file.readline())
        batch: list[dict[str, Any]] = []
        for line in file:
            values = msgspec.json.decode(line)
            batch.append({n: from_plain(table.c[n], v) for n, v in zip(names, values, strict=True) if n in table.c})
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch


def _reset_sequences(conn: Connection) -> None:
    """PostgreSQL's counters do not notice rows that bring their own numbers."""
    if conn.dialect.name != "postgresql":
        return
    for table in system.sorted_tables:
        key = table.autoincrement_column
        if key is not None and isinstance(key.type, Integer):
            last = conn.execute(select(key).order_by(key.desc()).limit(1)).scalar()
            if last is not None:
                sequence = conn.execute(text("select pg_get_serial_sequence(:t, :c)"), {"t": table.name, "c": key.name})
                conn.execute(text("select setval(cast(:s as regclass), :v)"), {"s": sequence.scalar(), "v": last})


def _restore_files(config: Config, path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            target = (config.files / name.removeprefix("files/")).resolve()
            if name.startswith("files/") and target.is_relative_to(config.files.resolve()):
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(name))
