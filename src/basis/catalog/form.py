"""Forms: the layout of one record on one screen, as a tree of tabs, sections and cells that have ids."""

from typing import Literal

from msgspec import Struct

from basis.i18n import Label

FormKind = Literal["main", "quick_create"]


class Cell(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One place on a form: a field, a list of related records, or the timeline.

    Exactly one of `field`, `related` (a relationship's schema name) and `timeline` is set.
    """

    id: str
    field: str = ""
    related: str = ""
    view: str = ""
    """For a related list: the view of the related entity; its associated view when left out."""
    timeline: bool = False
    label: Label = {}
    span: int = 1


class Section(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A titled block of cells in 1 to 4 columns."""

    id: str
    label: Label
    cells: tuple[Cell, ...]
    columns: int = 1


class Tab(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One sheet of a form: columns side by side, each a stack of sections."""

    id: str
    label: Label
    columns: tuple[tuple[Section, ...], ...]


class Form(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A form of an entity; `header` names up to four fields that stay in sight."""

    name: str
    label: Label
    tabs: tuple[Tab, ...]
    entity: str = ""
    kind: FormKind = "main"
    header: tuple[str, ...] = ()
    hidden: bool = False

    def fields(self) -> list[str]:
        """The names of all fields on the form, each once, in reading order."""
        names = [cell.field for section in self.sections() for cell in section.cells if cell.field]
        return list(dict.fromkeys([*self.header, *names]))

    def sections(self) -> list[Section]:
        return [section for tab in self.tabs for column in tab.columns for section in column]
