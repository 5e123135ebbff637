"""The service document and `$metadata`: which sets there are, and the types of what is in them (CSDL 4.0)."""

from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from basis.api.exchange import Answer, Asked, answer_json
from basis.api.memory import per_catalog
from basis.api.odata.functions import BOUND
from basis.api.odata.names import NAMESPACE, Names, Navigation, edm_of, names_of, property_of, told_fields
from basis.catalog.catalog import Catalog
from basis.catalog.entity import Entity
from basis.security.scope import Scope

EDMX = "http://docs.oasis-open.org/odata/ns/edmx"
EDM = "http://docs.oasis-open.org/odata/ns/edm"
BASE = "crmbaseentity"


def service_document(scope: Scope, asked: Asked) -> Answer:
    """The entity sets, as Excel and other clients look for them."""
    sets = [{"name": name, "kind": "EntitySet", "url": name} for name in sorted(scope.catalog.sets)]
    return answer_json({"@odata.context": f"{asked.root}$metadata", "value": sets})


def csdl_document(scope: Scope, asked: Asked) -> Answer:
    return Answer(200, csdl(scope.catalog), "application/xml")


@per_catalog
def csdl(catalog: Catalog) -> bytes:
    """The types of all entities, kept plain so that older readers take it too."""
    register_namespace("edmx", EDMX)
    root = Element(f"{{{EDMX}}}Edmx", {"Version": "4.0"})
    schema = SubElement(
        SubElement(root, f"{{{EDMX}}}DataServices"), "Schema", {"xmlns": EDM, "Namespace": NAMESPACE, "Alias": "mscrm"}
    )
    SubElement(schema, "EntityType", {"Name": BASE, "Abstract": "true"})
    entities = [entity for entity in catalog.entities.values() if not entity.hidden]
    for entity in entities:
        _entity_type(schema, catalog, names_of(catalog, entity.name))
    for action in BOUND:
        for entity in entities:
            _action(schema, action, entity)
    container = SubElement(schema, "EntityContainer", {"Name": "System"})
    for entity in entities:
        _entity_set(container, catalog, names_of(catalog, entity.name))
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + bytes(tostring(root, encoding="utf-8"))


def _entity_type(schema: Element, catalog: Catalog, names: Names) -> None:
    entity = names.entity
    element = SubElement(schema, "EntityType", {"Name": entity.name, "BaseType": f"mscrm.{BASE}"})
    SubElement(SubElement(element, "Key"), "PropertyRef", {"Name": entity.id_field})
    for field in told_fields(entity):
        given = {"Name": property_of(field), "Type": edm_of(field)}
        if field.name == entity.id_field:
            given["Nullable"] = "false"
        if given["Type"] == "Edm.Decimal":
            given["Scale"] = "Variable"
        SubElement(element, "Property", given)
    for navigation in (*names.single.values(), *names.many.values()):
        _navigation(element, navigation, catalog.entities[navigation.target].id_field)


def _navigation(element: Element, navigation: Navigation, id_field: str) -> None:
    type_ = f"mscrm.{navigation.target}"
    given = {"Name": navigation.name, "Type": f"Collection({type_})" if navigation.collection else type_}
    if not navigation.collection:
        given["Nullable"] = "true"
    partner = _partner(navigation)
    if partner:
        given["Partner"] = partner
    made = SubElement(element, "NavigationProperty", given)
    if not navigation.collection:
        pair = {"Property": f"_{navigation.field}_value", "ReferencedProperty": id_field}
        SubElement(made, "ReferentialConstraint", pair)


def _partner(navigation: Navigation) -> str:
    """The navigation that leads back."""
    if navigation.association is not None:
        link = navigation.association
        return link.navigation if navigation.back else link.back_navigation
    held = navigation.relationship
    if held is None:
        return ""
    return held.navigation if navigation.collection else held.name


def _action(schema: Element, name: str, entity: Entity) -> None:
    element = SubElement(schema, "Action", {"Name": name, "IsBound": "true"})
    type_ = f"Collection(mscrm.{entity.name})"
    SubElement(element, "Parameter", {"Name": "entityset", "Type": type_, "Nullable": "false"})
    SubElement(element, "Parameter", {"Name": "Targets", "Type": type_, "Nullable": "false"})


def _entity_set(container: Element, catalog: Catalog, names: Names) -> None:
    entity = names.entity
    element = SubElement(container, "EntitySet", {"Name": entity.set, "EntityType": f"mscrm.{entity.name}"})
    for navigation in (*names.single.values(), *names.many.values()):
        target = catalog.entities[navigation.target].set
        SubElement(element, "NavigationPropertyBinding", {"Path": navigation.name, "Target": target})
