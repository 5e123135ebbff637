"""The paging cookie of FetchXML: XML in which the cursor lies, encoded twice, as clients expect to decode it."""

from urllib.parse import quote, unquote
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr


def make(page: int, cursor: str) -> str:
    """The cookie with which the page after `page` is asked for."""
    inner = f'<cookie page="{page}"><row last={quoteattr(cursor)} /></cookie>'
    return (
        f'<cookie pagenumber="{page + 1}" pagingcookie="{quote(quote(inner, safe=""), safe="")}" istracking="False" />'
    )


def cursor_in(cookie: str) -> str:
    """The cursor in a cookie that a client gives back, in whichever state of decoding; empty when it has none."""
    text = cookie
    for _ in range(4):
        if text.lstrip().startswith("<"):
            break
        text = unquote(text)
    if "<!" in text:
        return ""
    try:
        root = ElementTree.fromstring(text.strip())
    except (ElementTree.ParseError, ValueError):
        return ""
    if root.get("pagingcookie"):
        return cursor_in(root.get("pagingcookie", ""))
    row = root.find("row")
    return row.get("last", "") if row is not None else ""
