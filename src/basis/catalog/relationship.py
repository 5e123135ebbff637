"""Relationships as the Catalog knows them: one for every target of every lookup, and the many-to-many ones."""

from msgspec import Struct
from sqlalchemy import Table

from basis.catalog.entity import Entity, ManyToMany
from basis.fields import type_of
from basis.fields.base import Field, Target
from basis.i18n import Label


class Relationship(Struct, frozen=True):
    """One to many: records of `entity` point through `field` at a record of `target`."""

    name: str
    entity: str
    field: str
    target: str
    navigation: str
    """From the many to the one, in the Web API; `name` leads back, to the collection."""
    label: Label
    rule: Target
    system: bool = False
    """Of a system field (createdby, owner): no related list and no cascade of its own."""
    hidden: bool = False
    """Its field or an entity of it was removed: nobody sees it, but what the data hold still counts when deleting."""


class Association(Struct, frozen=True):
    """Many to many: pairs of records of `first` and `second` in a table of their own."""

    name: str
    first: str
    second: str
    first_column: str
    second_column: str
    navigation: str
    """From `first` to its records of `second`; `back_navigation` the other way."""
    back_navigation: str
    label: Label
    back_label: Label
    table: Table

    def seen_from(self, entity: str, navigation: str = "") -> tuple[str, str, str]:
        """The other entity, the column of one's own id, the column of the other's."""
        if entity == self.first and navigation in ("", self.navigation):
            return self.second, self.first_column, self.second_column
        return self.first, self.second_column, self.first_column


def of_field(entity: Entity, field: Field, entities: dict[str, Entity], system: bool) -> list[Relationship]:
    """The relationships of a lookup field, one for each target that exists."""
    targets = type_of(field).targets(field)
    return [
        Relationship(
            name=(target.relationship or "{target}_{entity}_{field}").format(
                entity=entity.name, target=target.entity, field=field.name
            ),
            entity=entity.name,
            field=field.name,
            target=target.entity,
            navigation=target.navigation or (field.name if len(targets) == 1 else f"{field.name}_{target.entity}"),
            label=target.label or entity.plural,
            rule=target,
            system=system,
            hidden=field.hidden or entity.hidden or entities[target.entity].hidden,
        )
        for target in targets
        if target.entity in entities
    ]


def association(entity: Entity, defined: ManyToMany, entities: dict[str, Entity], table: Table) -> Association:
    """The many-to-many relationship as the Catalog keeps it."""
    other = entities[defined.to]
    first, second = column_names(entity, defined)
    return Association(
        name=defined.name,
        first=entity.name,
        second=defined.to,
        first_column=first,
        second_column=second,
        navigation=defined.navigation or defined.name,
        back_navigation=defined.back_navigation or (defined.name if entity is not other else f"{defined.name}_back"),
        label=defined.label or other.plural,
        back_label=defined.back_label or entity.plural,
        table=table,
    )


def column_names(entity: Entity, defined: ManyToMany) -> tuple[str, str]:
    """The two id columns; an entity related to itself gets numbers after them."""
    if entity.name == defined.to:
        return f"{entity.name}idone", f"{entity.name}idtwo"
    return f"{entity.name}id", f"{defined.to}id"
