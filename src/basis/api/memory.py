"""What is worked out once per catalog (names, metadata, plans of queries) and forgotten with it."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from basis.catalog.catalog import Catalog

P = ParamSpec("P")
T = TypeVar("T")

LIMIT = 1_000
"""So many results of one function are kept for one catalog."""


def per_catalog(make: Callable[Concatenate[Catalog, P], T]) -> Callable[Concatenate[Catalog, P], T]:
    """Remember what a function of a catalog (and hashable positional arguments) answers."""
    held: WeakKeyDictionary[Catalog, dict[object, T]] = WeakKeyDictionary()

    def remembered(catalog: Catalog, /, *args: P.args, **kwargs: P.kwargs) -> T:
        mine = held.get(catalog)
        if mine is None:
            mine = held.setdefault(catalog, {})
        if args in mine:
            return mine[args]
        made = make(catalog, *args, **kwargs)
        if len(mine) >= LIMIT:
            mine.clear()
        mine[args] = made
        return made

    remembered.__doc__ = make.__doc__
    return remembered
