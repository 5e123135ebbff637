"""Ticker symbols: the short names of shares on a stock exchange."""

import re
from typing import Annotated

from msgspec import Meta

from basis.fields.base import Problem
from basis.fields.text import TextSettings, TextType

_SYMBOL = re.compile(r"\^?[A-Z0-9]+([.:=/-][A-Z0-9]+)*")


class TickerSettings(TextSettings, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`max_length` in characters."""

    max_length: Annotated[int, Meta(ge=1, le=1_000_000)] = 10


class TickerType(TextType):
    """A ticker symbol in capitals, with the exchange or class of share if wanted (`ASML`, `AMS:ASML`, `BRK.B`)."""

    name = "ticker"
    label = {"en": "Ticker symbol", "nl": "Beurssymbool"}
    Settings = TickerSettings
    whole = True
    input_attributes = {"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}
    format = "TickerSymbol"

    def regular(self, text: str) -> str:
        symbol = text.upper()
        if symbol and not _SYMBOL.fullmatch(symbol):
            raise Problem("Is no ticker symbol; it has letters and digits, like ASML or BRK.B.")
        return symbol
