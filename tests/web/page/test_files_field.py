"""The one field for uploads."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.datastructures import MultiValueDict

from jieban.web.page.forms import MOST_BYTES, FilesField, PageForm


class Sample(PageForm):
    files = FilesField(label="照片或文件")
    more = FilesField(label="其他", required=False, most=1, photos_only=True)


def sent(*files: SimpleUploadedFile) -> Sample:
    return Sample({}, MultiValueDict({"files": list(files)}))


def test_the_field_gives_names_and_bytes_of_all() -> None:
    form = sent(SimpleUploadedFile("一.jpg", b"1"), SimpleUploadedFile("二.pdf", b"22"))
    assert form.is_valid()
    assert form.cleaned_data == {"files": [("一.jpg", b"1"), ("二.pdf", b"22")], "more": []}


def test_the_field_says_what_it_takes_and_that_several_may_be_chosen() -> None:
    page = str(Sample()["files"])
    assert " multiple" in page and ".docx" in page
    assert "一次最多 9 个" in str(Sample()["files"].help_text)
    assert " multiple" not in str(Sample()["more"]) and ".pdf" not in str(Sample()["more"])


def test_the_field_refuses_none_too_many_and_too_large() -> None:
    assert sent().errors["files"] == ["请填写“照片或文件”。"]
    ten = [SimpleUploadedFile(f"{i}.jpg", b"1") for i in range(10)]
    assert sent(*ten).errors["files"] == ["一次最多上传 9 个文件，其余的请分次上传。"]
    large = SimpleUploadedFile("a.mp4", b"0" * (MOST_BYTES + 1))
    assert "20 MB" in sent(large).errors["files"][0]


def test_an_empty_file_is_left_to_whoever_keeps_it() -> None:
    form = sent(SimpleUploadedFile("a.jpg", b""))
    assert form.is_valid()
    assert form.cleaned_data["files"] == [("a.jpg", b"")]
