"""Labels, managed properties and names as Dataverse's metadata has them."""

from typing import Any

from basis.i18n import LCIDS, Label

Json = dict[str, Any]
NAMESPACE = "Microsoft.Dynamics.CRM"


def label(names: Label, language: str) -> Json:
    """A label in every language there is, and in the user's."""
    localized = [_localized(code, names[code]) for code in LCIDS if names.get(code)]
    mine = names.get(language) or names.get("en") or next(iter(names.values()), "")
    code = language if names.get(language) else "en"
    return {"LocalizedLabels": localized, "UserLocalizedLabel": _localized(code, mine) if mine else None}


def _localized(code: str, text: str) -> Json:
    return {"Label": text, "LanguageCode": LCIDS.get(code, 1033), "IsManaged": False, "HasChanged": None}


def managed(value: Any) -> Json:
    """A property that may be changed."""
    return {"Value": value, "CanBeChanged": True, "ManagedPropertyLogicalName": "canmodifysettings"}


def schema_name(name: str) -> str:
    return name[:1].upper() + name[1:]
