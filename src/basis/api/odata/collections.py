"""Reading many records: an entity set, or the collection that a navigation leads to."""

from collections.abc import Callable
from urllib.parse import quote

import msgspec
from msgspec import Struct

from basis.api.exchange import Answer, Asked, Preferences, answer_json, options_of, refuse
from basis.api.memory import per_catalog
from basis.api.odata.conditions import filter_of
from basis.api.odata.joins import Joins
from basis.api.odata.names import names_of
from basis.api.odata.options import Wanted, context_select, flag, order_of, wanted_of, whole
from basis.api.odata.related import columns, tell
from basis.catalog.catalog import Catalog
from basis.catalog.query import Column, Filter, Query
from basis.errors import Invalid, Unsupported
from basis.records.select import LARGEST_PAGE, count, page
from basis.security.scope import Scope

COUNT_LIMIT = 5_000
"""`@odata.count` goes so far, as in Dataverse; `/$count` counts on to the end."""

TOTAL = "Microsoft.Dynamics.CRM.totalrecordcount"
KNOWN = {"$select", "$filter", "$orderby", "$top", "$skip", "$count", "$expand", "$format", "$skiptoken"}
Narrow = Callable[[Query], Query]


class Plan(Struct, frozen=True):
    """A list that was asked for, as far as the address tells: the same for everybody, so it is kept."""

    query: Query
    wanted: Wanted
    context: str
    top: int | None
    skip: int
    counted: bool


@per_catalog
def plan_of(catalog: Catalog, entity: str, text: str) -> Plan:
    """The plan of a query string. `Invalid` with what is wrong in it, `Unsupported` for what Basis does not do."""
    options = options_of(text)
    check_options(options, KNOWN)
    aliases = {name: value for name, value in options.items() if name.startswith("@")}
    wanted = wanted_of(catalog, entity, options)
    joins = Joins(catalog, entity)
    where = filter_of(options["$filter"], joins, aliases) if options.get("$filter", "").strip() else Filter()
    order = order_of(joins, options["$orderby"]) if options.get("$orderby") else ()
    names = names_of(catalog, entity)
    query = Query(entity, columns(wanted) or (Column(names.entity.id_field),), where, joins.links(), order)
    context = context_select(wanted, names)
    return Plan(query, wanted, context, whole(options, "$top"), whole(options, "$skip") or 0, flag(options, "$count"))


def check_options(options: dict[str, str], known: set[str]) -> None:
    """System options that Basis does not know are refused, since leaving them out would change the answer."""
    for name in options:
        if name.startswith("$") and name not in known:
            if name in ("$search", "$compute", "$apply", "$deltatoken", "$index", "$levels", "$schemaversion"):
                raise Unsupported("Basis does not do {name} here.", name=name)
            raise refuse(name, "There is no such query option.")
    if "sql" in options:
        raise Unsupported("Basis does not do {name} here.", name="sql=")
    if options.get("$format", "json").split(";")[0] not in ("json", "application/json"):
        raise Unsupported("Basis answers in JSON only.")


def without_token(query: str) -> tuple[str, str]:
    """A query string apart from its `$skiptoken`, and from the secret in `apikey`."""
    if "skiptoken" not in query and "apikey" not in query:
        return query, ""
    kept, token = [], ""
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name in ("$skiptoken", "%24skiptoken"):
            token = value
        elif name != "apikey":
            kept.append(part)
    return "&".join(kept), token


def read_set(scope: Scope, asked: Asked, entity: str, narrow: Narrow | None = None, context: str = "") -> Answer:
    """One page of a set, with the link to the next; `narrow` limits it to a collection of one record."""
    text, token = without_token(asked.query)
    plan = plan_of(scope.catalog, entity, text)
    prefer = asked.prefer
    query = narrow(plan.query) if narrow else plan.query
    defined = scope.catalog.entities[entity]
    body: dict[str, object] = {"@odata.context": f"{asked.root}$metadata#{context or defined.set}{plan.context}"}
    if plan.counted:
        _count(scope, query, prefer, body)
    cursor, left = _token(token, None if prefer.page_size else plan.top)
    size = min(prefer.page_size or LARGEST_PAGE, LARGEST_PAGE)
    limit = size if left is None else min(size, left)
    if limit:
        found = page(scope, query, limit=limit, cursor=cursor, offset=0 if cursor else plan.skip)
        body["value"] = tell(scope, found.records, plan.wanted, prefer)
        remaining = None if left is None else left - len(found.records)
        if found.next and remaining != 0:
            token = found.next if remaining is None else f"{found.next}.{remaining}"
            body["@odata.nextLink"] = _next_link(asked, text, token)
    else:
        scope.catalog.entity(entity)
        body["value"] = []
    return answer_json(body, headers=applied(prefer))


def _count(scope: Scope, query: Query, prefer: Preferences, body: dict[str, object]) -> None:
    found = count(scope, query, COUNT_LIMIT)
    body["@odata.count"] = found.number
    if prefer.wants(TOTAL):
        body[f"@{TOTAL}"] = found.number
        body[f"@{TOTAL}limitexceeded"] = found.more


def _token(token: str, top: int | None) -> tuple[str, int | None]:
    """A `$skiptoken` as the cursor and how many records are still wanted."""
    cursor, dot, left = token.partition(".")
    if not dot:
        return cursor, top
    if not left.isascii() or not left.isdigit():
        raise Invalid("This page does not exist; start at the first one.")
    return cursor, int(left[:12])


def _next_link(asked: Asked, text: str, token: str) -> str:
    address = asked.root + quote(asked.path, safe="/()=',$")
    before = text.replace(" ", "%20") + "&" if text else ""
    return f"{address}?{before}$skiptoken={token}"


def applied(prefer: Preferences, representation: bool = False) -> list[tuple[str, str]]:
    """The header that says which preferences were followed."""
    parts = []
    if representation:
        parts.append("return=representation")
    if prefer.page_size:
        parts.append(f"odata.maxpagesize={prefer.page_size}")
    if prefer.annotations:
        parts.append(f'odata.include-annotations="{",".join(prefer.annotations)}"')
    return [("Preference-Applied", ", ".join(parts))] if parts else []


def read_count(scope: Scope, asked: Asked, entity: str, narrow: Narrow | None = None) -> Answer:
    """`/$count`: the exact number, as plain text."""
    text, _ = without_token(asked.query)
    plan = plan_of(scope.catalog, entity, text)
    query = narrow(plan.query) if narrow else plan.query
    query = msgspec.structs.replace(query, columns=(), order=())
    return Answer(200, str(count(scope, query, None).number).encode(), "text/plain")
