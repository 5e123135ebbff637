"""What a new entity starts with: a name field, two states, a form and the views that every entity has."""

from typing import Any

from basis.catalog.store import Change
from basis.i18n import Label

STATES = [
    {"value": 0, "label": {"en": "Active", "nl": "Actief"},
     "reasons": [{"value": 1, "label": {"en": "Active", "nl": "Actief"}, "color": "green", "default": True}]},
    {"value": 1, "label": {"en": "Inactive", "nl": "Inactief"}, "editable": False,
     "reasons": [{"value": 2, "label": {"en": "Inactive", "nl": "Inactief"}, "color": "gray"}]},
]  # fmt: skip
NAME = {"name": "name", "type": "text", "label": {"en": "Name", "nl": "Naam"}, "required": "required",
        "settings": {"max_length": 200}, "searchable": True}  # fmt: skip
ACTIVE = {"field": "statecode", "value": 0}
INACTIVE = {"field": "statecode", "value": 1}
MINE = {"field": "ownerid", "operator": "eq-userid"}


def own_definitions(
    name: str, label: Label, plural: Label, ownership: str, icon: str, description: Label
) -> list[Change]:
    """The changes that make an entity with its form and views."""
    entity = {
        "name": name, "set": f"{name}s", "label": label, "plural": plural, "description": description,
        "primary": "name", "ownership": ownership, "icon": icon, "fields": [NAME], "states": STATES,
        "quick_create": True, "own": True,
    }  # fmt: skip
    changes = [Change("entity", "", name, entity)]
    changes += [Change("form", name, form["name"], {**form, "entity": name}) for form in _forms(ownership)]
    changes += [Change("view", name, view["name"], {**view, "entity": name}) for view in _views(plural, ownership)]
    return changes


def _forms(ownership: str) -> list[dict[str, Any]]:
    cells = [{"id": "name", "field": "name"}]
    general = {"id": "general", "label": {"en": "General", "nl": "Algemeen"}, "cells": cells}
    timeline = {"id": "timeline", "label": {"en": "Timeline", "nl": "Tijdlijn"},
                "cells": [{"id": "timeline", "timeline": True}]}  # fmt: skip
    label = {"en": "Summary", "nl": "Samenvatting"}
    header = ["statuscode", "ownerid"] if ownership == "user" else ["statuscode"]
    main = {"name": "main", "label": {"en": "Main", "nl": "Hoofdformulier"}, "header": header,
            "tabs": [{"id": "summary", "label": label, "columns": [[general], [timeline]]}]}  # fmt: skip
    quick = {"name": "quick_create", "kind": "quick_create", "label": {"en": "Quick create", "nl": "Snel maken"},
             "tabs": [{"id": "summary", "label": label, "columns": [[general]]}]}  # fmt: skip
    return [main, quick]


def _views(plural: Label, ownership: str) -> list[dict[str, Any]]:
    wide = [{"field": "name", "width": 300}, {"field": "statuscode"}]
    if ownership == "user":
        wide.append({"field": "ownerid"})
    wide += [{"field": "createdon"}, {"field": "modifiedon"}]
    order = [{"field": "name"}]

    def view(name: str, en: str, nl: str, conditions: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        label = {"en": en.format(plural.get("en", "")), "nl": nl.format(plural.get("nl", ""))}
        return {
            "name": name,
            "label": label,
            "columns": wide,
            "order": order,
            "filter": {"conditions": conditions},
            **more,
        }

    views = [
        view("active", "Active {}", "Actieve {}", [ACTIVE], default=True),
        view("inactive", "Inactive {}", "Inactieve {}", [INACTIVE]),
        view("all", "All {}", "Alle {}", []),
        view("quick_find", "Search {}", "{} zoeken", [ACTIVE], kind="quick_find", find=["name"]),
        view("lookup", "Look up {}", "{} opzoeken", [ACTIVE], kind="lookup"),
        view("associated", "Related {}", "Gerelateerde {}", [ACTIVE], kind="associated"),
    ]
    if ownership == "user":
        views.append(view("mine", "My {}", "Mijn {}", [ACTIVE, MINE]))
    return views
