"""Renders the Markdown pages of docs/ to plain HTML pages in site/, with the contents of index.md beside each."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from markdown_it import MarkdownIt
from markdown_it.token import Token

DOCS = Path(__file__).resolve().parent
SITE = DOCS.parent / "site"
INDEX = Path("index.md")
IMAGES = "images"

PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Basis</title>
<link rel="stylesheet" href="{root}docs.css">
</head>
<body>
<nav aria-label="{contents}"><ul>
{links}
</ul></nav>
<main>
{body}</main>
</body>
</html>
"""

STYLE = """body { display: grid; grid-template-columns: 220px minmax(0, 84ch); gap: 32px; margin: 24px;
  font: 15px/1.6 Inter, system-ui, sans-serif; color: #1d2430; background: #ffffff; }
nav ul { position: sticky; top: 24px; margin: 0; padding: 0; list-style: none; }
nav [aria-current] { font-weight: 600; }
a { color: #2456c8; }
img { max-width: 100%; border: 1px solid #dfe3e9; border-radius: 4px; }
pre { padding: 12px; overflow: auto; background: #f2f4f7; border-radius: 4px; }
table { display: block; overflow: auto; border-collapse: collapse; }
th, td { padding: 4px 10px; border: 1px solid #dfe3e9; text-align: left; vertical-align: top; }
@media (max-width: 800px) { body { display: block; } nav ul { position: static; } }
@media (prefers-color-scheme: dark) { body { color: #e4e9f0; background: #0f151f; } a { color: #8db1f7; }
  pre { background: #171f2b; } th, td, img { border-color: #2a3544; } }
"""


def main() -> None:
    """Replace site/ by the pages of now."""
    shutil.rmtree(SITE, ignore_errors=True)
    SITE.mkdir()
    (SITE / "docs.css").write_text(STYLE, encoding="utf-8")
    shutil.copytree(DOCS / IMAGES, SITE / IMAGES)
    pages = {page.relative_to(DOCS): page.read_text(encoding="utf-8") for page in sorted(DOCS.rglob("*.md"))}
    for page, text in pages.items():
        target = SITE / page.with_suffix(".html")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(render(page, text, pages), encoding="utf-8")
    print(f"{len(pages)} pages in {SITE.name}/")


def render(page: Path, text: str, pages: dict[Path, str]) -> str:
    """The page as HTML; its headings carry ids, and links to pages lead to their HTML."""
    root = "../" * (len(page.parts) - 1)
    dutch = "nl" in page.parts
    links = "\n".join(
        f'<li><a href="{root}{other.with_suffix(".html").as_posix()}"'
        f"{' aria-current=page' if other == page else ''}>{html.escape(title_of(other, pages[other]))}</a></li>"
        for other in contents(pages)
    )
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(text)
    for heading, inline in headings(tokens):
        heading.attrSet("id", slug(inline.content))
    body = markdown.renderer.render(tokens, markdown.options, {})
    return PAGE.format(
        language="nl" if dutch else "en",
        contents="Inhoud" if dutch else "Contents",
        title=html.escape(title_of(page, text)),
        root=root,
        links=links,
        body=re.sub(r'(href="(?!\w+:)[^"#]+)\.md(["#])', r"\1.html\2", body),
    )


def contents(pages: dict[Path, str]) -> list[Path]:
    """The pages beside every page: the index, and what it links to, in its order."""
    linked = [Path(target) for target in links_in(pages[INDEX])]
    return [INDEX, *(page for page in dict.fromkeys(linked) if page in pages)]


def links_in(text: str) -> Iterator[str]:
    """The relative links of a page (images too), without what follows `#`."""
    for inline in MarkdownIt("commonmark").enable("table").parse(text):
        for token in inline.children or ():
            target = str(token.attrGet("href") or token.attrGet("src") or "")
            if target and "://" not in target and not target.startswith(("#", "mailto:")):
                yield PurePosixPath(target.partition("#")[0]).as_posix()


def headings(tokens: list[Token]) -> Iterator[tuple[Token, Token]]:
    """Every heading with the text in it."""
    for heading, inline in zip(tokens, tokens[1:], strict=False):
        if heading.type == "heading_open":
            yield heading, inline


def slug(heading: str) -> str:
    """The id of a heading, made as code hosts make it: `Back up and restore` is `back-up-and-restore`."""
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.replace(" ", "-")


def title_of(page: Path, text: str) -> str:
    """The first heading, or the file's name when there is none."""
    heading = re.search(r"^# +(.+)$", text, re.MULTILINE)
    return heading[1].strip() if heading else page.stem


if __name__ == "__main__":
    main()
