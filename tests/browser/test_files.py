"""Two photographs and a paper by one press; their small copies are shown, and each opens."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.base.hostile_files import paper
from tests.browser.conftest import overflow, sign_in
from tests.cases.scene import handling, make_scene


def photograph(colour: str) -> bytes:
    out = BytesIO()
    Image.new("RGB", (640, 480), colour).save(out, "JPEG")
    return out.getvalue()


def sent(name: str, kind: str, content: bytes) -> Any:
    return {"name": name, "mimeType": kind, "buffer": content}


@pytest.mark.django_db(transaction=True)
def test_photographs_are_added_by_one_press_and_seen_small(page: Page) -> None:
    case = handling(make_scene())
    sign_in(page, "department", f"/cases/{case.number}/attach/")
    page.get_by_label("照片或文件").set_input_files(
        [
            sent("楼道.jpg", "image/jpeg", photograph("#7a8a99")),
            sent("井盖.jpg", "image/jpeg", photograph("#996f5a")),
            sent("说明.pdf", "application/pdf", paper()),
        ]
    )
    page.get_by_role("button", name="上传").click()
    expect(page.get_by_role("status")).to_contain_text("已记录：添加附件。")
    photos = page.locator(".file-photo img")
    expect(photos).to_have_count(2)
    for photo in photos.all():
        photo.scroll_into_view_if_needed()
        expect(photo).to_have_js_property("naturalWidth", 480)
    assert overflow(page) == 0
    with page.expect_download() as download:
        page.get_by_role("link", name="文件 3").click()
    assert download.value.suggested_filename.endswith(".pdf")
