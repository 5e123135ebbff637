"""Text with formatting: HTML of few kinds of tags, made harmless before it is stored and again when it is shown."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Annotated, Any

import nh3
from msgspec import Meta, json

from basis.errors import Message
from basis.fields.base import Field, Frame, Moment
from basis.fields.memo import MemoSettings, MemoType
from basis.fields.storage import KEY, fold
from basis.html import Markup, escape, render, template
from basis.i18n import Locale, say

BLOCKS = {"p", "div", "h1", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "pre", "table", "tr", "hr", "br"}
TAGS = BLOCKS | {
    "a", "abbr", "b", "caption", "cite", "code", "em", "i", "s", "small", "span", "strong", "sub", "sup", "tbody", "td",
    "tfoot", "th", "thead", "u",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}, "ol": {"start"}}
SCHEMES = ("http://", "https://", "mailto:")
GONE_WHOLE = {"script", "style", "title", "template", "noscript", "iframe", "object", "svg", "math"}
"""Tags that go with what is inside them; of all other unknown ones the text stays."""

_TAG = re.compile(rf"</?(?:{'|'.join(sorted(TAGS | GONE_WHOLE | {'html', 'body', 'font', 'img'}))})\b[^<>]*>", re.I)

_EMPTY = re.compile(r"<(b|i|u|s|em|strong|span)></\1>")
"""What editors leave behind where formatting was switched on and off again."""

WORDS = {
    "tools": Message("Formatting"),
    "bold": Message("Bold"),
    "italic": Message("Italic"),
    "underline": Message("Underlined"),
    "strike": Message("Struck through"),
    "heading": Message("Heading"),
    "bullets": Message("Bulleted list"),
    "numbers": Message("Numbered list"),
    "quote": Message("Quotation"),
    "link": Message("Link"),
    "clear": Message("Without formatting"),
    "address": Message("Web address"),
    "apply": Message("Link to it"),
    "unlink": Message("Remove the link"),
}
"""What the toolbar of <crm-rich-text> says."""

_EDITOR = template(
    '<crm-rich-text class="rich-text" data-words="{{ words }}"{% if html %} data-html{% endif %}>{{ area }}'
    "</crm-rich-text>"
)


def is_html(text: str) -> bool:
    """Whether a text has formatting; one without any tag is plain, and its signs `<` and `&` mean themselves."""
    return _TAG.search(text) is not None


def clean(text: str, apart: bool = False) -> str:
    """HTML with only the tags, attributes and addresses that are allowed; with `apart` links open a new window.

    What is stored has no `rel` and `target`, so that it stays the same however often it is saved.
    """
    return nh3.clean(
        text,
        tags=TAGS,
        clean_content_tags=GONE_WHOLE,
        attributes=ATTRIBUTES,
        attribute_filter=_allowed,
        link_rel="noopener noreferrer" if apart else None,
        set_tag_attribute_values={"a": {"target": "_blank"}} if apart else None,
    ).strip()


def _allowed(tag: str, attribute: str, value: str) -> str | None:
    return value if attribute != "href" or value.strip().lower().startswith(SCHEMES) else None


def plain(text: str) -> str:
    """The text alone, a line for each block."""
    if not is_html(text):
        return text
    reader = _Reader()
    reader.feed(text)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)


class _Reader(HTMLParser):
    """Gathers the text of HTML, with line breaks where blocks begin and end."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts.append("\n- " if tag == "li" else "\n" if tag in BLOCKS else "\t" if tag in ("td", "th") else "")

    def handle_endtag(self, tag: str) -> None:
        self.parts.append("\n" if tag in BLOCKS else "")

    def handle_data(self, data: str) -> None:
        self.parts.append(data.replace("\n", " "))


def shown_html(text: str) -> Markup:
    """The text with its formatting, safe to put on a page; plain text with its line breaks."""
    if is_html(text):
        return Markup(clean(text, apart=True))
    return Markup("<br>").join(escape(line) for line in text.split("\n"))


class RichTextSettings(MemoSettings, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`max_length` in characters, tags included; `rows` of the input."""

    max_length: Annotated[int, Meta(ge=1, le=1_000_000)] = 100_000
    rows: Annotated[int, Meta(ge=1, le=50)] = 8


class RichTextType(MemoType):
    """Formatted text. Lists, searches and exports see the text alone (`text`); a form shows it whole (`full`)."""

    name = "richtext"
    label = {"en": "Formatted text", "nl": "Opgemaakte tekst"}
    Settings = RichTextSettings
    format = "RichText"

    def dump(self, field: Field, value: Any) -> dict[str, Any]:
        return {field.name: value, field.name + KEY: None if value is None else fold(plain(value))}

    def regular(self, text: str) -> str:
        lined = super().regular(text)
        if not is_html(lined):
            return lined
        harmless = _EMPTY.sub("", clean(lined))
        if not is_html(harmless):
            return unescape(harmless)
        return harmless if plain(harmless) or "<hr" in harmless else ""

    def text(self, field: Field, value: Any, locale: Locale) -> str:
        return "" if value is None else plain(str(value))

    def operand(self, field: Field, operator: str, value: Any, moment: Moment) -> Any:
        return super().operand(field, operator, plain(str(value)), moment)

    def full(self, field: Field, value: Any, locale: Locale) -> Markup:
        return Markup('<div class="rich">{}</div>').format(shown_html(str(value))) if value else Markup("")

    def input(self, field: Field, value: Any, frame: Frame) -> Markup:
        words = {name: say(message, frame.locale.language) for name, message in WORDS.items()}
        area, held = super().input(field, value, frame), is_html(value or "")
        return render(_EDITOR, area=area, html=held, words=json.encode(words).decode())
