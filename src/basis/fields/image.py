"""Pictures: a file that is shown."""

from typing import Any

from basis.fields.base import Field
from basis.fields.file import FileType, StoredFile
from basis.html import Markup
from basis.i18n import Locale


class ImageType(FileType):
    name = "image"
    label = {"en": "Image", "nl": "Afbeelding"}
    attribute_type = "Image"
    accept = "image/*"

    def cell(self, field: Field, value: Any, locale: Locale) -> Markup:
        if not isinstance(value, StoredFile):
            return Markup("")
        return Markup('<img class="image-cell" src="/files/{}/{}" alt="{}" loading="lazy">').format(
            value.id, value.name, value.name
        )
