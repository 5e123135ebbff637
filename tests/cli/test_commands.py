"""The command line as an administrator uses it, from an empty folder to a backup."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from basis.cli import main
from tests.support.data import REGISTER


class Shell:
    """A terminal in a folder with one organisation, `basis` called as in a shell."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.password = folder / "password"
        self.password.write_text("een lang wachtwoord\n", encoding="utf-8")

    def run(self, *arguments: str | Path, data: str = "org") -> Result:
        environment = {"BASIS_DATA": str(self.folder / data), "BASIS_DATABASE": "", "LANG": "nl_NL.UTF-8", "LC_ALL": ""}
        return CliRunner().invoke(main, [str(part) for part in arguments], env=environment)

    def ok(self, *arguments: str | Path, data: str = "org") -> str:
        result = self.run(*arguments, data=data)
        assert result.exit_code == 0, result.output
        return result.stdout

    def refused(self, *arguments: str | Path, data: str = "org") -> str:
        """What it says when it refuses: one line, no trace."""
        result = self.run(*arguments, data=data)
        assert result.exit_code != 0
        assert "Traceback" not in result.output
        return result.stderr.strip().splitlines()[-1]

    def set_up(self, *more: str) -> None:
        self.ok(
            "setup",
            "--name",
            "Proef BV",
            "--admin-email",
            "anna@example.com",
            "--admin-password-file",
            self.password,
            *more,
        )


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.mark.real_data
def test_the_register_comes_in_as_the_documentation_says(shell: Shell, tmp_path: Path) -> None:
    shell.set_up()
    for edition, expected in ((1, "11016 aangemaakt, 0 gewijzigd"), (2, "437 aangemaakt, 364 gewijzigd")):
        file = tmp_path / f"register-{edition}.csv"
        file.write_bytes((REGISTER / file.name).read_bytes())
        said = shell.ok("import", file, "--entity", "account", "--columns", "name,kvknumber", "--key", "kvknumber")
        assert said.startswith(expected)
    assert (tmp_path / "register-1.csv.rejects.csv").read_text(encoding="utf-8-sig").count("\n") == 3
    assert "regel 5046" in shell.ok(
        "import",
        tmp_path / "register-1.csv",
        "--entity",
        "account",
        "--columns",
        "name,kvknumber",
        "--key",
        "kvknumber",
    )
    assert shell.ok("export", "--view", "account/active", "--to", tmp_path / "uit.csv").startswith("11453")
    assert shell.ok("check").strip() == "Alles klopt."


@pytest.mark.long
def test_an_organisation_with_sample_data_looks_lived_in_and_is_whole(shell: Shell, tmp_path: Path) -> None:
    shell.set_up("--sample-data")
    for entity, count in (("account", 200), ("contact", 500), ("opportunity", 150)):
        for kind in ("csv", "xlsx"):
            said = shell.ok("export", "--entity", entity, "--to", tmp_path / f"{entity}.{kind}")
            assert said.startswith(str(count))
    assert shell.ok("check").strip() == "Alles klopt."


@pytest.mark.long
def test_a_backup_fills_an_empty_place_and_nothing_else(shell: Shell, tmp_path: Path) -> None:
    shell.set_up()
    shell.ok("backup", tmp_path / "basis.backup")
    shell.ok("restore", tmp_path / "basis.backup", data="elders")
    assert shell.ok("check", data="elders").strip() == "Alles klopt."
    assert "al een organisatie" in shell.refused("restore", tmp_path / "basis.backup", data="elders")
    assert "geen reservekopie" in shell.refused("restore", shell.password, data="derde")


@pytest.mark.long
def test_entities_and_fields_are_made_changed_listed_and_removed(shell: Shell) -> None:
    shell.set_up()
    assert shell.ok("entity", "create", "--label", "Voertuig", "--plural", "Voertuigen").strip() == "new_voertuig"
    settings = json.dumps({"targets": [{"entity": "account"}]})
    shell.ok("field", "create", "new_voertuig", "--type", "lookup", "--label", "Klant", "--settings", settings)
    shell.ok("field", "change", "new_voertuig", "new_klant", "--label", "Eigenaar van het voertuig")
    shell.ok("entity", "change", "new_voertuig", "--plural", "Wagens")
    listed = shell.ok("field", "list", "new_voertuig")
    assert "new_klant\tlookup\tnone\tEigenaar van het voertuig" in listed
    shell.ok("field", "remove", "new_voertuig", "new_klant")
    assert "new_klant" not in shell.ok("field", "list", "new_voertuig")
    shell.ok("entity", "remove", "new_voertuig")
    assert "new_voertuig" not in shell.ok("entity", "list")
    assert shell.ok("check").strip().endswith("Alles klopt.")


def test_a_token_is_printed_once_and_works(shell: Shell) -> None:
    from basis.config import Config
    from basis.security.entrance import Entrance

    shell.set_up()
    token = shell.ok("token", "create", "anna@example.com", "--name", "koppeling").strip()
    entrance = Entrance(Config(shell.folder / "org"))
    with entrance.signed_in(token, "token") as scope:
        assert scope.user.email == "anna@example.com"
    assert token not in (shell.folder / "org" / "basis.sqlite").read_bytes().decode("latin-1")
    link = shell.ok("user", "reset-link", "anna@example.com")
    assert link.startswith("http://127.0.0.1:8000/password/reset/")


def test_what_cannot_be_is_said_in_one_sentence_with_a_non_zero_exit(shell: Shell, tmp_path: Path) -> None:
    assert "basis setup" in shell.refused("check")
    shell.set_up()
    assert "al een organisatie" in shell.refused(
        "setup", "--name", "X", "--admin-email", "a@example.com", "--admin-password-file", shell.password
    )
    assert "bestaatniet.csv" in shell.refused("import", tmp_path / "bestaatniet.csv", "--entity", "account")
    assert "bestaatniet" in shell.refused("export", "--entity", "bestaatniet", "--to", tmp_path / "x.csv")
    assert ".csv" in shell.refused("export", "--entity", "account", "--to", tmp_path / "x.pdf")
    assert "nobody@example.com" in shell.refused("token", "create", "nobody@example.com")
    assert shell.refused("check", "--database", "mysql://localhost/x")
    for address in ("foo", "sqlite://", "postgresql://basis:p@ss:word@x:99999999/y"):
        assert "postgresql://…" in shell.refused("check", "--database", address)
    assert "nergens" in shell.refused("export", "--entity", "account", "--to", tmp_path / "nergens" / "x.csv")
    assert "nergens" in shell.refused("backup", tmp_path / "nergens" / "x")
    (tmp_path / "een.csv").write_text("name\nEen\n", encoding="utf-8")
    rejects = tmp_path / "nergens" / "rejects.csv"
    assert "nergens" in shell.refused("import", tmp_path / "een.csv", "--entity", "account", "--rejects", rejects)
    assert shell.ok("export", "--entity", "account", "--to", tmp_path / "geen.csv").startswith("0")
    assert shell.refused("check", "--database", "postgresql://basis:geheim@127.0.0.1:1/x").count("geheim") == 0


def test_a_file_that_is_no_database_is_said_so(shell: Shell) -> None:
    folder = shell.folder / "stuk"
    folder.mkdir()
    (folder / "basis.sqlite").write_bytes(b"geen database " * 100)
    for command in (["check"], ["serve", "--port", "8999"]):
        assert "basis.sqlite" in shell.refused(*command, data="stuk")


def test_a_port_that_is_taken_is_said_before_anything_starts(shell: Shell) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert str(port) in shell.refused("serve", "--port", str(port))


def test_a_password_that_is_too_short_makes_no_organisation(shell: Shell) -> None:
    shell.password.write_text("kort", encoding="utf-8")
    assert "10" in shell.refused(
        "setup", "--name", "X", "--admin-email", "a@example.com", "--admin-password-file", shell.password
    )
    assert "basis setup" in shell.refused("check")
