"""Templates: compiled once, filled with what every page has (language, assets, who is signed in) and its own values."""

from collections.abc import Callable
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from basis import i18n
from basis.errors import BasisError, Message
from basis.html import Markup
from basis.i18n import LANGUAGES, Locale
from basis.security.scope import Scope
from basis.web import csrf
from basis.web.answer import Answer, Shown, taken_flash
from basis.web.assets import Assets
from basis.web.request import Request
from basis.web.shell import shell

THEMES = ("light", "dark")


class Templates:
    """The templates of one process."""

    def __init__(self, assets: Assets) -> None:
        self.assets = assets
        self._environment = Environment(
            loader=PackageLoader("basis.web", "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            undefined=StrictUndefined,
        )
        self._environment.globals |= {"icon": assets.icon, "assets": assets, "languages": LANGUAGES}

    def answer(self, scope: Scope, request: Request, shown: Shown) -> Answer:
        """A page in the shell, or a part of one, for who is signed in."""
        values = self._common(request, scope.locale) | {"scope": scope} | shown.values
        cookies = shown.cookies
        if not shown.part:
            flash, taken = taken_flash(request)
            values |= {"shell": shell(scope, request), "flash": flash}
            cookies = (*taken, *cookies)
        body = self._environment.get_template(shown.template).render(values)
        return Answer(body, shown.status, headers=shown.headers, cookies=cookies)

    def alone(self, locale: Locale, request: Request, name: str, *, status: int = 200, **values: Any) -> Answer:
        """A page without the shell: before anybody signed in, or when the shell itself could not be made."""
        flash, cookies = taken_flash(request)
        common = self._common(request, locale) | {"flash": flash, "status": status}
        body = self._environment.get_template(name).render(common | values)
        return Answer(body, status, cookies=cookies)

    def _common(self, request: Request, locale: Locale) -> dict[str, Any]:
        theme = request.cookies.get("theme", "light")
        hidden = '<input type="hidden" name="{}" value="{}">'
        return {
            "_": translator(locale.language),
            "label": labeller(locale.language),
            "say": sayer(locale.language),
            "moment": lambda value: i18n.format_datetime(value, locale),
            "number": lambda value: i18n.format_number(value, locale.language),
            "language": locale.language,
            "locale": locale,
            "request": request,
            "theme": theme if theme in THEMES else "light",
            "csrf": Markup(hidden).format(csrf.FIELD, csrf.token(request.secret)),
        }


def translator(language: str) -> Callable[..., str]:
    """`_("Saved {name}.", name=…)` in that language."""
    return lambda text, **arguments: i18n.say(Message(text, **arguments), language)


def labeller(language: str) -> Callable[[i18n.Label], str]:
    return lambda names: i18n.label(names, language)


def sayer(language: str) -> Callable[[Message | BasisError | str], str]:
    return lambda message: i18n.say(message, language)
