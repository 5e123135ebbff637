"""Files are read by whoever may read a record that holds them, and by nobody else."""

from __future__ import annotations

import pytest

from basis.errors import NotFound
from basis.fields.file import StoredFile
from basis.records.files import require_readable
from tests.support.crm import Crm


def test_a_file_is_only_for_those_who_may_read_its_record(crm: Crm) -> None:
    anna, bob = crm.a_user(unit=crm.a_unit()), crm.a_user(unit=crm.a_unit())
    account = crm.create("account", name="Klant", user=anna)
    file = StoredFile("a" * 64, "offerte.pdf", 10, "application/pdf")
    note = {"notetext": "Zie bijlage", "objectid": account.reference("name"), "documentbody": file}
    crm.create("annotation", note, user=anna)
    with crm.scope(anna, write=False) as scope:
        require_readable(scope, file.id)
    for user, id in ((bob, file.id), (anna, "b" * 64)):
        with pytest.raises(NotFound), crm.scope(user, write=False) as scope:
            require_readable(scope, id)
