"""Renders the Markdown pages of docs/ to plain HTML pages in site/, with a list of all pages beside each."""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path

from markdown_it import MarkdownIt

DOCS = Path(__file__).resolve().parent
SITE = DOCS.parent / "site"

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

STYLE = """body { display: grid; grid-template-columns: 240px minmax(0, 76ch); gap: 32px; margin: 24px;
  font: 15px/1.6 Inter, system-ui, sans-serif; color: #1d2430; background: #ffffff; }
nav ul { margin: 0; padding: 0; list-style: none; }
nav [aria-current] { font-weight: 600; }
a { color: #2456c8; }
pre { padding: 12px; overflow: auto; background: #f2f4f7; border-radius: 4px; }
table { border-collapse: collapse; }
th, td { padding: 4px 10px; border: 1px solid #dfe3e9; text-align: left; }
@media (max-width: 800px) { body { display: block; } }
@media (prefers-color-scheme: dark) { body { color: #e4e9f0; background: #0f151f; } a { color: #8db1f7; }
  pre { background: #171f2b; } th, td { border-color: #2a3544; } }
"""


def main() -> None:
    """Replace site/ by the pages of now."""
    shutil.rmtree(SITE, ignore_errors=True)
    SITE.mkdir()
    (SITE / "docs.css").write_text(STYLE, encoding="utf-8")
    pages = {page.relative_to(DOCS): page.read_text(encoding="utf-8") for page in sorted(DOCS.rglob("*.md"))}
    for page, text in pages.items():
        target = SITE / page.with_suffix(".html")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(render(page, text, pages), encoding="utf-8")
    print(f"{len(pages)} pages in {SITE.name}/")


def render(page: Path, text: str, pages: dict[Path, str]) -> str:
    root = "../" * (len(page.parts) - 1)
    dutch = "nl" in page.parts
    links = "\n".join(
        f'<li><a href="{root}{other.with_suffix(".html").as_posix()}"'
        f"{' aria-current=page' if other == page else ''}>{html.escape(title_of(other, content))}</a></li>"
        for other, content in pages.items()
    )
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    return PAGE.format(
        language="nl" if dutch else "en",
        contents="Inhoud" if dutch else "Contents",
        title=html.escape(title_of(page, text)),
        root=root,
        links=links,
        body=re.sub(r'(href="(?!\w+:)[^"#]+)\.md(["#])', r"\1.html\2", body),
    )


def title_of(page: Path, text: str) -> str:
    """The first heading, or the file's name when there is none."""
    heading = re.search(r"^# +(.+)$", text, re.MULTILINE)
    return heading[1].strip() if heading else page.stem


if __name__ == "__main__":
    main()
