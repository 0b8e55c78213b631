"""Base form of the pages, and the upload field.

`FilesField` is the one field for uploads: it takes several files at once, works without JavaScript, and its
cleaned value is a list of (name, bytes). The files are checked where they are stored.
"""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _


class PageForm(forms.Form):
    """Base form: its error messages name the field and say what to do."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            chosen = isinstance(field, forms.ChoiceField)
            verb = _("请选择“%(label)s”。") if chosen else _("请填写“%(label)s”。")
            field.error_messages["required"] = str(verb) % {"label": field.label}
            field.error_messages["invalid"] = str(_("“%(label)s”的格式不对，请重新填写。")) % {
                "label": field.label
            }
            if chosen:
                field.error_messages["invalid_choice"] = str(_("请从“%(label)s”的列表中选择。")) % {
                    "label": field.label
                }

    def refuse(self, fields: dict[str, str], message: str) -> None:
        """Adds a refusal of the rules as form errors: beside the fields it names, the rest above the form."""
        known = {name: text for name, text in fields.items() if name in self.fields}
        for name, text in known.items():
            self.add_error(name, text)
        if not known:
            self.add_error(None, message)


MOST_FILES = 9
MOST_BYTES = 20 * 1024 * 1024
FILE_EXTENSIONS = ".jpg,.jpeg,.png,.webp,.gif,.pdf,.docx,.xlsx,.pptx,.mp3,.wav,.m4a,.aac,.mp4,.mov"
PHOTO_EXTENSIONS = ".jpg,.jpeg,.png,.webp,.gif"


class FilesInput(forms.ClearableFileInput):
    """File input for several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Upload field for up to `most` files; its cleaned value is a list of (name, bytes), empty when none was chosen.

    `photos_only` lets the browser offer photographs alone; it is a hint, the check is made where files are stored.
    """

    widget = FilesInput

    def __init__(self, *, most: int = MOST_FILES, photos_only: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", photo_words(most) if photos_only else file_words(most))
        kwargs.setdefault("max_length", None)
        super().__init__(**kwargs)
        self.most = most
        self.widget.attrs["accept"] = PHOTO_EXTENSIONS if photos_only else FILE_EXTENSIONS
        self.widget.allow_multiple_selected = most > 1
        if most == 1:
            self.widget.attrs.pop("multiple", None)

    def clean(self, data: Any, initial: Any = None) -> list[tuple[str, bytes]]:
        sent: list[UploadedFile[Any]] = [file for file in _as_list(data) if file]
        if not sent:
            if self.required:
                raise forms.ValidationError(self.error_messages["required"], code="required")
            return []
        if len(sent) > self.most:
            raise forms.ValidationError(_("一次最多上传 %d 个文件，其余的请分次上传。") % self.most)
        if any((file.size or 0) > MOST_BYTES for file in sent):
            raise forms.ValidationError(_("每个文件不能超过 20 MB。请压缩或拆分后再上传。"))
        return [(file.name or "", file.read()) for file in sent]


def _as_list(data: Any) -> list[Any]:
    return list(data) if isinstance(data, list | tuple) else [data]


def file_words(most: int = MOST_FILES) -> Any:
    """Help text: which files may be uploaded."""
    if most == 1:
        return _("照片、PDF、Word、Excel、PPT（新版格式）、录音或录像，不超过 20 MB。")
    return _("照片、PDF、Word、Excel、PPT（新版格式）、录音或录像；一次最多 9 个，每个不超过 20 MB。")


def photo_words(most: int = MOST_FILES) -> Any:
    """Help text: which photographs may be uploaded."""
    if most == 1:
        return _("JPEG、PNG、WebP 或 GIF 照片，不超过 20 MB。")
    return _("JPEG、PNG、WebP 或 GIF 照片；一次最多 9 张，每张不超过 20 MB。")
