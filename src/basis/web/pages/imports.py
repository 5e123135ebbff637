"""The import wizard: a file, its columns, its values, a trial run; then an operation that the worker carries out."""

import tempfile
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from basis.catalog.entity import Entity
from basis.errors import BasisError, Invalid, Message
from basis.i18n import label
from basis.records import operations
from basis.records.operations import DONE, DRAFT, Operation
from basis.security.conditions import require
from basis.security.scope import Scope
from basis.transfer import preparing
from basis.transfer.detecting import look, unfit, with_date_formats
from basis.transfer.importing import Order, open_file
from basis.transfer.mapping import width_of
from basis.transfer.plan import ID
from basis.transfer.refused import every_reject, troubles, write_rejects
from basis.transfer.sheet import Format, read
from basis.web.answer import Answer, Shown, download, redirect, show
from basis.web.import_forms import (
    DELIMITERS,
    ENCODINGS,
    SHOWN_ROWS,
    as_json,
    column_rows,
    field_choices,
    posted_columns,
    posted_reading,
    posted_values,
    value_tables,
)
from basis.web.request import Request

CSV = "text/csv; charset=utf-8"
MODES = {
    "upsert": Message("Create new records and change those that are there"),
    "create": Message("Only create new records"),
    "update": Message("Only change records that are there"),
}


# -- the file


def start_page(scope: Scope, request: Request) -> Shown:
    """`/import/{entity}`: choose a file, or paste rows."""
    return _start(scope, request)


def _start(scope: Scope, request: Request, error: Message | None = None) -> Shown:
    entity = scope.catalog.entity(request.names["entity"])
    require(scope, entity, "create")
    pasted = request.posted.get("pasted", "")
    return show("import_start.html", status=422 if error else 200, entity=entity, error=error, pasted=pasted)


def receive(scope: Scope, request: Request) -> Answer | Shown:
    """The file that was chosen becomes an import that is being prepared."""
    entity = scope.catalog.entity(request.names["entity"])
    path = request.received.get("file") or request.received.get("pasted")
    if path is None:
        return _start(scope, request, Message("Choose a file, or paste some rows."))
    try:
        id = preparing.begin_draft(scope, entity, path)
    except Invalid as error:
        return _start(scope, request, error.message)
    return redirect(f"/imports/{id}")


# -- its columns


def columns_page(scope: Scope, request: Request) -> Answer | Shown:
    """`/imports/{id}`: how the file is read, and which column goes into which field."""
    held = operations.get(scope, request.names["id"])
    if held.state != DRAFT:
        return redirect(f"/operations/{held.id}")
    return _columns(scope, held, preparing.order_of(held))


def _columns(scope: Scope, held: Operation, order: Order, error: Message | None = None) -> Shown:
    entity = scope.catalog.entity(held.entity)
    seen = look(Path(order.file), order.mapping)
    mapping = replace(order.mapping, encoding=seen.encoding, delimiter=seen.delimiter)
    rows = column_rows(entity, mapping, seen)
    return show(
        "import_columns.html",
        status=422 if error else 200,
        step="columns",
        held=held,
        order=order,
        entity=entity,
        mapping=mapping,
        seen=seen,
        columns=[row for row in rows if row.title],
        preview=seen.rows[:SHOWN_ROWS],
        fields=field_choices(scope, entity),
        encodings=list(dict.fromkeys((mapping.encoding, *ENCODINGS))),
        delimiters=DELIMITERS,
        roundtrip=ID in seen.titles,
        error=error,
    )


def set_columns(scope: Scope, request: Request) -> Answer | Shown:
    """Read the file another way (`do` = reread), or go on with the columns that were chosen."""
    held = operations.get(scope, request.names["id"])
    order, entity = preparing.order_of(held), scope.catalog.entity(held.entity)
    path = Path(order.file)
    try:
        if request.posted.get("do") == "reread":
            mapping = preparing.detected(scope, entity, path, posted_reading(order.mapping, request.posted))
            preparing.keep(scope, held.id, replace(order, mapping=mapping, rows=0))
            return redirect(f"/imports/{held.id}")
        seen = look(path, order.mapping)
        mapping = posted_columns(order.mapping, seen, request.posted)
        mapping = with_date_formats(entity, mapping, seen, mapping.language or scope.language)
        if not mapping.key and ID not in seen.titles:
            memory = preparing.remembered(scope, entity.name)
            mapping = replace(mapping, key=preparing.likely_key(entity, mapping.columns, memory))
        changed = replace(order, mapping=mapping, rows=0)
        preparing.check_columns(changed)
    except Invalid as error:
        return _columns(scope, held, order, error.message)
    preparing.keep(scope, held.id, changed)
    return redirect(f"/imports/{held.id}/values")


# -- its values


def values_page(scope: Scope, request: Request) -> Answer | Shown:
    """`/imports/{id}/values`: values that fit no option or record, and what they stand for."""
    held = operations.get(scope, request.names["id"])
    if held.state != DRAFT:
        return redirect(f"/operations/{held.id}")
    order = preparing.order_of(held)
    found, _ = unfit(scope, Path(order.file), _open(order))
    tables = value_tables(scope, order.mapping, found)
    entity = scope.catalog.entity(held.entity)
    return show("import_values.html", step="values", held=held, order=order, entity=entity, tables=tables)


def _open(order: Order) -> Any:
    """The mapping without its key, which is chosen later."""
    return replace(order.mapping, key=(), mode="create")


def set_values(scope: Scope, request: Request) -> Answer | Shown:
    """Keep what the values stand for."""
    held = operations.get(scope, request.names["id"])
    order = preparing.order_of(held)
    preparing.keep(scope, held.id, replace(order, mapping=posted_values(order.mapping, request.posted)))
    again = request.posted.get("do") == "again"
    return redirect(f"/imports/{held.id}/{'values' if again else 'check'}")


# -- trying, and letting it begin


def check_page(scope: Scope, request: Request) -> Answer | Shown:
    """`/imports/{id}/check`: key and mode, what a trial run came to; for HTMX that part alone."""
    held = operations.get(scope, request.names["id"])
    if held.state != DRAFT:
        return redirect(f"/operations/{held.id}")
    shown = _check(scope, held, preparing.order_of(held))
    if request.target == "trial":
        return Shown("_import_trial.html", shown.values, part=True)
    return shown


def _check(scope: Scope, held: Operation, order: Order, error: Message | None = None) -> Shown:
    entity = scope.catalog.entity(held.entity)
    there = {column.field for column in order.mapping.columns}
    trial = operations.read(scope.conn, order.trial) if order.trial else None
    return show(
        "import_check.html",
        status=422 if error else 200,
        step="check",
        held=held,
        order=order,
        entity=entity,
        mapping=order.mapping,
        modes=MODES,
        keys=[(",".join(key.fields), _key_name(scope, entity, key.fields))
              for key in entity.keys if {*key.fields} <= there],
        roundtrip=_is_roundtrip(order),
        trial=trial,
        troubles=troubles(scope.conn, trial.id, scope.language) if trial and trial.state == DONE else [],
        stopped=operations.refusals(scope.conn, trial.id, 1)[0] if trial and trial.state == operations.PAUSED else [],
        error=error,
    )  # fmt: skip


def _is_roundtrip(order: Order) -> bool:
    first = next(_first_rows(order), None)
    return first is not None and ID in first.cells


def _first_rows(order: Order) -> Any:
    mapping = order.mapping
    return read(Path(order.file), Format(mapping.encoding, mapping.delimiter, mapping.sheet))


def _key_name(scope: Scope, entity: Entity, fields: tuple[str, ...]) -> str:
    return ", ".join(label(entity.by_name[name].label, scope.language) for name in fields)


def set_check(scope: Scope, request: Request) -> Answer | Shown:
    """Try it (`do` = try), or let it begin (`do` = start)."""
    held = operations.get(scope, request.names["id"])
    order = preparing.order_of(held)
    mode = request.posted.get("mode", "")
    key = tuple(part for part in request.posted.get("key", "").split(",") if part)
    wanted = replace(order.mapping, key=key, mode=mode if mode in MODES else "upsert")
    changed = replace(order, mapping=wanted, rows=order.rows or _count(scope, order))
    if wanted != order.mapping or order.rows != changed.rows:
        preparing.keep(scope, held.id, changed)
        changed = replace(changed, trial="")
    try:
        if request.posted.get("do") == "start":
            _require_fitting(scope, changed)
            preparing.launch(scope, held.id, changed)
            return redirect(f"/operations/{held.id}")
        _require_fitting(scope, changed)
        preparing.try_out(scope, held.id, changed)
    except Invalid as error:
        return _check(scope, held, replace(changed, trial=""), error.message)
    return redirect(f"/imports/{held.id}/check")


def _require_fitting(scope: Scope, order: Order) -> None:
    """`Invalid` when file, mapping and key do not go together."""
    open_file(scope, Path(order.file), order.mapping)


def _count(scope: Scope, order: Order) -> int:
    return unfit(scope, Path(order.file), _open(order))[1]


def discard(scope: Scope, request: Request) -> Answer:
    """Give the import up before it begins."""
    held = operations.get(scope, request.names["id"])
    order = preparing.order_of(held)
    preparing.keep(scope, held.id, order)
    operations.forget(scope.conn, held.id)
    return redirect(f"/{held.entity}")


# -- what is left of it


def mapping_file(scope: Scope, request: Request) -> Answer:
    """`/imports/{id}/mapping`: the mapping, for `basis import --mapping`."""
    held = operations.get(scope, request.names["id"])
    body = as_json(preparing.order_of(held).mapping)
    headers = {"Content-Disposition": f'attachment; filename="{held.entity}.json"'}
    return Answer(body, 200, "application/json", headers)


def rejects_file(scope: Scope, request: Request) -> Answer:
    """`/operations/{id}/rejects`: the refused rows as CSV, to mend and import again."""
    held = operations.get(scope, request.names["id"])
    order = preparing.order_of(held)
    try:
        first = next(_first_rows(order), None)
    except BasisError:
        first = None  # The file went; the rows are still there.
    titles = first.cells if first is not None and order.mapping.header else ()
    file = temporary(".csv")
    write_rejects(file, every_reject(scope.conn, held.id), titles, scope.language, width_of(order.mapping))
    return download(file, f"{Path(order.name).stem}.rejects.csv", CSV)


def temporary(suffix: str) -> Path:
    """A fresh file that a download removes again."""
    with tempfile.NamedTemporaryFile(prefix="basis-", suffix=suffix, delete=False) as made:
        return Path(made.name)
