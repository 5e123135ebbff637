"""Text of several lines."""

from typing import Annotated, Any

from msgspec import Meta

from basis.fields.base import Field, FieldType, Frame
from basis.fields.text import TextSettings, TextType
from basis.html import Markup, render, template

_AREA = template(
    '<textarea class="input" id="{{ id }}" name="{{ name }}" rows="{{ rows }}"'
    '{% for key, held in attributes.items() if held is not none %} {{ key }}="{{ held }}"{% endfor %}>\n'
    "{{ value }}</textarea>"
)


class MemoSettings(TextSettings, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`max_length` in characters; `rows` of the input."""

    max_length: Annotated[int, Meta(ge=1, le=1_000_000)] = 2000
    rows: Annotated[int, Meta(ge=1, le=50)] = 4


class MemoType(TextType):
    name = "memo"
    label = {"en": "Multiline text", "nl": "Tekst met meer regels"}
    Settings = MemoSettings
    one_line = False
    attribute_type = "Memo"
    format = "TextArea"
    sortable = False
    tall = True

    def like(self, other: FieldType) -> bool:
        return isinstance(other, MemoType)

    def regular(self, text: str) -> str:
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def input(self, field: Field, value: Any, frame: Frame) -> Markup:
        return render(
            _AREA,
            id=frame.id,
            name=field.name,
            value=value or "",
            rows=field.settings.rows,
            attributes=frame.attributes(maxlength=self.limit(field)),
        )
