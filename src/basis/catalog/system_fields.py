"""The fields that every entity has alike: id, owner, stamps, states, currency. Added when a Catalog is made."""

from basis.catalog.entity import Entity
from basis.fields import field_types
from basis.fields.base import Field, Target
from basis.fields.base_amount import base_of
from basis.fields.choice import ChoiceSettings, Option
from basis.fields.datetime import DateTimeType
from basis.fields.decimal import DecimalSettings
from basis.fields.id import IdType
from basis.fields.integer import IntegerSettings
from basis.fields.lookup import LookupSettings
from basis.fields.owner import OwnerType
from basis.i18n import Label

STAMPS = ("createdon", "createdby", "modifiedon", "modifiedby")
VERSION = "versionnumber"


def _stamp(name: str, en: str, nl: str) -> Field:
    return Field(
        name,
        "datetime",
        {"en": en, "nl": nl},
        required="system",
        readonly=True,
        audited=False,
        settings=DateTimeType.Settings(),
    )


def _lookup(name: str, label: Label, entity: str, navigation: str = "", readonly: bool = True) -> Field:
    target = Target(entity, navigation=navigation or name, relationship=f"{{entity}}_{name}", on_delete="restrict")
    settings = LookupSettings((target,))
    return Field(name, "lookup", label, required="system", readonly=readonly, settings=settings, audited=False)


def _id(entity: Entity) -> Field:
    label = {language: name for language, name in entity.label.items()}
    return Field(entity.id_field, "id", label, required="system", readonly=True, settings=IdType.Settings())


def _states(entity: Entity) -> list[Field]:
    states = ChoiceSettings(tuple(Option(state.value, state.label) for state in entity.states))
    reasons = ChoiceSettings(
        tuple(
            Option(reason.value, reason.label, reason.color or _color(state.value), state.value)
            for state in entity.states
            for reason in state.reasons
        )
    )
    return [
        Field("statecode", "state", {"en": "Status", "nl": "Status"}, required="system", settings=states),
        Field(
            "statuscode",
            "status",
            {"en": "Status reason", "nl": "Statusreden"},
            required="system",
            settings=reasons,
        ),
    ]


def _color(state: int) -> str:
    return {0: "blue", 1: "green", 2: "gray", 3: "purple"}.get(state, "gray")


def _money(entity: Entity) -> list[Field]:
    label = {"en": "Exchange rate", "nl": "Wisselkoers"}
    settings = DecimalSettings(precision=8)
    return [
        _lookup("transactioncurrencyid", {"en": "Currency", "nl": "Valuta"}, "transactioncurrency", readonly=False),
        Field("exchangerate", "decimal", label, required="system", readonly=True, settings=settings),
    ]


def system_fields(entity: Entity) -> list[Field]:
    """What Basis adds to the entity's own fields."""
    fields = [_id(entity)]
    own = {field.name for field in entity.fields}
    if entity.ownership == "user":
        label = {"en": "Owner", "nl": "Eigenaar"}
        settings = LookupSettings(OwnerType.TARGETS)
        fields.append(Field("ownerid", "owner", label, required="system", settings=settings))
        unit = {"en": "Owning business unit", "nl": "Business unit van eigenaar"}
        fields.append(_lookup("owningbusinessunit", unit, "businessunit"))
    if entity.states:
        fields += _states(entity)
    money = [field for field in entity.fields if hasattr(field_types()[field.type], "base_column")]
    if money:
        fields += [*_money(entity), *(base_of(field, field.settings) for field in money)]
    fields += [
        _stamp("createdon", "Created on", "Gemaakt op"),
        _lookup("createdby", {"en": "Created by", "nl": "Gemaakt door"}, "systemuser"),
        _stamp("modifiedon", "Modified on", "Gewijzigd op"),
        _lookup("modifiedby", {"en": "Modified by", "nl": "Gewijzigd door"}, "systemuser"),
        Field(
            VERSION,
            "integer",
            {"en": "Version", "nl": "Versie"},
            required="system",
            readonly=True,
            audited=False,
            settings=IntegerSettings(0, 9_000_000_000_000_000_000),
        ),
    ]
    return [field for field in fields if field.name not in own]
