"""Relationships as EntityDefinitions and RelationshipDefinitions tell them."""

from basis.api.metadata.labels import NAMESPACE, Json
from basis.catalog.catalog import Catalog, definition_id
from basis.catalog.relationship import Association, Relationship

DELETE = {"remove_link": "RemoveLink", "restrict": "Restrict", "cascade": "Cascade"}
ASSIGN = {"none": "NoCascade", "cascade": "Cascade", "active": "Active", "owned": "UserOwned"}


def one_to_many(catalog: Catalog, relationship: Relationship) -> Json:
    return {
        "@odata.type": f"#{NAMESPACE}.OneToManyRelationshipMetadata",
        "MetadataId": definition_id("relationship", "", relationship.name),
        "SchemaName": relationship.name,
        "RelationshipType": "OneToManyRelationship",
        "ReferencedEntity": relationship.target,
        "ReferencedAttribute": catalog.entities[relationship.target].id_field,
        "ReferencingEntity": relationship.entity,
        "ReferencingAttribute": relationship.field,
        "ReferencedEntityNavigationPropertyName": relationship.name,
        "ReferencingEntityNavigationPropertyName": relationship.navigation,
        "IsHierarchical": relationship.rule.hierarchical,
        "IsCustomRelationship": False,
        "CascadeConfiguration": {
            "Assign": ASSIGN[relationship.rule.on_assign],
            "Delete": DELETE[relationship.rule.on_delete],
            "Reparent": "NoCascade",
            "Share": "NoCascade",
            "Unshare": "NoCascade",
            "Merge": "NoCascade",
        },
    }


def many_to_many(link: Association) -> Json:
    return {
        "@odata.type": f"#{NAMESPACE}.ManyToManyRelationshipMetadata",
        "MetadataId": definition_id("relationship", "", link.name),
        "SchemaName": link.name,
        "RelationshipType": "ManyToManyRelationship",
        "Entity1LogicalName": link.first,
        "Entity2LogicalName": link.second,
        "IntersectEntityName": link.name,
        "Entity1IntersectAttribute": link.first_column,
        "Entity2IntersectAttribute": link.second_column,
        "Entity1NavigationPropertyName": link.navigation,
        "Entity2NavigationPropertyName": link.back_navigation,
        "IsCustomRelationship": False,
    }


def visible(catalog: Catalog) -> list[Relationship]:
    """The relationships between entities that are there."""
    return [
        relationship
        for relationship in catalog.relationships.values()
        if not catalog.entities[relationship.entity].hidden and not catalog.entities[relationship.target].hidden
    ]


def everything(catalog: Catalog) -> list[Json]:
    return [
        *(one_to_many(catalog, relationship) for relationship in visible(catalog)),
        *(many_to_many(link) for link in catalog.associations.values()),
    ]


def of_entity(catalog: Catalog, entity: str, name: str) -> list[Json]:
    """One of the three collections of relationships of an entity."""
    if name == "ManyToManyRelationships":
        return [many_to_many(link) for link in catalog.associations_of(entity)]
    side = "target" if name == "OneToManyRelationships" else "entity"
    return [one_to_many(catalog, each) for each in visible(catalog) if getattr(each, side) == entity]


COLLECTIONS = ("OneToManyRelationships", "ManyToOneRelationships", "ManyToManyRelationships")
