"""Which page answers which address."""

from starlette.routing import BaseRoute

from basis.web.adapter import Adapter
from basis.web.pages import (
    actions,
    bulk,
    duplicates,
    exports,
    grid,
    history,
    home,
    imports,
    lists,
    lookups,
    merging,
    operations,
    profile,
    records,
    recycle_bin,
    related_lists,
    searching,
    settings,
    shaping_entities,
    shaping_fields,
    shaping_views,
    sign_in,
    tokens,
    uploads,
    views,
    welcome,
)
from basis.web.pages import users as user_settings


def page_routes(adapter: Adapter) -> list[BaseRoute]:
    """All pages; fixed addresses first, since an entity's name could be anything else."""
    return [*_open(adapter), *_fixed(adapter), *_settings(adapter), *_records(adapter)]


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
        route("/duplicates/{entity}", duplicates.duplicates_page),
        route("/duplicates/{entity}/again", duplicates.search_again, "POST"),
        route("/duplicates/{entity}/rules", duplicates.add_rule, "POST"),
        route("/duplicates/{entity}/rules/remove", duplicates.take_rule, "POST"),
        route("/grid/{entity}/rows", grid.rows),
        route("/grid/{entity}", grid.save_cells, "POST"),
        route("/merge/{entity}", merging.merge_page),
        route("/merge/{entity}", merging.do_merge, "POST"),
        *_views(adapter),
        *_operations(adapter),
        *_imports(adapter),
    ]


def _operations(adapter: Adapter) -> list[BaseRoute]:
    route, one = adapter.route, "/operations/{id}"
    return [
        route("/operations", operations.operations_page),
        route(one, operations.operation_page),
        route(f"{one}/rejects", imports.rejects_file),
        route(f"{one}/undo", operations.undo, "POST"),
        route(f"{one}/pause", operations.pause, "POST"),
        route(f"{one}/resume", operations.resume, "POST"),
    ]


def _imports(adapter: Adapter) -> list[BaseRoute]:
    route, one = adapter.route, "/imports/{id}"
    return [
        route("/export/{entity}", exports.export_page),
        route("/export/{entity}/file", exports.export_file),
        route("/import/{entity}", imports.start_page),
        route("/import/{entity}", imports.receive, "POST"),
        route(one, imports.columns_page),
        route(one, imports.set_columns, "POST"),
        route(f"{one}/values", imports.values_page),
        route(f"{one}/values", imports.set_values, "POST"),
        route(f"{one}/check", imports.check_page),
        route(f"{one}/check", imports.set_check, "POST"),
        route(f"{one}/discard", imports.discard, "POST"),
        route(f"{one}/mapping", imports.mapping_file),
    ]


def _views(adapter: Adapter) -> list[BaseRoute]:
    route, view = adapter.route, "/views/{entity}/{view}"
    return [
        route("/views/{entity}", views.views_page),
        route("/views/{entity}", views.act, "POST"),
        route("/views/{entity}/shape", shaping_views.shape_page),
        route("/views/{entity}/shape", shaping_views.shape, "POST"),
        route(f"{view}/share", views.share_page),
        route(f"{view}/share", views.share, "POST"),
        route(f"{view}/history", views.history_page),
        route(f"{view}/history", views.set_back_to, "POST"),
    ]


def _settings(adapter: Adapter) -> list[BaseRoute]:
    route, entities, users = adapter.route, "/settings/entities", "/settings/users"
    entity, field = f"{entities}/{{name}}", f"{entities}/{{name}}/fields/{{field}}"
    return [
        route("/settings", settings.settings_page),
        route("/settings/versions", settings.versions_page),
        route("/settings/versions/{version}/undo", settings.undo_version, "POST"),
        route("/settings/tokens", tokens.tokens_page),
        route("/settings/tokens", tokens.create, "POST"),
        route("/settings/tokens/revoke", tokens.revoke, "POST"),
        route(entities, shaping_entities.entities_page),
        route(f"{entities}/new", shaping_entities.new_page),
        route(f"{entities}/new", shaping_entities.create, "POST"),
        route(entity, shaping_entities.entity_page),
        route(entity, shaping_entities.change, "POST"),
        route(f"{entity}/remove", shaping_entities.remove, "POST"),
        route(f"{entity}/tie", shaping_entities.tie, "POST"),
        route(f"{entity}/keys", shaping_entities.add_key, "POST"),
        route(f"{entity}/keys/remove", shaping_entities.remove_key, "POST"),
        route(f"{entity}/fields/new", shaping_fields.new_page),
        route(f"{entity}/fields/new", shaping_fields.create, "POST"),
        route(field, shaping_fields.field_page),
        route(field, shaping_fields.change, "POST"),
        route(f"{field}/remove", shaping_fields.remove, "POST"),
        route(f"{field}/restore", shaping_fields.restore, "POST"),
        route(users, user_settings.users_page),
        route(f"{users}/new", user_settings.new_page),
        route(f"{users}/new", user_settings.create, "POST"),
        route(f"{users}/{{id}}", user_settings.user_page),
        route(f"{users}/{{id}}", user_settings.change_roles, "POST"),
        route(f"{users}/{{id}}/disable", user_settings.set_disabled, "POST"),
        route(f"{users}/{{id}}/reset", user_settings.reset_link, "POST"),
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
        route("/{entity}/{id}/move", actions.move, "POST"),
        route("/{entity}/{id}/assign", actions.assign_form),
        route("/{entity}/{id}/assign", actions.assign, "POST"),
        route("/{entity}/{id}/note", actions.note, "POST"),
        route("/{entity}/{id}/history", history.history),
        route(tied, related_lists.related_part),
        route(f"{tied}/add", related_lists.add_form),
        route(f"{tied}/add", related_lists.add, "POST"),
        route(f"{tied}/remove", related_lists.remove, "POST"),
    ]
