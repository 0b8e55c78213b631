"""Pages of each desk, measured in the process that renders them."""

from collections.abc import Callable

from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from bench.figure import Figure, Sizes, in_turn, quantile_ms
from bench.people import lived
from bench.place import Place, database


def measured(place: Place, sizes: Sizes) -> Figure:
    """Server time of the pages at the largest size, template included, network excluded.

    The number of queries is reported at the smallest and at the largest size: it must not grow with the rows.
    """
    from jieban.web.shell.warmup import freeze_garbage_collector

    smallest, largest = min(place.databases), max(place.databases)
    figure = Figure(f"Pages at {largest} cases")
    queries: dict[int, dict[str, int]] = {}
    for size in (smallest, largest):
        number = lived(place, place.databases[size])
        with database(place, place.databases[size]):
            calls = _looks(number)
            queries[size] = {name: _queries(call) for name, call in calls.items()}
            freeze_garbage_collector()  # as a process of the web server does
            taken = in_turn(calls, sizes.looks) if size == largest else {}
    for name, times in taken.items():
        figure.values[f"{name}: median ms"] = quantile_ms(times, 0.5)
        figure.values[f"{name}: p99 ms"] = quantile_ms(times, 0.99)
        for size in (smallest, largest):
            figure.values[f"{name}: queries at {size}"] = queries[size][name]
    return figure


PAGES = {
    "dispatcher": {
        "desk": "/desk/",
        "list": "/cases/",
        "search": "/cases/?q=楼道灯",
        "case": "/cases/NUMBER/",
        "map": "/map/",
    },
    "operator": {"call": "/cases/new/", "while typing": "/calls/beside/", "knowledge": "/knowledge/"},
    "street": {"desk": "/desk/", "list": "/cases/", "figures": "/street/", "to do": "/field/"},
    "department": {"desk": "/desk/", "list": "/cases/", "case": "/cases/NUMBER/", "to do": "/field/"},
    "caller": {"calling list": "/visit-backs/"},
    "supervisor": {"overdue": "/oversight/"},
    "leader": {"figures": "/leader/"},
    "analyst": {"figures": "/analysis/", "hot topics": "/hot-topics/", "quality of proposals": "/proposals/"},
    "admin": {"directory": "/admin/directory/"},
    "resident": {"own cases": "/cases/"},
    "": {"public": "/public/", "public cases": "/public/open/"},
}


# Fields that a page sends by itself at every pause of the operator.
SENT = {
    "/calls/beside/": {
        "key": "bench",
        "phone": "10001234567",
        "text": "我住八角北里12号楼，楼道灯坏了三天，老人上下楼不方便，物业一直不管，请尽快派人处理。",
    }
}


def _looks(number: str) -> dict[str, Callable[[], object]]:
    """Each page as a call by its user; public pages without a user."""
    return {
        f"{username or 'anybody'}: {name}": _look(browser, path.replace("NUMBER", number))
        for username, paths in PAGES.items()
        for browser in [_browser(username)]
        for name, path in paths.items()
    }


def _browser(username: str) -> Browser:
    from jieban.registry.models import Holding, Person
    from jieban.web.shell.assurance import ASSURED_KEY, WITH_SECOND_FACTOR
    from jieban.web.shell.middleware import POST_KEY

    browser = Browser(HTTP_HOST="127.0.0.1")
    if username:
        person = Person.objects.get(username=username)
        browser.force_login(person)
        session = browser.session
        session[ASSURED_KEY] = WITH_SECOND_FACTOR
        session[POST_KEY] = Holding.objects.filter(person=person).values_list("post_id", flat=True)[0]
        session.save()
    return browser


def _queries(look: Callable[[], object]) -> int:
    """Number of database queries of a page when it is opened for the second time."""
    look()
    with CaptureQueriesContext(connection) as captured:
        look()
    return len(captured)


def _look(browser: Browser, path: str) -> Callable[[], object]:
    sent = SENT.get(path)

    def look() -> object:
        answer = browser.post(path, sent) if sent else browser.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
        return answer

    return look
