"""A worker's round in a stairwell: the network goes, three visits are recorded, it comes back, each arrives once."""

import os
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, expect

from jieban.base.clock import now
from jieban.cases import actions
from jieban.cases.lists import attachment_reads
from jieban.cases.models import AccessLog, Case, SentItem, Visit
from jieban.registry.models import Person
from tests.cases.scene import Scene, handling, make_scene, visited
from tests.web.people import PASSWORD

from .chromium import WIDTHS
from .conftest import Watched, let_in, overflow

pytestmark = pytest.mark.django_db(transaction=True)
# What the browser itself says of a network that is gone; anything else still fails the test.
GONE = re.compile(r"^Failed to load resource: net::ERR_(INTERNET_DISCONNECTED|FAILED)$")


class Stairwell(Watched):
    """Watches like the others, and takes a network that is gone for what it is."""

    def watch(self, context: BrowserContext) -> None:
        super().watch(context)
        context.on("console", self._forgive)

    def _check(self, url: str) -> None:
        if not url.startswith("tel:"):  # handed to the telephone, not to the network
            super()._check(url)

    def _forgive(self, message: ConsoleMessage) -> None:
        if message.type == "error" and GONE.match(message.text):
            self.faults.remove(f"console: {message.text}")


@pytest.fixture(params=["phone"])
def page(request: pytest.FixtureRequest, browser: Browser, live_server) -> Iterator[Page]:  # type: ignore[no-untyped-def]
    """A page at the width of a phone. `axe` measures by inline styles, which our policy would refuse."""
    width, height = WIDTHS["phone"]
    context = browser.new_context(
        base_url=live_server.url,
        viewport={"width": width, "height": height},
        locale="zh-CN",
        bypass_csp=request.param == "axe",
    )
    watched = Stairwell(urlsplit(live_server.url).netloc)
    watched.watch(context)
    page = context.new_page()
    yield page
    shoot(page, request.node.name)
    context.close()
    assert watched.faults == []


def shoot(page: Page, name: str) -> None:
    if shots := os.environ.get("JIEBAN_SHOTS"):
        page.screenshot(path=f"{shots}/{name}.png", full_page=True)
        page.set_viewport_size({"width": 1440, "height": 900})
        page.screenshot(path=f"{shots}/{name}-wide.png")
        page.set_viewport_size({"width": 390, "height": 844})


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    made = make_scene()
    for person in Person.objects.filter(username__in=("department", "department2")):
        person.set_password(PASSWORD)
        person.save()
    return made


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "灯.png"
    Image.effect_noise((2400, 1200), 40).convert("RGB").save(path)
    return path


def sign_in(page: Page, username: str = "department") -> None:
    page.goto("/login/")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/desk/**")


def ready(page: Page) -> None:
    expect(page.locator("body[data-ready]")).to_be_attached()
    assert overflow(page) == 0


def open_list(page: Page) -> None:
    """The list, with the service worker at work and the list kept."""
    page.goto("/field/")
    ready(page)
    # One promise: asking again and again would need an eval, which our policy refuses.
    page.evaluate(
        """navigator.serviceWorker.controller ? true : new Promise((done) =>
             navigator.serviceWorker.addEventListener("controllerchange", () => done(true), { once: true }))"""
    )


def state(page: Page, words: str) -> None:
    expect(page.locator("#rounds-net")).to_have_text(words)


def record(page: Page, said: str, picture: Path | None = None) -> None:
    form = page.locator("#form-record_visit")
    form.get_by_label("来电人怎么说").fill(said)
    if picture:
        form.locator("input[name=photos]").set_input_files(picture)
    form.get_by_role("button", name="保存见面记录").click()


def items(page: Page) -> list[str]:
    return page.locator(".rounds-item .rounds-facts:first-child").all_inner_texts()


GOES_ON = """() => {
  const net = document.querySelector("#rounds-net");
  new MutationObserver((_changes, watch) => {
    if (!net.textContent.includes("1 项")) return;
    watch.disconnect();
    const form = document.querySelector("#form-record_visit");
    form.elements.said.value = "同意换声控灯";
    form.requestSubmit();
  }).observe(net, { subtree: true, childList: true, characterData: true });
}"""


def test_who_goes_on_as_soon_as_the_state_is_shown_loses_nothing(page: Page, scene: Scene) -> None:
    handling(scene, at=now(), grade="complex")
    let_in(page, "department")
    open_list(page)
    page.context.set_offline(True)
    page.reload()
    ready(page)
    page.get_by_role("link", name="楼道灯坏了三天").click()
    ready(page)
    state(page, "离线 · 无待发")
    page.evaluate(GOES_ON)
    record(page, "灯不亮")
    state(page, "离线 · 2 项待发送")


def test_three_visits_without_a_network_arrive_once_each(page: Page, scene: Scene, picture: Path) -> None:
    case = handling(scene, at=now(), grade="complex")
    let_in(page, "department")
    open_list(page)
    shoot(page, "field-list")
    page.context.set_offline(True)
    page.reload()
    ready(page)
    expect(page.locator("#shell-said")).to_contain_text("没有网络，列表为")
    state(page, "离线 · 无待发")
    shoot(page, "field-offline-list")
    page.get_by_role("link", name="楼道灯坏了三天").click()
    ready(page)
    shoot(page, "field-offline-case")
    for count, said in enumerate(("灯不亮", "同意换声控灯", "亮了，满意"), start=1):
        record(page, said, picture if count == 2 else None)
        state(page, f"离线 · {count} 项待发送")
        ready(page)
    expect(page.locator("#form-record_visit")).to_be_hidden()
    assert not Visit.objects.exists()
    page.locator("#rounds-net").click()
    ready(page)
    shoot(page, "field-offline-queue")
    assert [" ".join(text.split()) for text in items(page)] == [
        "等待发送 访需求", "等待发送 访意见", "等待发送 访效果",
    ]  # fmt: skip

    page.context.set_offline(False)
    state(page, "已联网，无待发")
    expect(page.locator(".rounds-item .tone-green")).to_have_count(3)
    assert list(Visit.objects.order_by("id").values_list("kind", flat=True)) == ["needs", "opinion", "effect"]
    kept = attachment_reads.attachment_of(case, case.attachments.get().pk, scene.actor("department"))
    with Image.open(BytesIO(kept.content)) as sent:
        assert (sent.format, sent.size, dict(sent.getexif())) == ("JPEG", (1600, 800), {})
    assert [event.recorded_at > event.at for event in case.events.filter(action="record_visit")] == [True] * 3
    page.reload()
    ready(page)
    page.get_by_role("button", name="现在发送").click()
    state(page, "已联网，无待发")
    assert (Visit.objects.count(), SentItem.objects.count()) == (3, 3)


def test_an_answer_that_is_lost_makes_nothing_twice(page: Page, scene: Scene) -> None:
    case = handling(scene, at=now())
    let_in(page, "department")
    open_list(page)
    lost: list[int] = []

    def lose(route: Route) -> None:
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/field/send/", lose)
    page.goto(f"/field/{case.number}/record_visit/")
    ready(page)
    shoot(page, "field-act")
    record(page, "灯不亮")
    state(page, "离线 · 1 项待发送")
    expect(page.locator(".refusal")).to_contain_text("已存在本机，联网后自动发送")
    assert lost == [200] and Visit.objects.count() == 1
    page.unroute("**/field/send/")
    page.goto("/field/queue/")
    state(page, "已联网，无待发")
    expect(page.locator(".rounds-item .tone-green")).to_have_count(1)
    assert (Visit.objects.count(), SentItem.objects.count()) == (1, 1)


def test_a_case_that_moved_on_is_explained_and_its_words_are_kept_as_a_note(page: Page, scene: Scene) -> None:
    case = visited(scene, at=now())
    let_in(page, "department")
    open_list(page)
    page.context.set_offline(True)
    page.goto(f"/field/{case.number}/")
    ready(page)
    record(page, "亮了，满意")
    state(page, "离线 · 1 项待发送")
    actions.report_result(case.pk, actor=scene.actor("department"), at=now(), text="已修好")
    page.context.set_offline(False)
    state(page, "已联网，无待发 · 1 项未能发送")
    page.goto("/field/queue/")
    ready(page)
    why = page.locator(".rounds-why")
    expect(why).to_contain_text("案件现在是“已报结”，不能“记录见面”")
    expect(why).to_contain_text("您 报结")
    expect(why).to_contain_text("可作为备注保存")
    shoot(page, "field-conflict")
    page.get_by_role("button", name="作为备注保存").click()
    state(page, "已联网，无待发")
    note = case.events.order_by("-seq").first()
    assert note is not None and note.action == "add_note"
    assert re.fullmatch(r"访效果（当面，\d+月\d+日 \d\d:\d\d）：亮了，满意", note.texts.get().text)
    assert Visit.objects.count() == 2


def test_what_is_given_up_goes_after_a_second_press(page: Page, scene: Scene) -> None:
    case = visited(scene, at=now())
    let_in(page, "department")
    open_list(page)
    page.context.set_offline(True)
    page.goto(f"/field/{case.number}/")
    ready(page)
    record(page, "亮了")
    state(page, "离线 · 1 项待发送")
    actions.withdraw(case.pk, actor=scene.actor("operator"), at=now(), reason="已解决")
    page.context.set_offline(False)
    page.goto("/field/queue/")
    page.get_by_role("button", name="放弃").click()
    expect(page.locator(".rounds-item")).to_have_count(1)
    page.get_by_role("button", name="确认放弃").click()
    expect(page.get_by_role("heading", name="没有待发送的记录")).to_be_visible()
    assert Visit.objects.count() == 2


def test_the_next_person_on_the_phone_finds_nothing_and_the_first_loses_nothing(
    page: Page, scene: Scene
) -> None:
    case = handling(scene, at=now())
    sign_in(page)
    open_list(page)
    page.context.set_offline(True)
    page.goto(f"/field/{case.number}/")
    ready(page)
    record(page, "灯不亮")
    state(page, "离线 · 1 项待发送")
    # The session ends while the phone is away; what waits stays, the list goes.
    page.context.clear_cookies()
    page.context.set_offline(False)
    state(page, "请重新登录后自动发送")
    page.context.set_offline(True)
    page.goto("/field/")
    ready(page)
    expect(page.locator("#shell-said")).to_contain_text("本机没有可以显示的列表")
    page.context.set_offline(False)

    sign_in(page, "department2")
    open_list(page)
    state(page, "已联网，无待发 · 另有 1 项待原岗位发送")
    page.goto("/field/queue/")
    ready(page)
    expect(page.locator(".rounds-item")).to_have_count(0)
    assert not Visit.objects.exists()
    page.locator("details.menu summary").first.click()
    page.get_by_role("button", name="退出登录").click()

    sign_in(page)
    page.goto("/field/queue/")
    expect(page.locator(".rounds-item .tone-green")).to_have_count(1)
    assert Visit.objects.get().person_id == scene.actor("department").person_id


def test_another_page_comes_by_itself_once_the_network_is_back(page: Page, scene: Scene) -> None:
    handling(scene, at=now())
    let_in(page, "department")
    open_list(page)
    page.context.set_offline(True)
    page.goto("/cases/")
    ready(page)
    expect(page.locator("#shell-said")).to_contain_text("没有网络，列表为")
    page.context.set_offline(False)
    expect(page.locator("#shell-said")).to_have_count(0)
    expect(page.get_by_role("table", name="诉求")).to_be_visible()


def test_signing_out_takes_the_list_from_the_phone(page: Page, scene: Scene) -> None:
    handling(scene, at=now())
    let_in(page, "department")
    open_list(page)
    page.locator("details.menu summary").first.click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    page.context.set_offline(True)
    page.goto("/field/")
    ready(page)
    expect(page.locator("#shell-said")).to_contain_text("本机没有可以显示的列表")
    expect(page.locator("#content")).not_to_contain_text("楼道灯")


def test_a_list_goes_after_a_day(page: Page, scene: Scene) -> None:
    handling(scene, at=now())
    let_in(page, "department")
    open_list(page)
    page.context.set_offline(True)
    page.clock.set_fixed_time(now().timestamp() * 1000 + 24 * 3600 * 1000 + 60_000)
    page.reload()
    ready(page)
    expect(page.locator("#shell-said")).to_contain_text("本机没有可以显示的列表")


def test_nothing_that_the_phone_keeps_can_be_read(page: Page, scene: Scene) -> None:
    case = handling(scene, at=now())
    let_in(page, "department")
    open_list(page)
    page.context.set_offline(True)
    page.goto(f"/field/{case.number}/")
    ready(page)
    record(page, "灯不亮，住户姓王")
    state(page, "离线 · 1 项待发送")
    kept = page.evaluate(
        """async () => {
          const names = await caches.keys();
          const bodies = [];
          for (const name of names) {
            const kept = await caches.open(name);
            for (const request of await kept.keys()) bodies.push(await (await kept.match(request)).text());
          }
          const open = (name) => new Promise((done) => {
            indexedDB.open("jieban-field").onsuccess = ({ target }) => {
              const asked = target.result.transaction(name).objectStore(name).getAll();
              asked.onsuccess = () => done(asked.result);
            };
          });
          const text = (value) => value instanceof ArrayBuffer ? new TextDecoder().decode(value) : value;
          const rows = [...await open("due"), ...await open("items"), ...await open("meta")];
          const keys = await open("keys");
          const readable = JSON.stringify(rows, (_, value) => text(value));
          return { text: bodies.join("") + readable, keys: keys.map((key) => key.extractable) };
        }"""
    )
    for personal in ("楼道灯", "住户姓王", case.number, "人员department", "10001234567"):
        assert personal not in kept["text"]
    assert kept["keys"] == [False]


def test_a_call_is_dialled_without_the_number_on_the_page(page: Page, scene: Scene) -> None:
    case = handling(scene, at=now(), grade="complex")
    let_in(page, "department")
    page.goto(f"/field/{case.number}/")
    ready(page)
    shoot(page, "field-case")
    with page.expect_response("**/call/") as answered:
        page.get_by_role("button", name="打电话").click()
    assert answered.value.json() == {"dial": "tel:10001234567"}
    assert "10001234567" not in page.content()
    assert AccessLog.objects.get().reason == "联系诉求人"


def test_the_nearest_comes_first_on_request(page: Page, scene: Scene) -> None:
    far, near = handling(scene, at=now(), subject="路灯远"), handling(scene, at=now(), subject="路灯近")
    Case.objects.filter(pk=far.pk).update(lat=39.92, long=116.20)
    Case.objects.filter(pk=near.pk).update(lat=39.9036, long=116.20)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 39.90, "longitude": 116.20})
    let_in(page, "department")
    open_list(page)
    page.get_by_role("button", name="按距离").click()
    expect(page.locator(".rounds-group h2").first).to_contain_text("由近到远")
    assert page.locator(".rounds-matter").all_inner_texts() == ["路灯近", "路灯远"]
    expect(page.locator(".rounds-place").first).to_contain_text("步行约 7 分钟")
    assert "39.9" not in page.url


def serious(page: Page) -> list[str]:
    """What axe-core finds on the page that keeps somebody from using it."""
    page.evaluate((Path(__file__).parent / "axe.min.js").read_text())
    found = page.evaluate("axe.run()")["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html']}" for v in found if v["impact"] in {"serious", "critical"}]


@pytest.mark.parametrize("page", ["axe"], indirect=True)
def test_every_page_of_the_rounds_can_be_used_by_all(page: Page, scene: Scene) -> None:
    case = handling(scene, at=now())
    let_in(page, "department")
    open_list(page)
    assert serious(page) == []
    for address in ("", "record_visit/", "report_result/", "put_on_account/"):
        page.goto(f"/field/{case.number}/{address}")
        ready(page)
        assert serious(page) == []
    page.context.set_offline(True)
    page.goto(f"/field/{case.number}/")
    ready(page)
    assert serious(page) == []
    record(page, "灯不亮")
    state(page, "离线 · 1 项待发送")
    page.goto("/field/queue/")
    ready(page)
    assert serious(page) == []
