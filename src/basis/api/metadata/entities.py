"""Entities, fields, keys and choices as EntityDefinitions tells them."""

from typing import Any

from basis.api.metadata.labels import NAMESPACE, Json, label, managed, schema_name
from basis.catalog.catalog import Catalog, definition_id
from basis.catalog.entity import ChoiceList, Entity, Key
from basis.catalog.load import standard
from basis.fields import type_of
from basis.fields.base import Field

OWNERSHIP = {"user": "UserOwned", "organization": "OrganizationOwned", "unit": "BusinessOwned", "none": "None"}
REQUIRED = {"none": "None", "recommended": "Recommended", "required": "ApplicationRequired", "system": "SystemRequired"}
VIRTUAL = ("MultiSelectPicklist", "File", "Image")
"""Attribute types that are called Virtual, their own name being in AttributeTypeName."""
METADATA = {"Uniqueidentifier": "UniqueIdentifier", "Owner": "Lookup", "Customer": "Lookup", "PartyList": "Lookup"}
"""Attribute type → how its metadata type begins, where that differs."""


def is_custom(entity: Entity) -> bool:
    return ("entity", "", entity.name) not in standard()


def entity_json(entity: Entity, language: str) -> Json:
    image = next((f.name for f in entity.visible_fields if type_of(f).attribute_type == "Image"), None)
    return {
        "MetadataId": definition_id("entity", "", entity.name),
        "LogicalName": entity.name,
        "SchemaName": schema_name(entity.name),
        "EntitySetName": entity.set,
        "LogicalCollectionName": entity.set,
        "CollectionSchemaName": schema_name(entity.set),
        "ObjectTypeCode": entity.code,
        "PrimaryIdAttribute": entity.id_field,
        "PrimaryNameAttribute": entity.primary,
        "PrimaryImageAttribute": image,
        "OwnershipType": OWNERSHIP[entity.ownership],
        "IsActivity": entity.activity,
        "IsIntersect": False,
        "IsPrivate": entity.internal,
        "IsCustomEntity": is_custom(entity),
        "IsManaged": False,
        "IsQuickCreateEnabled": entity.quick_create,
        "IsAuditEnabled": managed(True),
        "IsCustomizable": managed(True),
        "HasNotes": entity.notes,
        "HasActivities": entity.notes,
        "EntityColor": entity.color,
        "DisplayName": label(entity.label, language),
        "DisplayCollectionName": label(entity.plural, language),
        "Description": label(entity.description, language),
    }


def metadata_type(field: Field) -> str:
    """`PicklistAttributeMetadata`: the type in a cast segment."""
    name = type_of(field).attribute_type
    return f"{METADATA.get(name, name)}AttributeMetadata"


def attribute_json(entity: Entity, field: Field, language: str) -> Json:
    type_ = type_of(field)
    name = type_.attribute_type
    fixed = field.readonly or field.name == entity.id_field
    row: Json = {
        "@odata.type": f"#{NAMESPACE}.{metadata_type(field)}",
        "MetadataId": definition_id("field", entity.name, field.name),
        "LogicalName": field.name,
        "SchemaName": schema_name(field.name),
        "EntityLogicalName": entity.name,
        "AttributeType": "Virtual" if name in VIRTUAL else name,
        "AttributeTypeName": {"Value": f"{name}Type"},
        "IsPrimaryId": field.name == entity.id_field,
        "IsPrimaryName": field.name == entity.primary,
        "IsValidForCreate": not fixed or field.name == entity.id_field,
        "IsValidForRead": True,
        "IsValidForUpdate": not fixed,
        "IsCustomAttribute": False,
        "IsSecured": field.secured,
        "IsSearchable": field.searchable,
        "IsAuditEnabled": managed(field.audited),
        "RequiredLevel": managed(REQUIRED[field.required]),
        "DisplayName": label(field.label, language),
        "Description": label(field.description, language),
    }
    return row | _settings(field)


def _settings(field: Field) -> Json:
    """The limits of a field, under Dataverse's names."""
    type_, settings = type_of(field), field.settings
    names = {"max_length": "MaxLength", "minimum": "MinValue", "maximum": "MaxValue", "precision": "Precision"}
    row = {shown: getattr(settings, name) for name, shown in names.items() if hasattr(settings, name)}
    if type_.format:
        row["Format"] = type_.format
    if hasattr(type_, "behavior"):
        row["DateTimeBehavior"] = {"Value": type_.behavior(field)}
    if type_.targets(field):
        row["Targets"] = [target.entity for target in type_.targets(field)]
    if type_.options(field):
        row["DefaultFormValue"] = field.default if isinstance(field.default, int) else -1
    return row


def option_set(catalog: Catalog, entity: Entity, field: Field, language: str) -> Json | None:
    """The options of a choice, of a state or of yes and no; None for other fields."""
    type_ = type_of(field)
    shared = getattr(field.settings, "choice", "")
    head = {
        "MetadataId": definition_id("choice", "" if shared else entity.name, shared or field.name),
        "Name": shared or f"{entity.name}_{field.name}",
        "IsGlobal": bool(shared),
        "OptionSetType": type_.attribute_type if type_.attribute_type != "MultiSelectPicklist" else "Picklist",
        "DisplayName": label(catalog.choices[shared].label if shared in catalog.choices else field.label, language),
    }
    if hasattr(field.settings, "yes"):
        yes, no = field.settings.yes, field.settings.no
        return head | {"TrueOption": _option(1, yes, "", language), "FalseOption": _option(0, no, "", language)}
    options = type_.options(field)
    if not options:
        return None
    return head | {"Options": [_with_state(option, language) for option in options]}


def _option(value: int, names: dict[str, str], color: str, language: str) -> Json:
    return {"Value": value, "Label": label(names, language), "Color": color or None, "IsManaged": False}


def _with_state(option: Any, language: str) -> Json:
    row = _option(option.value, option.label, option.color, language)
    return row if option.state is None else {**row, "State": option.state}


def global_option_set(choice: ChoiceList, language: str) -> Json:
    return {
        "@odata.type": f"#{NAMESPACE}.OptionSetMetadata",
        "MetadataId": definition_id("choice", "", choice.name),
        "Name": choice.name,
        "IsGlobal": True,
        "OptionSetType": "Picklist",
        "DisplayName": label(choice.label, language),
        "Options": [_option(option.value, option.label, option.color, language) for option in choice.options],
    }


def key_json(entity: Entity, key: Key, language: str) -> Json:
    return {
        "MetadataId": definition_id("key", entity.name, key.name),
        "LogicalName": key.name,
        "SchemaName": schema_name(key.name),
        "EntityLogicalName": entity.name,
        "KeyAttributes": list(key.fields),
        "EntityKeyIndexStatus": "Active",
        "DisplayName": label(key.label, language),
    }
