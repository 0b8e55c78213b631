"""The order of the code: who imports whom, who writes cases, where the clock is read, how long things are.

Each rule is a function over one module that returns what is wrong in it; below, each is shown a bad sample.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pytest

from jieban.cases import actions
from jieban.cases.flow.cards import CARDS

ROOT = Path(__file__).parent.parent
# From the left to the right; a package imports only what stands further left.
PACKAGES = (
    {"base"}, {"registry", "worktime", "language"}, {"channels"}, {"cases"}, {"renewal", "programmes", "exchange"},
    {"assessment"}, {"analytics"}, {"api", "web"},
)  # fmt: skip
# Inside cases, from the bottom to the top; folders joined in a set do not import each other.
IN_CASES = (
    {"flow"}, {"models"}, {"history", "clocks"}, {"routing", "access"}, {"checks"}, {"lists"}, {"today"},
    {"actions"},
    {"suggestions", "topics", "reception", "integrity", "importing", "configuration", "timers"},
    {"demo"}, {"jobs", "management"},
)  # fmt: skip
WRITES = {
    "save",
    "create",
    "update",
    "delete",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
}
WRITES |= {f"a{name}" for name in WRITES}
# The rows of a case: only actions make or change them.
CASE_ROWS = {
    "NumberDay", "Case", "CaseText", "CaseEvent", "EventText", "Assignment", "Involvement", "Dispute", "Visit",
    "VisitBack", "Request", "Order", "Whistle", "WhistleCall", "AlsoNotified", "Attachment", "Publication", "Support",
    "SentItem", "ResultMark", "Reading",
}  # fmt: skip
# Tables that are no case, by the room that writes them; a write there names none of CASE_ROWS.
WRITES_OTHER_ROWS = {
    "cases.topics": "a hot topic groups cases and changes none",
    "cases.reception": "drafts, submissions not yet sent, calls and leases are no cases yet",
    "cases.configuration": "dated rules for days to come",
    "cases.integrity": "keys: the same words under another one",
    "cases.suggestions.nightly_calibration": "how far confidences were borne out",
    "cases.checks.model_store": "which learned model answers",
    "cases.lists.saved_views": "how somebody looks at cases",
    "cases.lists.export_log": "that a table was taken away",
    "cases.lists.contact_reads": "who looked at contact data is written before it is shown",
    "cases.access.unmasking": "an alert is about a reader of cases",
    "cases.management.commands.load_demo": "a password of the demonstration",
    "cases.management.commands.train": "a model in a file",
}
# Public actions that are not one transaction themselves.
NOT_ATOMIC = dict.fromkeys(
    ("receive", "receive_all"), "they answer a race for one reference after the transaction has failed"
) | {
    "admit": "it only looks",
    "attach": "files are decoded and written before the transaction that locks the case",
    "attach_all": "the same",
    "act_with_files": "the same",
    "receive_with_files": "the same",
    "check_with_photo": "the same",
}
# What others call by name, and what they find by the action's card.
PUBLIC_ACTIONS = set(actions.__all__) | {card.function_name for card in CARDS.values()}
TIMED = {"warn", "recompute_due"}  # only the clock does these: they take no actor
CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "timezone.now"}
# The commands that start the platform may use what starts it.
STARTS = ("web.management.commands", {"launch", "commandline", "wsgi"})
# (module, import inside a function) and why.
MAY_IMPORT_LATE = {
    ("web.management.commands.web", "jieban.wsgi"): "the application is loaded after the port was found free",
}
# What opens connections. Only base.http does, and (module, import): why.
NETWORK = (
    "http.client", "urllib.request", "urllib3", "httpx", "httpcore", "requests", "aiohttp", "websockets", "socket",
    "socketserver", "ssl", "asyncio.open_connection", "ftplib", "smtplib", "imaplib", "poplib", "xmlrpc.client",
)  # fmt: skip
MAY_CONNECT = {
    ("launch", "socket"): "it asks whether the port of the web server is free, and connects to nothing"
}
LONGEST_FILE, LONGEST_FUNCTION, LONGEST_VIEW = 600, 60, 20

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """A file of ours: its dotted name below `jieban`, and its text."""

    name: str
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @property
    def package(self) -> str:
        return self.name.split(".")[0]

    def all(self, kind: type) -> Iterator[ast.AST]:
        return (node for node in ast.walk(self.tree) if isinstance(node, kind))

    @cached_property
    def functions(self) -> list[Function]:
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]

    @cached_property
    def calls(self) -> list[ast.Call]:
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.Call)]

    @cached_property
    def imports(self) -> list[str]:
        """What is imported, each name in full, without `jieban.` in front where it is ours."""
        found = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = "." * node.level + (node.module or "")
                found += [f"{base}.{alias.name}" for alias in node.names]
        return found

    @property
    def ours(self) -> list[str]:
        return [name.removeprefix("jieban.") for name in self.imports if name.startswith("jieban.")]


@cache
def modules() -> list[Module]:
    """The modules of the product, parsed once for all rules."""
    found = []
    for path in sorted((ROOT / "jieban").rglob("*.py")):
        inside = path.relative_to(ROOT / "jieban").with_suffix("")
        if "migrations" not in inside.parts:
            found.append(Module(".".join(inside.parts).removesuffix(".__init__"), path.read_text()))
    return found


def rank(name: str, order: tuple[set[str], ...]) -> int:
    return next((place for place, names in enumerate(order) if name in names), len(order))


def imports_between_packages(module: Module) -> Iterator[str]:
    """Only from the left; what stands beside each other does not import each other."""
    own = rank(module.package, PACKAGES)
    for name in module.ours:
        package = name.split(".")[0]
        if own < len(PACKAGES) and package != package.upper() and package != module.package:
            starts = module.name.startswith(STARTS[0]) and package in STARTS[1]
            if rank(package, PACKAGES) >= own and not starts:
                yield f"imports {name}"


def imports_are_whole(module: Module) -> Iterator[str]:
    """Full names, and at the top of the file: no import inside a function to get round the order."""
    for name in module.imports:
        if name.startswith("."):
            yield f"imports {name} by a relative name"
    for function in module.functions:
        for node in ast.walk(function):
            inside = isinstance(node, ast.ImportFrom) and (node.module or "").startswith("jieban")
            if inside and (module.name, node.module) not in MAY_IMPORT_LATE:
                yield f"imports {node.module} inside {function.name}"


def imports_inside_cases(module: Module) -> Iterator[str]:
    """Downwards only; folders on one floor do not know each other."""
    if module.package != "cases" or "." not in module.name:
        return
    room = module.name.split(".")[1]
    own = rank(room, IN_CASES)
    for name in module.ours:
        parts = name.split(".")
        if parts[0] == "cases" and len(parts) > 1 and parts[1] != room and rank(parts[1], IN_CASES) >= own:
            yield f"imports {name}"


def models_stand_alone(module: Module) -> Iterator[str]:
    """Models hold fields and constraints: of their own app they know only the choices."""
    parts = module.name.split(".")
    if "models" in parts and "commands" not in parts:  # one command is called so
        for name in module.ours:
            inside = name.split(".")
            if inside[0] == module.package and inside[1] not in {"models", "flow", "roles"}:
                yield f"imports {name}"


def state_is_written_by_the_door(module: Module) -> Iterator[str]:
    """Nothing but `cases/actions/door/transition.py` sets a state."""
    if module.name == "cases.actions.door.transition":
        return
    for node in ast.walk(module.tree):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets = [node.target]
        for target in targets:
            for part in ast.walk(target):
                if isinstance(part, ast.Attribute) and part.attr == "state":
                    yield f"sets {ast.unparse(part)}"
        if (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) == "setattr"
            and "'state'" in ast.unparse(node)
        ):
            yield f"sets {ast.unparse(node)}"


def cases_are_written_by_actions(module: Module) -> Iterator[str]:
    """Outside of the actions nobody makes or changes a row of a case."""
    if module.name.startswith("cases.actions") or not any(name.startswith("cases.") for name in module.ours):
        return
    rows = {name.split(".")[-1] for name in module.ours if name.startswith("cases.models")} & CASE_ROWS
    rows |= {f"models.{name}" for name in CASE_ROWS}
    others = any(f"{module.name}.".startswith(f"{room}.") for room in WRITES_OTHER_ROWS)
    for call in module.calls:
        function = call.func
        if ast.unparse(function) in rows:
            yield f"makes a {ast.unparse(function)}"
        if isinstance(function, ast.Attribute) and function.attr in WRITES:
            receiver = ast.unparse(function.value).removeprefix("models.").split(".")[0].split("(")[0]
            if not others or receiver in CASE_ROWS | {"case"}:
                yield f"calls {ast.unparse(function)}"


def actions_are_atomic(module: Module) -> Iterator[str]:
    """A public action is one transaction, and is told who acts and when."""
    if not module.name.startswith("cases.actions."):
        return
    for node in module.tree.body:
        if isinstance(node, Function) and node.name in PUBLIC_ACTIONS and node.name not in NOT_ATOMIC:
            if "transaction.atomic" not in [ast.unparse(decorator) for decorator in node.decorator_list]:
                yield f"{node.name} is not atomic"
            named = {argument.arg for argument in node.args.kwonlyargs}
            for needed in {"at"} | (set() if node.name in TIMED else {"actor"}):
                if needed not in named:
                    yield f"{node.name} is not told {needed}"


def clock_is_read_in_one_place(module: Module) -> Iterator[str]:
    if module.name == "base.clock":
        return
    for call in module.calls:
        name = ".".join(ast.unparse(call.func).split(".")[-2:])
        if name in CLOCKS:
            yield f"calls {name}"


def datetimes_are_aware(module: Module) -> Iterator[str]:
    """Every datetime has its zone from the beginning."""
    for call in module.calls:
        name = ".".join(ast.unparse(call.func).split(".")[-2:])
        zoned = any(keyword.arg in {"tzinfo", "tz"} for keyword in call.keywords)
        most = {"datetime": 8, "datetime.datetime": 8, "datetime.combine": 3, "datetime.fromtimestamp": 2}
        naive = name in {"datetime.utcfromtimestamp"} or (name in most and len(call.args) < most[name])
        if naive and not zoned:
            yield f"calls {ast.unparse(call)}"


def connections_are_opened_in_one_place(module: Module) -> Iterator[str]:
    """Whom the platform calls, how long and how much is decided by base.http alone."""
    if module.name == "base.http":
        return
    for name in module.imports:
        opens = any(name == client or name.startswith(f"{client}.") for client in NETWORK)
        if opens and (module.name, name) not in MAY_CONNECT:
            yield f"imports {name}"


def no_signals(module: Module) -> Iterator[str]:
    for name in module.imports:
        if name.startswith("django.") and ({"dispatch", "signals"} & set(name.split("."))):
            yield f"imports {name}"


def views_are_thin(module: Module) -> Iterator[str]:
    """A view fetches, calls one action and answers; it writes nothing itself."""
    if module.package not in {"web", "api"}:
        return
    for function in module.functions:
        if "request" not in [argument.arg for argument in function.args.args]:
            continue
        body = [node for node in function.body if not is_docstring(node)]
        lines = (body[-1].end_lineno or 0) - body[0].lineno + 1
        if lines >= LONGEST_VIEW:
            yield f"{function.name} has {lines} lines"
        for node in ast.walk(function):
            if isinstance(node, ast.Attribute) and node.attr in WRITES:
                receiver = ast.unparse(node.value)
                if "objects" in receiver.split(".") or node.attr in {"save", "bulk_create", "bulk_update"}:
                    yield f"{function.name} calls {ast.unparse(node)}"


def is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def lines_of(function: Function) -> int:
    """Lines without decorators and docstring."""
    first = function.body[0]
    said = (first.end_lineno or 0) - first.lineno + 1 if is_docstring(first) else 0
    return (function.end_lineno or 0) - function.lineno + 1 - said


def nothing_is_too_long(module: Module) -> Iterator[str]:
    lines = module.source.count("\n")
    if lines > LONGEST_FILE:
        yield f"has {lines} lines"
    for function in module.functions:
        if lines_of(function) > LONGEST_FUNCTION:
            yield f"{function.name} has {lines_of(function)} lines"


# What stood for many things, or for none that an engineer would search for.
BANNED = {"told", "said", "shown", "drawn", "moment", "traces", "spots", "held", "beside", "kept", "asked"}


def names_can_be_searched_for(module: Module) -> Iterator[str]:
    """No module, class or function goes by a word of which nobody knows what it is."""
    names = {node.name for node in ast.walk(module.tree) if isinstance(node, Function | ast.ClassDef)}
    for name in sorted({module.name.split(".")[-1]} | names):
        if name.strip("_").lower() in BANNED:
            yield f"calls something {name}"


NAMES_ROLES = re.compile(r"\bRole\b|EVERY_ROLE\b|ROLES\b")


def rights_are_stated_not_left_over(module: Module) -> Iterator[str]:
    """A role added tomorrow has no right because somebody forgot to take it away."""
    if module.name.startswith("registry.roles"):
        return
    for node in ast.walk(module.tree):
        text = ast.unparse(node) if isinstance(node, ast.BinOp | ast.Compare) else ""
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and NAMES_ROLES.search(text):
            yield f"takes roles away: {text}"
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.NotIn) and _excepts_roles(node):
            yield f"is for all other roles: {text}"


def _excepts_roles(node: ast.Compare) -> bool:
    """Whether the actor's role is compared with an exception, written out or called by what its roles are not."""
    left, right = ast.unparse(node.left), ast.unparse(node.comparators[0])
    by_hand = isinstance(node.comparators[0], ast.Set | ast.Tuple | ast.List) and NAMES_ROLES.search(right)
    return bool(by_hand) or (
        left.endswith("actor.role") and right.endswith(("REQUESTER_ROLES", "REQUESTERS"))
    )


Rule = Callable[[Module], Iterator[str]]
RULES: list[Rule] = [
    imports_between_packages, imports_are_whole, imports_inside_cases, models_stand_alone,
    state_is_written_by_the_door, cases_are_written_by_actions, actions_are_atomic, clock_is_read_in_one_place,
    datetimes_are_aware, connections_are_opened_in_one_place, no_signals, views_are_thin, nothing_is_too_long,
    names_can_be_searched_for, rights_are_stated_not_left_over,
]  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_code_keeps(rule: Rule) -> None:
    wrong = [f"{module.name} {what}" for module in modules() for what in rule(module)]
    assert not wrong, "\n".join(wrong)


LONG = "    x = 1\n"
BAD: list[tuple[Rule, str, str, str]] = [
    (imports_between_packages, "cases.x", "from jieban.web import forms", "imports web.forms"),
    (imports_between_packages, "registry.x", "import jieban.worktime.models", "imports worktime.models"),
    (imports_between_packages, "api.x", "from jieban.web.page.access import a", "imports web.page.access.a"),
    (imports_between_packages, "base.x", "from jieban import settings", "imports settings"),
    (imports_are_whole, "cases.x", "from .models import Case", "imports .models.Case by a relative name"),
    (
        imports_are_whole, "cases.x", "def f():\n    from jieban.web import a",
        "imports jieban.web inside f",
    ),
    (imports_inside_cases, "cases.lists.x", "from jieban.cases import actions", "imports cases.actions"),
    (
        imports_inside_cases, "cases.flow.x", "from jieban.cases.models import Case",
        "imports cases.models.Case",
    ),
    (imports_inside_cases, "cases.actions.x", "from jieban.cases import jobs", "imports cases.jobs"),
    (
        models_stand_alone, "registry.models", "from jieban.registry.district.geo import locate",
        "imports registry.district.geo.locate",
    ),
    (state_is_written_by_the_door, "web.x", "case.state = 'closed'", "sets case.state"),
    (state_is_written_by_the_door, "cases.actions.intake", "a, now.case.state = 1, 2", "sets now.case.state"),
    (state_is_written_by_the_door, "cases.x", "setattr(case, 'state', 1)", "sets setattr(case, 'state', 1)"),
    (
        cases_are_written_by_actions, "web.x", "from jieban.cases.models import Case\nCase.objects.update(a=1)",
        "calls Case.objects.update",
    ),
    (
        cases_are_written_by_actions, "cases.timers.sweep", "from jieban.cases.models import CaseEvent\nCaseEvent()",
        "makes a CaseEvent",
    ),
    (
        cases_are_written_by_actions, "cases.topics.x", "from jieban.cases import flow\ncase.save()",
        "calls case.save",
    ),
    (actions_are_atomic, "cases.actions.x", "def sign(case_id, *, actor, at): ...", "sign is not atomic"),
    (
        actions_are_atomic, "cases.actions.x", "@transaction.atomic\ndef sign(case_id, *, actor): ...",
        "sign is not told at",
    ),
    (clock_is_read_in_one_place, "cases.x", "a = datetime.datetime.now(UTC)", "calls datetime.now"),
    (clock_is_read_in_one_place, "cases.x", "a = date.today()", "calls date.today"),
    (clock_is_read_in_one_place, "cases.x", "a = timezone.now()", "calls timezone.now"),
    (datetimes_are_aware, "cases.x", "a = datetime(2026, 3, 2, 10)", "calls datetime(2026, 3, 2, 10)"),
    (datetimes_are_aware, "cases.x", "a = datetime.combine(a, b)", "calls datetime.combine(a, b)"),
    (connections_are_opened_in_one_place, "channels.x", "import http.client", "imports http.client"),
    (connections_are_opened_in_one_place, "cases.x", "from urllib import request", "imports urllib.request"),
    (connections_are_opened_in_one_place, "registry.x", "from httpx import Client", "imports httpx.Client"),
    (connections_are_opened_in_one_place, "launch", "import socket, ssl", "imports ssl"),
    (no_signals, "cases.x", "from django.db.models.signals import post_save",
     "imports django.db.models.signals.post_save"),
    (no_signals, "cases.x", "from django.dispatch import receiver", "imports django.dispatch.receiver"),
    (views_are_thin, "web.x", f"def page(request):\n{LONG * 20}", "page has 20 lines"),
    (views_are_thin, "api.x", "def page(request):\n    Unit.objects.filter(a=1).update(b=1)",
     "page calls Unit.objects.filter(a=1).update"),
    (nothing_is_too_long, "web.x", f"def f():\n{LONG * 60}", "f has 61 lines"),
    (nothing_is_too_long, "web.x", "x = 1\n" * 601, "has 601 lines"),
    (names_can_be_searched_for, "web.x", "class A:\n    def _told(self): ...", "calls something _told"),
    (names_can_be_searched_for, "web.spots", "x = 1", "calls something spots"),
    (rights_are_stated_not_left_over, "web.x", "READERS = frozenset(Role) - {Role.ADMIN}",
     "takes roles away: frozenset(Role) - {Role.ADMIN}"),
    (rights_are_stated_not_left_over, "web.x", "@for_roles(roles.EVERY_ROLE - roles.REQUESTER_ROLES)\ndef f(): ...",
     "takes roles away: roles.EVERY_ROLE - roles.REQUESTER_ROLES"),
    (rights_are_stated_not_left_over, "cases.x", "may = actor.role not in {Role.RESIDENT, Role.PROPERTY}",
     "is for all other roles: actor.role not in {Role.RESIDENT, Role.PROPERTY}"),
    (rights_are_stated_not_left_over, "cases.x", "may = request.actor.role not in rules.REQUESTER_ROLES",
     "is for all other roles: request.actor.role not in rules.REQUESTER_ROLES"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "name", "source", "found"), BAD)
def test_a_rule_finds_what_breaks_it(rule: Rule, name: str, source: str, found: str) -> None:
    assert list(rule(Module(name, source))) == [found]


GOOD: list[tuple[Rule, str, str]] = [
    (imports_between_packages, "cases.x", "from jieban.base.clock import now\nfrom jieban.cases import flow"),
    (imports_inside_cases, "cases.jobs", "from jieban.cases import actions, timers"),
    (state_is_written_by_the_door, "cases.actions.door.transition", "case.state = to"),
    (state_is_written_by_the_door, "web.x", "state = case.state"),
    (
        cases_are_written_by_actions,
        "cases.actions.x",
        "from jieban.cases.models import Visit\nVisit().save()",
    ),
    (cases_are_written_by_actions, "base.vault", "digest.update(part)"),
    (actions_are_atomic, "cases.actions.x", "@transaction.atomic\ndef sign(case_id, *, actor, at): ..."),
    (actions_are_atomic, "cases.actions.x", "def _helper(case): ..."),
    (
        datetimes_are_aware,
        "cases.x",
        "a = datetime(2026, 3, 2, tzinfo=UTC)\nb = datetime.combine(a, b, SHANGHAI)",
    ),
    (connections_are_opened_in_one_place, "base.http", "import httpx"),
    (
        connections_are_opened_in_one_place,
        "cases.x",
        "from urllib.parse import urlsplit\nfrom http import HTTPStatus",
    ),
    (views_are_thin, "web.x", "def page(request):\n    request.session.update(a=1)"),
    (
        rights_are_stated_not_left_over,
        "registry.roles.profiles",
        "EVERY_ROLE = frozenset(Role) - {Role.SYSTEM}",
    ),
    (rights_are_stated_not_left_over, "web.x", "may = actor.role in EDITOR_ROLES\nleft = total - len(rows)"),
]


@pytest.mark.parametrize(("rule", "name", "source"), GOOD)
def test_a_rule_passes_what_keeps_it(rule: Rule, name: str, source: str) -> None:
    assert list(rule(Module(name, source))) == []


def test_every_rule_was_seen_to_fail() -> None:
    assert {rule for rule, *_rest in BAD} == set(RULES)


def test_no_test_module_imports_another() -> None:
    """What tests share stands in a module beside them that holds no tests."""
    found = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name in Module(path.stem, path.read_text()).imports:
            if any(part.startswith("test_") for part in name.split(".")[1:]):
                found.append(f"{path.relative_to(ROOT)} imports {name}")
    assert found == []


def test_every_public_action_was_found() -> None:
    found = {
        function.name
        for module in modules()
        if module.name.startswith("cases.actions.")
        for function in module.functions
    }
    assert {name for name in actions.__all__ if name[0].islower()} <= found


MOST_IN_A_FOLDER = 15
# Django's own names, which each app or area may have.
DJANGO_NAMES = {"models", "views", "forms", "urls", "apps", "admin", "jobs"}


def folder_of(module: Module) -> str:
    is_package = (ROOT / "jieban" / Path(*module.name.split("."))).is_dir()
    return module.name if is_package else module.name.rpartition(".")[0]


def of_folders(found: list[Module]) -> dict[str, list[Module]]:
    """Modules by folder; commands stand apart, because they are named for what somebody types."""
    folders: dict[str, list[Module]] = {}
    for module in found:
        if "management" not in module.name.split("."):
            folders.setdefault(folder_of(module), []).append(module)
    return folders


def knots(arrows: dict[str, set[str]]) -> list[list[str]]:
    """The groups of nodes that reach each other, by Tarjan's way; empty for a graph without circles."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(arrows.get(node, ())):
            if other not in index:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == index[node]:
            group = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(group) > 1:
                found.append(sorted(group))

    for node in sorted(arrows):
        if node not in index:
            visit(node)
    return found


def arrows_between_folders(found: list[Module]) -> dict[str, set[str]]:
    """Which folder imports from which."""
    folder = {module.name: folder_of(module) for module in found}
    arrows: dict[str, set[str]] = {}
    for modules_in in of_folders(found).values():
        for module in modules_in:
            for name in module.ours:
                target = folder.get(name) or folder.get(name.rpartition(".")[0])
                if target and target != folder[module.name]:
                    arrows.setdefault(folder[module.name], set()).add(target)
    return arrows


def test_no_folder_is_a_corridor() -> None:
    sizes = {name: len(inside) for name, inside in of_folders(modules()).items()}
    assert {name: size for name, size in sizes.items() if size > MOST_IN_A_FOLDER} == {}


def test_folders_do_not_import_each_other_in_a_circle() -> None:
    assert knots(arrows_between_folders(modules())) == []


def test_a_circle_of_folders_is_found() -> None:
    arrows = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set()}
    assert knots(arrows) == [["b", "c"]]


def test_a_module_is_found_by_its_name_alone() -> None:
    places: dict[str, list[str]] = {}
    for name, inside in of_folders(modules()).items():
        for module in inside:
            if module.name != name:
                places.setdefault(module.name.split(".")[-1], []).append(module.name)
    twice = {name: found for name, found in places.items() if len(found) > 1 and name not in DJANGO_NAMES}
    assert twice == {}
