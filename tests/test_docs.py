"""Holds the documentation to the code: what is not described, or described and gone, fails here."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
import pytest

import basis.errors
from basis.catalog.load import standard
from basis.cli import main
from basis.fields import field_types
from basis.transfer.mapping import ColumnMapping, Mapping
from docs.build import DOCS, contents, headings, links_in, render, slug
from docs.tables import PAGE, operators

ROOT = DOCS.parent
PAGES = sorted(DOCS.rglob("*.md"))
TEXTS = [ROOT / "README.md", *PAGES]
EVERYWHERE = {"--data", "--database", "--help", "-h"}


def text_of(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# -- field types and operators


def rows() -> dict[str, str]:
    """The rows of the tables of field types, by the name of the type."""
    lines = text_of("customise.md").splitlines()
    return {line.split("`")[1]: line for line in lines if re.match(r"\| `\w+` \| .+ · ", line)}


def shown(value: object) -> str:
    """A default as the table writes it."""
    if value is None or value == ():
        return "none"
    return {"": "none", "False": "false", "True": "true"}.get(str(value), str(value))


@pytest.mark.parametrize("name", sorted(field_types()))
def test_a_field_type_stands_in_the_table_with_every_setting_and_its_default(name: str) -> None:
    type_, row = field_types()[name], rows().get(name, "")
    assert f"| {type_.label['en']} · {type_.label['nl']} |" in row
    described = re.findall(r"`(\w+)` = (-?\w+)", row.rpartition(" | ")[2])
    for setting in msgspec.structs.fields(type_.Settings):
        if setting.default is msgspec.NODEFAULT:
            assert setting.name in dict(described)
        elif setting.default == "":
            assert dict(described).get(setting.name) in ("none", "empty")
        else:
            assert (setting.name, shown(setting.default)) in described
    assert {key for key, _ in described} == set(type_.Settings.__struct_fields__)


def test_the_table_has_no_field_type_that_is_gone() -> None:
    assert set(rows()) == set(field_types())


def test_the_page_of_operators_is_that_of_the_operator_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == operators(), "run: python docs/tables.py"


# -- commands


def commands(group: click.Group = main, above: str = "basis") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, f"{above} {name}")
        elif command is not None:
            yield f"{above} {name}", command


COMMANDS = dict(commands())


def section(command: str) -> str:
    """What stands under the heading of a command."""
    _, _, rest = text_of("command-line.md").partition(f"\n## {command}\n")
    return rest.partition("\n## ")[0]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_is_described_with_every_option_and_no_other(name: str) -> None:
    given = {option for parameter in COMMANDS[name].params for option in (*parameter.opts, *parameter.secondary_opts)}
    options = {option for option in given if option.startswith("-")} - EVERYWHERE
    described = {
        word
        for line in section(name).splitlines()
        if line.startswith("| `-")
        for word in re.findall(r"`(--[\w-]+)", line.split(" | ")[0])
    }
    assert section(name).strip() != ""
    assert described == options


def test_no_command_is_described_that_is_gone() -> None:
    assert set(re.findall(r"^## (basis .+)$", text_of("command-line.md"), re.MULTILINE)) == set(COMMANDS)


def test_every_example_calls_a_command_with_options_that_it_has() -> None:
    wrong = []
    for path in TEXTS:
        for line in re.findall(r"^(?:\.venv/bin/)?(basis .+)$", path.read_text(encoding="utf-8"), re.MULTILINE):
            name = max((name for name in COMMANDS if f"{line} ".startswith(f"{name} ")), key=len, default="")
            held = {option for parameter in COMMANDS[name].params for option in parameter.opts} if name else set()
            if not name or set(re.findall(r" (--[\w-]+)", line.partition("'")[0])) - held:
                wrong.append(f"{name_of(path)}: {line}")
    assert wrong == []


def test_every_make_target_is_described() -> None:
    targets = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)[0].split()
    assert {f"make {target}" for target in targets} - set(
        re.findall(r"`(make [\w-]+)`", text_of("contribute.md"))
    ) == set()


# -- errors, mappings and definitions


def test_every_error_is_described_with_its_status() -> None:
    described = dict(re.findall(r"^\| `(\w+)` \| .+ \| (\d{3})", text_of("operate.md"), re.MULTILINE))
    defined = {
        name: str(member.status)
        for name, member in vars(basis.errors).items()
        if inspect.isclass(member) and issubclass(member, basis.errors.BasisError)
    }
    assert described == defined


@pytest.mark.parametrize("struct", [Mapping, ColumnMapping])
def test_every_setting_of_a_mapping_is_described(struct: type[msgspec.Struct]) -> None:
    described = set(re.findall(r"^\| `(\w+)` \|", text_of("import-export.md"), re.MULTILINE))
    assert set(struct.__struct_fields__) - described == set()


def test_every_mapping_in_the_documentation_can_be_read() -> None:
    for example in re.findall(r"```json\n(.+?)```", text_of("import-export.md"), re.DOTALL):
        assert msgspec.json.decode(example, type=Mapping).columns
        assert ("entity", "", msgspec.json.decode(example, type=Mapping).entity) in standard()


def test_the_house_is_drawn_with_every_folder() -> None:
    drawn = text_of("architecture.md").partition("## The house")[2].partition("## Who may")[0]
    parts = {path.name + "/" for path in (ROOT / "src" / "basis").iterdir() if path.is_dir() and path.name[0] != "_"}
    parts |= {path.name for path in (ROOT / "src" / "basis").glob("*.py") if path.name != "__init__.py"}
    assert {part for part in parts if not re.search(rf"\s{re.escape(part)}\s", drawn)} == set()


# -- links


def anchors(text: str) -> set[str]:
    from markdown_it import MarkdownIt

    return {slug(inline.content) for _, inline in headings(MarkdownIt("commonmark").parse(text))}


def targets(text: str) -> Iterator[tuple[str, str]]:
    """Every relative link as page (empty: this one) and heading."""
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.+?```|`[^`]*`", "", text, flags=re.DOTALL)):
        if "://" not in target:
            page, _, heading = target.partition("#")
            yield page, heading


def test_every_link_leads_somewhere() -> None:
    broken = []
    for path in TEXTS:
        for page, heading in targets(path.read_text(encoding="utf-8")):
            there = (path.parent / page).resolve() if page else path
            if not there.is_file():
                broken.append(f"{name_of(path)}: {page}")
            elif heading and heading not in anchors(there.read_text(encoding="utf-8")):
                broken.append(f"{name_of(path)}: {page}#{heading}")
            elif path != ROOT / "README.md" and not there.is_relative_to(DOCS):
                broken.append(f"{name_of(path)}: {page} is not in site/")
    assert broken == []


def test_every_page_can_be_reached() -> None:
    held = {path.relative_to(DOCS): path.read_text(encoding="utf-8") for path in PAGES}
    decisions = {Path("decisions") / target for target in links_in(held[Path("decisions/index.md")])}
    assert set(held) - set(contents(held)) - decisions == set()


def test_the_site_links_to_its_own_pages() -> None:
    held = {path.relative_to(DOCS): path.read_text(encoding="utf-8") for path in PAGES}
    page = Path("nl/aan-de-slag.md")
    made = render(page, held[page], held)
    assert 'href="../getting-started.html"' in made and '.md"' not in made and 'lang="nl"' in made


# -- words and pictures


def test_pages_name_what_stands_on_the_screen() -> None:
    """What getting started writes in italics is said by Basis in exactly those words."""
    from basis.i18n import translate

    known = (ROOT / "src" / "basis" / "locale" / "nl.po").read_text(encoding="utf-8")
    english = set(re.findall(r'^msgid "(.+)"$', known, re.MULTILINE))
    labels = {
        language: {type_.label[language] for type_ in field_types().values()}
        | {body["label"][language] for _, body in standard().values() if "label" in body}
        for language in ("en", "nl")
    }
    words = {"en": english | labels["en"], "nl": {translate(text, "nl") for text in english} | labels["nl"]}
    for page, language, own in (
        ("getting-started.md", "en", {"Seats"}),
        ("nl/aan-de-slag.md", "nl", {"Zitplaatsen"}),
    ):
        said = set(re.findall(r"(?<!\*)\*([^*\n\[]+)\*(?!\*)", text_of(page)))
        assert said - words[language] - own == set()


def test_pictures_are_small() -> None:
    assert {name_of(picture) for picture in DOCS.rglob("*.png") if picture.stat().st_size > 200_000} == set()
