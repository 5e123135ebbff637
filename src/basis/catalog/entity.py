"""Entities as they are defined: names, ownership, states, keys, fields and many-to-many relationships."""

from decimal import Decimal
from functools import cached_property
from typing import Literal

from msgspec import Struct

from basis.fields.base import Field
from basis.fields.choice import Option
from basis.i18n import Label

POINTER = "activitypointer"
"""The entity in which all activities stand side by side; it follows them."""

Ownership = Literal["user", "organization", "unit", "none"]


class Reason(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A status reason (`statuscode`) within a state; `next` lists the reasons one may go to (empty: any)."""

    value: int
    label: Label
    color: str = ""
    default: bool = False
    next: tuple[int, ...] = ()


class State(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A state (`statecode`): whether the record is active, and the reasons within it.

    Records in a state that is not `editable` refuse every change but that of their state.
    """

    value: int
    label: Label
    reasons: tuple[Reason, ...]
    editable: bool = True


class Key(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Fields that together are unique among the records that fill them all (an alternate key)."""

    name: str
    fields: tuple[str, ...]
    label: Label = {}


class ManyToMany(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A relationship of many to many: `name` is its schema name and that of its table."""

    name: str
    to: str
    label: Label = {}
    """How the list of `to` records is called on this entity's form; the entity's plural when left out."""
    back_label: Label = {}
    navigation: str = ""
    back_navigation: str = ""


class ChoiceList(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A list of options that several fields share (a global choice)."""

    name: str
    label: Label
    options: tuple[Option, ...]


class Derived(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A text field that Basis fills: the parts that are not empty, joined (full name)."""

    field: str
    parts: tuple[str, ...]
    separator: str = " "


class Term(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of an amount: fields multiplied with each other and with `factor`."""

    times: tuple[str, ...]
    factor: Decimal = Decimal(1)


class Amount(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A number field that Basis fills: the sum of its terms, an empty field counting as nothing."""

    field: str
    terms: tuple[Term, ...]


class Total(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A number field that Basis fills: a field of the related records, added up (less another one)."""

    field: str
    relationship: str
    add: str
    subtract: str = ""


class MatchedField(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A field of a duplicate rule and how it is compared: letter for letter but for case and accents, by its first
    eight letters, by how it sounds (legal forms and word order left out), or as a number, address or domain.
    """

    field: str
    match: Literal["exact", "start", "similar", "phone", "email", "domain"] = "exact"


class DuplicateRule(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Records that match in all of these fields may be one and the same."""

    name: str
    fields: tuple[MatchedField, ...]


class Entity(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, dict=True):
    """The definition of an entity.

    `fields` lists only what is its own; id, owner, stamps, states and currency are added when it is loaded
    (catalog/system_fields.py), so that every entity has them alike.
    """

    name: str
    set: str
    label: Label
    plural: Label
    primary: str
    fields: tuple[Field, ...]
    description: Label = {}
    ownership: Ownership = "user"
    id: str = ""
    """The name of the id field; `nameid` when left out."""
    icon: str = "table"
    color: str = ""
    states: tuple[State, ...] = ()
    keys: tuple[Key, ...] = ()
    duplicate_rules: tuple[DuplicateRule, ...] = ()
    many_to_many: tuple[ManyToMany, ...] = ()
    derived: tuple[Derived, ...] = ()
    totals: tuple[Total, ...] = ()
    amounts: tuple[Amount, ...] = ()
    """In the order in which they are worked out, after the totals."""
    activity: bool = False
    """Its records are activities: they also stand in activitypointer and on timelines."""
    notes: bool = True
    """Whether its forms show a timeline of notes and activities."""
    quick_create: bool = False
    internal: bool = False
    """Kept out of navigation and of the list of entities that one can shape (intersect and detail tables)."""
    subtitle: str = ""
    """The field that stands under the title in search results and lookups (a city, an e-mail address)."""
    shareable: bool = False
    """Whether its records can be shared, one by one, with users and teams that would not see them otherwise."""
    own: bool = False
    """Whether the organisation made it itself."""
    code: int = 0
    """Dataverse's object type code, where the standard entity has one."""
    hidden: bool = False

    @property
    def id_field(self) -> str:
        return self.id or f"{self.name}id"

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {field.name: field for field in self.fields}

    @cached_property
    def visible_fields(self) -> tuple[Field, ...]:
        """The fields that have not been removed."""
        return tuple(field for field in self.fields if not field.hidden)

    def has(self, field: str) -> bool:
        return field in self.by_name

    @cached_property
    def start(self) -> tuple[int, int]:
        """The state and the status reason of a new record, where the entity has states."""
        first = self.states[0].value
        return first, self.default_reason(first)

    def state(self, value: int) -> State:
        return next(state for state in self.states if state.value == value)

    def state_of(self, reason: int) -> State | None:
        """The state that a status reason belongs to; None for an unknown one."""
        return next((s for s in self.states if any(r.value == reason for r in s.reasons)), None)

    def reason(self, value: int) -> Reason | None:
        return next((r for state in self.states for r in state.reasons if r.value == value), None)

    def default_reason(self, state: int) -> int:
        reasons = self.state(state).reasons
        return next((reason.value for reason in reasons if reason.default), reasons[0].value)
