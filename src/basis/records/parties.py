"""The parties of activities: rows of activityparty that follow the party lists of each activity."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, select

from basis.catalog.entity import Entity
from basis.catalog.system_fields import VERSION
from basis.fields.base import Field
from basis.fields.partylist import PARTIES, PARTY
from basis.fields.reference import Reference
from basis.records.ids import new_id
from basis.records.prepare import stored
from basis.records.record import Values
from basis.records.rows import insert_rows
from basis.records.traits import traits
from basis.security.scope import Scope

ADDRESS_FIELDS = ("emailaddress1", "internalemailaddress", "emailaddress")
"""The fields in which records keep their e-mail address."""

Lines = list[tuple[str, Field, Any]]


def write(scope: Scope, entity: Entity, rows: Sequence[tuple[str, Values]], fresh: bool) -> None:
    """Write the parties of activities that were created (`fresh`) or changed; `rows` hold what is set.

    They belong to who owns the activity, so that the same rights hold.
    """
    lists = traits(entity).parties
    lines = [(id, field, values[field.name]) for id, values in rows for field in lists if field.name in values]
    if not lines:
        return
    if not fresh:
        _clear(scope, lines)
    owners = _owners(scope, entity, {id for id, _, _ in lines})
    addresses = _addresses(scope, [party for _, _, parties in lines for party in parties or ()])
    defined, made = scope.catalog.entities[PARTY], []
    for id, field, parties in lines:
        for party in parties or ():
            reference = party if isinstance(party, Reference) else None
            values = {
                "activityid": Reference(entity.name, id),
                "partyid": reference,
                "addressused": addresses.get(reference) if reference else party,
                "participationtypemask": field.settings.mask,
                **owners[id],
            }
            made.append(stored(defined, values) | {defined.id_field: new_id(), VERSION: 1})
    if made:
        insert_rows(scope.conn, scope.catalog.table(PARTY), made)


def _clear(scope: Scope, lines: Lines) -> None:
    table = scope.catalog.table(PARTY)
    for mask in {field.settings.mask for _, field, _ in lines}:
        ids = [id for id, field, _ in lines if field.settings.mask == mask]
        scope.conn.execute(delete(table).where(table.c.activityid.in_(ids), table.c.participationtypemask == mask))


def _owners(scope: Scope, entity: Entity, ids: set[str]) -> dict[str, Values]:
    """Owner, business unit and stamps of activities, for their parties to have too."""
    c = scope.catalog.table(entity.name).c
    query = select(c[entity.id_field], c.ownerid, c.owneridtype, c.owningbusinessunit).where(
        c[entity.id_field].in_(list(ids))
    )
    me = Reference("systemuser", scope.user.id) if scope.user.id else None
    stamps = {"createdon": scope.now, "createdby": me, "modifiedon": scope.now, "modifiedby": me}
    return {
        id: {
            "ownerid": Reference(kind, owner) if owner else None,
            "owningbusinessunit": Reference("businessunit", unit) if unit else None,
            **stamps,
        }
        for id, owner, kind, unit in scope.conn.execute(query)
    }


def _addresses(scope: Scope, parties: Iterable[Any]) -> dict[Reference, str | None]:
    """The e-mail addresses of records now, which stay with the activity when the record's changes later."""
    found: dict[Reference, str | None] = {}
    wanted = {party for party in parties if isinstance(party, Reference)}
    for name in PARTIES:
        entity, ids = scope.catalog.entities[name], [party.id for party in wanted if party.entity == name]
        column = next((each for each in ADDRESS_FIELDS if entity.has(each)), "")
        if ids and column:
            c = scope.catalog.table(name).c
            for id, address in scope.conn.execute(
                select(c[entity.id_field], c[column]).where(c[entity.id_field].in_(ids))
            ):
                found[Reference(name, id)] = address
    return found
