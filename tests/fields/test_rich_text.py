"""Formatted text: what is kept of it, how it reads as plain text, and that nothing harmful comes through any door."""

from __future__ import annotations

import pytest

from basis.catalog.query import Column, Condition, Filter, Query
from basis.fields.richtext import RichTextType, plain, shown_html
from basis.records import search, select
from tests.support.crm import Crm
from tests.support.pages import signed_in

HARMFUL = [
    "<script>alert(1)</script><p>x</p>",
    "<p onclick='alert(1)' style='color:red'>x</p>",
    "<p>x<img src='https://spy.example/x.png' onerror='alert(1)'></p>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='JaVaScript:alert(1)'>x</a>",
    "<a href='data:text/html,x'>x</a>",
    "<a href='//evil.example'>x</a>",
    "<iframe src='https://evil.example'></iframe><p>x</p>",
    "<svg onload=alert(1)><p>x</p>",
    "<form action='/x'><input name=a><p>x</p></form>",
    "<p>x<style>*{display:none}</style></p>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'><p>x</p>",
]


@pytest.mark.parametrize("text", HARMFUL)
def test_what_could_do_harm_is_taken_out(text: str) -> None:
    kept = RichTextType().regular(text)
    for evil in ("script", "onclick", "onerror", "onload", "style", "evil", "spy", "iframe", "form", "data:", "svg"):
        assert evil not in kept.lower()
        assert evil not in shown_html(text).lower()


@pytest.mark.parametrize(
    "text",
    ["<p>a <b>b</b> <em>c</em></p>", "<h2>Kop</h2><ul><li>een</li></ul>", '<a href="https://a.nl">a</a>',
     '<a href="mailto:a@a.nl">a</a>', "<blockquote><p>b</p></blockquote>", '<ol start="3"><li>drie</li></ol>',
     '<table><tbody><tr><td colspan="2">x</td></tr></tbody></table>'],
)  # fmt: skip
def test_formatting_is_kept_and_saving_again_changes_nothing(text: str) -> None:
    assert RichTextType().regular(text) == text
    assert RichTextType().regular(RichTextType().regular(text)) == text


@pytest.mark.parametrize("text", ["a < b & c > d", "regel 1\nregel 2", "<jan@example.com>", "&amp;"])
def test_text_without_tags_is_plain_and_stays_as_it_came(text: str) -> None:
    assert RichTextType().regular(text) == text
    assert plain(text) == text
    assert "<jan" not in shown_html(text)


def test_what_holds_nothing_is_empty() -> None:
    assert RichTextType().regular("<p><br></p>") == ""


def test_links_open_apart_and_tell_the_other_page_nothing() -> None:
    html = shown_html('<a href="https://a.nl">a</a>')
    assert 'target="_blank"' in html and 'rel="noopener noreferrer"' in html


def test_plain_text_has_a_line_for_each_block() -> None:
    assert plain("<h2>Kop</h2><p>Een &amp; twee<br>drie</p><ul><li>vier</li></ul>") == "Kop\nEen & twee\ndrie\n- vier"


def test_an_email_is_formatted_on_its_form_and_on_the_timeline_and_plain_in_lists(crm_on_sqlite: Crm) -> None:
    crm = crm_on_sqlite
    account = crm.create("account", name="Visser")
    crm.create(
        "email", subject="Groet", description="<p>Hallo <b>wereld</b></p>", regardingobjectid=account.reference()
    )
    client = signed_in(crm, crm.admin)
    assert '<div class="rich"><p>Hallo <b>wereld</b></p></div>' in client.get(f"/account/{account.id}").text
    note = crm.create("annotation", subject="Notitie", notetext="<p>Dag <i>allen</i></p>", objectid=account.reference())
    assert "<i>allen</i>" in client.get(f"/account/{account.id}").text
    listed = client.get("/annotation").text
    assert "Dag allen" in listed and "<i>allen</i>" not in listed
    assert note.id in listed


def test_formatted_text_is_found_by_its_words_alone(crm: Crm) -> None:
    email = crm.create("email", subject="Groet", description="<p>Hal<b>lo</b> wereld</p>").id
    for operator, value in (("contains", "hallo wereld"), ("eq", "<p>Hal<b>lo</b> wereld</p>")):
        query = Query("email", (Column("subject"),), Filter(conditions=(Condition("description", operator, value),)))
        with crm.scope(write=False) as scope:
            assert [record.id for record in select.page(scope, query).records] == [email]
    article = crm.create("knowledgearticle", title="Hoe dan", content="<p>Zet de <b>schake</b>laar om</p>").id
    with crm.scope(write=False) as scope:
        assert article in [hit.id for hit in search.search(scope, "schakelaar")]
