"""The values of a condition: the inputs that an operator asks for, and what was typed in them."""

from typing import Any

import msgspec

from basis.fields import type_of
from basis.fields.base import Field, Frame, Problem
from basis.fields.operators import OPERATORS
from basis.fields.reference import Named, Reference
from basis.fields.storage import to_plain
from basis.html import Markup
from basis.i18n import Locale
from basis.web.views.draft import Clause

MOST = 50
"""So many values a condition takes in the form."""


def asked_for(operator: str) -> int:
    """How many values an operator takes; -1 for any number."""
    known = OPERATORS.get(operator)
    return known.values if known else 0


def asking_field(field: Field, operator: str) -> Field:
    """The field whose type reads and shows the values of a condition."""
    return type_of(field).asking(field, operator) if operator in OPERATORS else field


def several(field: Field, operator: str) -> bool:
    """Whether each value has an input of its own, and there is always one more to fill."""
    return asked_for(operator) == -1 and not type_of(asking_field(field, operator)).joined


def inputs(field: Field, clause: Clause, place: str, locale: Locale) -> list[Markup]:
    """The inputs of a clause; they post `place.v0`, `place.v1` …"""
    asking = asking_field(field, clause.operator)
    count = asked_for(clause.operator)
    if count == -1:
        filled = len([text for text in clause.texts if text.strip()])
        count = min(filled + 1, MOST) if several(field, clause.operator) else 1
    texts = clause.texts
    if several(field, clause.operator):
        kept = [at for at, text in enumerate(texts) if text.strip()]
        texts, clause.kinds = [texts[at] for at in kept], [_get(clause.kinds, at) for at in kept]
    return [
        _input(asking, _get(texts, at), _get(clause.kinds, at), f"{place}.v{at}", clause, locale) for at in range(count)
    ]


def _get(texts: list[str], at: int) -> str:
    return texts[at] if at < len(texts) else ""


def _input(field: Field, text: str, kind: str, name: str, clause: Clause, locale: Locale) -> Markup:
    renamed, type_ = msgspec.structs.replace(field, name=name), type_of(field)
    described = f"{name}-error" if clause.error else ""
    frame = Frame(
        name.replace(".", "-"), locale, name=name, label=_label(field, locale), described_by=described,
        invalid=clause.error is not None,
    )  # fmt: skip
    if type_.targets(field):
        held = Reference(kind, text, clause.labels[text]) if text in clause.labels else text
        return type_.input(renamed, held, frame)
    if type_.joined:
        return type_.input(renamed, text, frame)
    return type_.filter_input(renamed, text, frame)


def _label(field: Field, locale: Locale) -> str:
    return field.label.get(locale.language, "") or field.name


def read_values(field: Field, clause: Clause, locale: Locale) -> tuple[Any, ...] | None:
    """The values in JSON form; None while they are not complete. `Problem` for one that cannot be read."""
    asking, count = asking_field(field, clause.operator), asked_for(clause.operator)
    if count == 0:
        return ()
    values: list[Any] = []
    for at, text in enumerate(clause.texts):
        if text.strip():
            values += _read(asking, text, _get(clause.kinds, at), locale)
    if not values or (count > 0 and len(values) < count):
        return None
    return tuple(values)


def _read(field: Field, text: str, kind: str, locale: Locale) -> list[Any]:
    type_ = type_of(field)
    posted = {field.name: text, f"{field.name}__type": kind}
    value = type_.parse(field, posted, locale)
    if isinstance(value, Named):
        raise Problem("Choose a record from the list.")
    if value is None:
        return []
    if type_.joined:
        return list(type_.check(field, value))
    return [to_plain(type_.to_json(field, value))]


def texts_of(field: Field, operator: str, values: tuple[Any, ...], locale: Locale) -> tuple[list[str], list[str]]:
    """The texts and entities with which the inputs show the values of a stored condition."""
    asking = asking_field(field, operator)
    type_, texts, kinds = type_of(asking), [], []
    if type_.joined:
        return ["\n".join(str(value) for value in values)], [""]
    for value in values:
        try:
            held = type_.from_json(asking, value)
        except Problem:
            held = None
        texts.append(type_.filter_text(asking, held, locale) if held is not None else str(value))
        kinds.append(held.entity if isinstance(held, Reference) else "")
    return texts, kinds
