"""The first visit, before there is an organisation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from basis.app import create_app
from basis.config import Config
from tests.support.pages import SAME_ORIGIN, TestClient, text_of

ANSWERS = {
    "name": "Kompas Advies",
    "language": "nl",
    "admin_name": "Femke van den Berg",
    "admin_email": "femke@example.com",
    "password": "een heel lang woord",
}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Config(tmp_path)), headers={**SAME_ORIGIN, "Accept-Language": "en"}) as client:
        yield client


def test_every_address_leads_to_the_welcome_page(client: TestClient) -> None:
    assert client.get("/account").url.path == "/welcome"
    assert "Welcome to Basis" in client.get("/").text


def test_it_speaks_the_language_that_one_chooses(client: TestClient) -> None:
    assert "Welkom bij Basis" in client.get("/welcome?language=nl").text


def test_founding_signs_the_administrator_in(client: TestClient) -> None:
    start = client.post("/welcome", data=ANSWERS)
    assert start.url.path == "/"
    assert "Kompas Advies staat klaar" in text_of(start)
    assert "Dag Femke" in text_of(start)
    assert client.get("/welcome").url.path == "/"


def test_what_is_wrong_stands_beside_its_input_and_nothing_typed_is_lost(client: TestClient) -> None:
    answer = client.post("/welcome", data={**ANSWERS, "password": "kort", "admin_email": "femke"})
    assert answer.status_code == 422
    assert "Een wachtwoord heeft minstens 10 tekens." in answer.text
    assert 'value="Kompas Advies"' in answer.text
    assert client.get("/").url.path == "/welcome"


@pytest.mark.long
def test_the_sample_data_are_there_at_once(client: TestClient) -> None:
    start = client.post("/welcome", data={**ANSWERS, "sample": "1"})
    assert start.url.path == "/"
    assert "records" in text_of(client.get("/account"))
