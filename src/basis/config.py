"""Settings of one Basis: where its data lies and how it is served."""

import gc
import os
from pathlib import Path

from msgspec import Struct

DATA, DATABASE, SECURE = "BASIS_DATA", "BASIS_DATABASE", "BASIS_SECURE"


class Config(Struct, frozen=True):
    """`data` holds the SQLite file (unless `database` names another database) and the uploaded files."""

    data: Path
    database: str = ""
    secure: bool = False
    """Whether the browser reaches Basis over TLS: cookies are then only sent there."""

    @property
    def address(self) -> str:
        return self.database or f"sqlite:///{self.data / 'basis.sqlite'}"

    @property
    def files(self) -> Path:
        return self.data / "files"

    @property
    def imports(self) -> Path:
        """Where files wait that are being imported."""
        return self.data / "imports"


def collect_seldom() -> None:
    """Let Python look for unreachable circles of objects once in 10,000 new ones, and not among those that are there.

    Modules and definitions live as long as the process; looking at them again and again took a twelfth of an import.
    """
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def configure(data: str | None = None, database: str | None = None, *, secure: bool = False) -> Config:
    """From the command line, else the environment (BASIS_DATA, BASIS_DATABASE, BASIS_SECURE), else a folder `data`."""
    folder = Path(data or os.environ.get(DATA) or "data")
    return Config(folder, database or os.environ.get(DATABASE, ""), secure or os.environ.get(SECURE) == "1")
