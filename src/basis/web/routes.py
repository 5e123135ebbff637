"""Which page answers which address."""

from starlette.routing import BaseRoute

from basis.web.adapter import Adapter
from basis.web.pages import (
    actions,
    bulk,
    history,
    home,
    lists,
    lookups,
    profile,
    records,
    recycle_bin,
    related_lists,
    searching,
    sign_in,
    uploads,
    welcome,
)


def page_routes(adapter: Adapter) -> list[BaseRoute]:
    """All pages; fixed addresses first, since an entity's name could be anything else."""
    return [*_open(adapter), *_fixed(adapter), *_records(adapter)]


def _open(adapter: Adapter) -> list[BaseRoute]:
    route = adapter.open_route
    return [
        route("/welcome", welcome.form),
        route("/welcome", welcome.found_it, "POST"),
        route("/sign-in", sign_in.form),
        route("/sign-in", sign_in.sign_in, "POST"),
        route("/sign-out", sign_in.sign_out, "POST"),
        route("/password/forgotten", sign_in.forgotten),
        route("/password/reset/{secret}", sign_in.reset_form),
        route("/password/reset/{secret}", sign_in.reset, "POST"),
    ]


def _fixed(adapter: Adapter) -> list[BaseRoute]:
    route = adapter.route
    return [
        route("/", home.home),
        route("/search", searching.search_page),
        route("/lookup", lookups.lookup),
        route("/profile", profile.profile),
        route("/profile", profile.save_profile, "POST"),
        route("/profile/language", profile.set_language, "POST"),
        route("/profile/password", profile.change_password, "POST"),
        route("/bin", recycle_bin.bin_page),
        route("/bin/restore", actions.restore, "POST"),
        adapter.open_route("/files/{id}/{name}", uploads.file),
    ]


def _records(adapter: Adapter) -> list[BaseRoute]:
    route = adapter.route
    tied = "/{entity}/{id}/related/{name}"
    return [
        route("/{entity}", lists.list_page),
        route("/{entity}/new", records.new_page),
        route("/{entity}/new", records.create, "POST"),
        route("/{entity}/quick", records.quick_page),
        route("/{entity}/quick", records.create, "POST"),
        route("/{entity}/bulk", bulk.bulk, "POST"),
        route("/{entity}/bulk/field", bulk.field_part),
        route("/{entity}/{id}", records.record_page),
        route("/{entity}/{id}", records.change, "POST"),
        route("/{entity}/{id}/delete", actions.delete, "POST"),
        route("/{entity}/{id}/state", actions.change_state, "POST"),
        route("/{entity}/{id}/assign", actions.assign_form),
        route("/{entity}/{id}/assign", actions.assign, "POST"),
        route("/{entity}/{id}/note", actions.note, "POST"),
        route("/{entity}/{id}/history", history.history),
        route(tied, related_lists.related_part),
        route(f"{tied}/add", related_lists.add_form),
        route(f"{tied}/add", related_lists.add, "POST"),
        route(f"{tied}/remove", related_lists.remove, "POST"),
    ]
