"""Paths over lookups (`primarycontactid/fullname`) as links of a query, each path joined once."""

from dataclasses import dataclass, field

from basis.api.exchange import refuse
from basis.api.odata.names import Names, names_of
from basis.catalog.catalog import Catalog
from basis.catalog.query import Link
from basis.fields.base import Field

LONGEST = 8


@dataclass
class _Joined:
    alias: str
    names: Names
    to: str
    inner: dict[str, "_Joined"] = field(default_factory=dict)

    def link(self) -> Link:
        entity = self.names.entity
        inner = tuple(joined.link() for joined in self.inner.values())
        return Link(entity.name, entity.id_field, self.to, self.alias, "outer", links=inner)


class Joins:
    """The links that the paths of one query need. Records without the related one stay in the result."""

    def __init__(self, catalog: Catalog, entity: str) -> None:
        self.catalog = catalog
        self.root = names_of(catalog, entity)
        self._joined: dict[str, _Joined] = {}
        self._count = 0

    def field(self, path: tuple[str, ...], part: str) -> tuple[Field, str]:
        """The field that a path ends at, and the alias of the link that it stands on (`""`: the entity itself)."""
        names, alias, inner = self.root, "", self._joined
        if len(path) == 2 and (own := self._id_of_lookup(names, path)) is not None:
            return own, ""
        if len(path) > LONGEST:
            raise refuse(part, "Is nested too deeply.")
        for name in path[:-1]:
            joined = inner.get(name) or self._join(names, name, part)
            inner[name] = joined
            names, alias, inner = joined.names, joined.alias, joined.inner
        return names.field(path[-1], part), alias

    def _join(self, names: Names, name: str, part: str) -> _Joined:
        navigation = names.navigation(name, part)
        if navigation.collection:
            raise refuse(part, "'{name}' leads to many records; use any or all.", name=name)
        self._count += 1
        return _Joined(f"n{self._count}", names_of(self.catalog, navigation.target), navigation.field)

    def _id_of_lookup(self, names: Names, path: tuple[str, ...]) -> Field | None:
        """`primarycontactid/contactid` is what the lookup holds itself, where it has one target."""
        navigation = names.single.get(path[0])
        if navigation is None or navigation.field in names.several:
            return None
        if path[1] != self.catalog.entities[navigation.target].id_field:
            return None
        return names.properties.get(navigation.field)

    def links(self) -> tuple[Link, ...]:
        return tuple(joined.link() for joined in self._joined.values())
