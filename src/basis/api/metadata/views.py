"""Views and forms as Dataverse's own sets: savedqueries, systemforms and the sets that clients look into."""

import msgspec

from basis.api.fetch.write import fetch_xml, layout_xml
from basis.api.memory import per_catalog
from basis.api.metadata.labels import Json
from basis.api.odata.functions import BOUND
from basis.catalog.catalog import Catalog, definition_id
from basis.catalog.form import Form
from basis.catalog.view import QUERY_TYPES, View
from basis.i18n import label

FORM_TYPES = {"main": 2, "quick_create": 7}
"""Dataverse's `type` of a system form."""


@per_catalog
def saved_queries(catalog: Catalog, language: str) -> tuple[Json, ...]:
    return tuple(
        _saved_query(catalog, view, language)
        for views in catalog.views.values()
        for view in views.values()
        if not view.hidden and not catalog.entities[view.entity].hidden
    )


def _saved_query(catalog: Catalog, view: View, language: str) -> Json:
    entity = catalog.entities[view.entity]
    return {
        "savedqueryid": definition_id("view", view.entity, view.name),
        "name": label(view.label, language),
        "description": label(view.description, language) or None,
        "returnedtypecode": view.entity,
        "querytype": QUERY_TYPES[view.kind],
        "isdefault": view.default,
        "isquickfindquery": view.kind == "quick_find",
        "isprivate": False,
        "ismanaged": False,
        "statecode": 0,
        "statuscode": 1,
        "fetchxml": fetch_xml(view, entity),
        "layoutxml": layout_xml(view, entity),
    }


@per_catalog
def system_forms(catalog: Catalog, language: str) -> tuple[Json, ...]:
    return tuple(
        _system_form(form, language)
        for forms in catalog.forms.values()
        for form in forms.values()
        if not form.hidden and not catalog.entities[form.entity].hidden
    )


def _system_form(form: Form, language: str) -> Json:
    return {
        "formid": definition_id("form", form.entity, form.name),
        "name": label(form.label, language),
        "objecttypecode": form.entity,
        "type": FORM_TYPES[form.kind],
        "isdefault": form.kind == "main",
        "formactivationstate": 1,
        "ismanaged": False,
        "formjson": msgspec.json.encode(form).decode(),
    }


@per_catalog
def message_filters(catalog: Catalog, language: str) -> tuple[Json, ...]:
    """Which actions work on which entity, as a client asks before it saves many records at once."""
    return tuple(
        {
            "sdkmessagefilterid": definition_id("message", entity.name, name),
            "primaryobjecttypecode": entity.name,
            "sdkmessageid": {"sdkmessageid": definition_id("message", "", name), "name": name},
        }
        for entity in catalog.entities.values()
        if not entity.hidden
        for name in ("Create", "Update", "Delete", *BOUND)
    )
