"""Generator of the demonstration's cases: each is simulated by the same actions as a real one, at past times.

Every case depends only on the seed and its number, so that two starts make the same cases.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from jieban.base.clock import local, local_date
from jieban.cases import actions
from jieban.cases.actions import Concern, Matter
from jieban.cases.actions.course.dispatching import MAY_LEAD
from jieban.cases.demo import demo_texts
from jieban.cases.demo.demo_photo import photograph
from jieban.cases.demo.demo_texts import DemoText, Phrases
from jieban.cases.models import Case
from jieban.cases.routing.routing import directory_answers
from jieban.cases.suggestions import readings
from jieban.language.classify import word_marks
from jieban.registry.identity.posts import Actor, actor_of
from jieban.registry.models import Category, Holding, Place, Unit
from jieban.registry.roles import UNIT_ROLES, Role

SEED = 20191127
DAYS = 120
FRESH_EACH, FRESH = 40, timedelta(hours=3)  # one case in forty came in the last hours, whatever the hour is
READ_EACH = 6  # what is read in a case is kept for one in six, and for all that wait
SOURCE = "demo"
# Calls by hour of the day.
HOURS = [1, 1, 1, 1, 1, 1, 2, 4, 9, 12, 11, 8, 6, 7, 9, 10, 9, 8, 7, 6, 5, 4, 3, 2]  # fmt: skip
LIVELY = "110107003"  # 八角街道, where the demonstration's street and community accounts work

COURSES = {
    "plain": 48, "sent_back": 6, "answered": 8, "declined": 4, "handed_over": 2, "split": 3, "withdrawn": 3,
    "on_account": 6, "disputed": 8, "extended": 5, "reopened": 4, "unreachable": 3, "whistled": 3, "slow": 6,
    "joined": 5,
}  # fmt: skip


class StepInFuture(Exception):
    """Control flow: the next step of this case lies in the future."""


@dataclass
class DemoDistrict:
    """The demonstration's actors and places."""

    phrases: Phrases
    categories: dict[str, Category]
    estates: list[Place]
    by_role: dict[str, list[Actor]]
    by_unit: dict[int, list[Actor]]
    companies: dict[int, Unit]
    children: dict[int, list[Unit]]
    departments: list[Unit]

    def of_unit(self, unit_id: int | None) -> Actor:
        return self.by_unit[unit_id or 0][0]


def district(texts: Path) -> DemoDistrict:
    """Reads actors and places from the loaded registry."""
    holdings = (
        Holding.objects.filter(valid_to=None).select_related("person", "post__unit__parent").order_by("id")
    )
    actors = [actor_of(holding.person, holding.post) for holding in holdings]
    by_unit: dict[int, list[Actor]] = {}
    by_role: dict[str, list[Actor]] = {}
    for actor in actors:
        by_role.setdefault(actor.role, []).append(actor)
        for unit_id in actor.unit_ids if actor.role in UNIT_ROLES else ():
            by_unit.setdefault(unit_id, []).append(actor)
    children: dict[int, list[Unit]] = {}
    for unit in Unit.objects.filter(kind=Unit.Kind.COMMUNITY).order_by("id"):
        children.setdefault(unit.parent_id or 0, []).append(unit)
    companies = {
        estate.pk: unit
        for unit in Unit.objects.filter(kind=Unit.Kind.PROPERTY).prefetch_related("estates").order_by("id")
        for estate in unit.estates.all()
    }
    leaders = Unit.objects.filter(
        kind__in=[Unit.Kind.DEPARTMENT, Unit.Kind.PARTNER], pk__in=by_unit
    ).order_by("id")
    return DemoDistrict(
        phrases=demo_texts.load(texts),
        categories={row.path.replace(" / ", "/"): row for row in Category.objects.filter(level=3)},
        estates=list(
            Place.objects.filter(level=Place.Level.ESTATE).select_related("parent__parent").order_by("code")
        ),
        by_role=by_role, by_unit=by_unit, companies=companies, children=children, departments=list(leaders),
    )  # fmt: skip


def make_cases(
    place: DemoDistrict, count: int, at: datetime, part: int = 0, parts: int = 1
) -> Iterator[Case]:
    """Makes the demonstration's cases in the order of their receipt; existing ones are left alone.

    Several processes may each make a part: every `parts`-th case from `part` on.
    """
    there = set(Case.objects.filter(source=SOURCE).values_list("source_ref", flat=True))
    for number, received_at in enumerate(sorted(_receipt_times(count, at))):
        if number % parts != part or _ref(number) in there:
            continue
        rnd = Random(f"{SEED}-{number}")  # noqa: S311 - invented lives, no secrets
        life = CaseSimulation(place, rnd, received_at, at, number)
        life.begin()
        if number % READ_EACH == 0 or life.waits:
            readings.read_cases(Case.objects.filter(pk=life.case.pk), received_at)
        life.run()
        yield life.case


def missing(count: int) -> bool:
    """Whether some of the demonstration's cases are missing."""
    there = set(Case.objects.filter(source=SOURCE).values_list("source_ref", flat=True))
    return any(_ref(number) not in there for number in range(count))


def _ref(number: int) -> str:
    return f"demo-{number}"


def _receipt_times(count: int, at: datetime) -> list[datetime]:
    rnd = Random(SEED)  # noqa: S311 - invented lives, no secrets
    today = local(at).replace(hour=0, minute=0, second=0, microsecond=0)
    found = [at - rnd.random() * FRESH for _fresh in range(count // FRESH_EACH)]
    while len(found) < count:
        # A tenth of all within the last two days, so that there is work waiting at every desk.
        back = rnd.randrange(2) if rnd.random() < 0.10 else rnd.randrange(DAYS)
        hour = rnd.choices(range(24), weights=HOURS)[0]
        moment = today - timedelta(days=back) + timedelta(hours=hour, seconds=rnd.randrange(3600))
        if moment < at:
            found.append(moment)
    return found


class CaseSimulation:
    """Simulation of one case from its receipt until now."""

    def __init__(
        self, place: DemoDistrict, rnd: Random, received_at: datetime, until: datetime, number: int
    ) -> None:
        self.d, self.rnd, self.until, self.number = place, rnd, until, number
        self.t = received_at
        self.kind = rnd.choices(["appeal", "enterprise", "patrol"], weights=[84, 6, 10])[0]
        lively = [estate for estate in place.estates if estate.code.startswith(LIVELY)]
        self.estate = rnd.choice(lively if rnd.random() < 0.3 else place.estates)
        building = rnd.randint(1, 24)
        community = self.estate.parent
        self.words: DemoText = demo_texts.compose(
            place.phrases, rnd, self.kind, community.name if community else "", self.estate.name, building
        )
        self.address = demo_texts.address(rnd, self.estate.name, building)
        self.case: Case
        self.neighbour: Case | None = None

    def begin(self, suffix: str = "") -> None:
        """Receives the case."""
        name, phone = demo_texts.invented_person(self.rnd)
        patrol = self.kind == "patrol"
        channel, actor = self._door()
        by_themselves = channel in {"web", "wechat"}  # who writes themselves chooses no category
        received = actions.receive(
            Concern(
                kind=self.kind, channel=channel, text=self.words.text, subject=self.words.subject,
                name="" if patrol else name, phone="" if patrol else phone, address=self.address,
                place_id=self.estate.pk, lat=self.estate.lat, long=self.estate.long,
                category_id=None if by_themselves else self._category.pk,
                nature=self.words.nature, hidden=self.rnd.random() < 0.05, **self._taken_down(by_themselves),
                source=SOURCE, source_ref=_ref(self.number) + suffix,
            ),
            actor=actor, at=self.t,
        )  # fmt: skip
        self.case = received.case

    def _taken_down(self, by_themselves: bool) -> dict[str, Any]:
        """Values that an operator sets: nine times in ten those that the text marks. Other channels have none."""
        marks = {
            "urgency": word_marks.urgency, "sensitive": word_marks.sensitive,
            "is_property": word_marks.about_property,
        }  # fmt: skip
        found = {name: mark(self.words.text) for name, mark in marks.items() if self.rnd.random() < 0.9}
        if by_themselves:
            return {}
        return {
            name: one.value if name == "urgency" else True for name, one in found.items() if one is not None
        }

    @property
    def _category(self) -> Category:
        return self.d.categories[self.words.category_path]

    @property
    def waits(self) -> bool:
        """Whether the case still waits untouched, as every second of the newest does."""
        return self.until - self.t < FRESH and self.number % 2 == 0 and self.kind != "patrol"

    def _door(self) -> tuple[str, Actor]:
        if self.kind == "patrol":
            return "patrol", self.rnd.choice(self.d.by_role[Role.PATROL])
        own = Role.RESIDENT if self.kind == "appeal" else Role.ENTERPRISE
        if self.rnd.random() < (0.10 if self.kind == "appeal" else 0.5):
            return self.rnd.choice(["web", "wechat"]), self.d.by_role[own][0]
        return "phone", self.rnd.choice(self.d.by_role[Role.OPERATOR])

    def run(self) -> None:
        """Simulates the case until now."""
        if self.waits:
            return
        self.live(getattr(self, f"_{self._course()}"))

    def live(self, course: Callable[[], None]) -> None:
        """Runs a course as far as time allows."""
        try:
            course()
        except StepInFuture:
            self.t = self.until
            self._pass_time()

    def _course(self) -> str:
        course = self.rnd.choices(list(COURSES), weights=list(COURSES.values()))[0]
        if course == "answered" and self.words.nature != "consult":
            return "plain"
        if self.words.nature == "consult" and self.rnd.random() < 0.6:
            return "answered"
        if self.kind == "patrol" and course not in {"plain", "slow", "declined", "disputed", "extended"}:
            return "plain"
        return course

    # --- time and acts ------------------------------------------------------------------------------

    def _wait(self, low: float, high: float) -> None:
        """Advances the time by some hours. Raises StepInFuture when that reaches into the future."""
        self.t += timedelta(hours=self.rnd.uniform(low, high))
        if self.t >= self.until:
            raise StepInFuture
        self._pass_time()

    def _office(self, low: float, high: float) -> None:
        """Advances the time by some hours, and then to the next office hours."""
        self._wait(low, high)
        wall = local(self.t)
        if not 8 <= wall.hour < 18:
            morning = wall.replace(hour=8, minute=self.rnd.randrange(20, 59))
            self._wait_until(morning if wall.hour < 8 else morning + timedelta(days=1))

    def _wait_until(self, at: datetime) -> None:
        if at >= self.until:
            raise StepInFuture
        self.t = max(self.t, at)
        self._pass_time()

    def _pass_time(self) -> None:
        while self.case.next_check_at is not None and self.case.next_check_at <= self.t:
            actions.warn(self.case.pk, at=self.case.next_check_at)
            self.case.refresh_from_db()

    def _do(self, action: Callable[..., Any], actor: Actor, **values: Any) -> None:
        done = action(self.case.pk, actor=actor, at=self.t, **values)
        if isinstance(done, Case):
            self.case = done

    def _one(self, role: Role) -> Actor:
        return self.rnd.choice(self.d.by_role[role])

    @property
    def _lead(self) -> Actor:
        return self.d.of_unit(self.case.lead_id)

    # --- pieces of a course -------------------------------------------------------------------------

    def _dispatch(self, low: float = 0.1, high: float = 1.2) -> None:
        self._wait(low, high)
        if self.case.category_id is None:
            self._do(actions.reclassify, self._one(Role.DISPATCHER), category_id=self._category.pk)
        best = next(
            (p for p in directory_answers(self.case, local_date(self.t)) if p.lead.pk in self.d.by_unit), None
        )
        lead = best.lead.pk if best else self.rnd.choice(self.d.departments).pk
        helpers = [unit.pk for unit in best.co_handlers if unit.pk in self.d.by_unit] if best else []
        company = self.d.companies.get(self.estate.pk) if self.case.is_property else None
        self._do(
            actions.dispatch, self._one(Role.DISPATCHER), lead_id=lead, co_handler_ids=helpers[:2],
            property_id=company.pk if company else None,
        )  # fmt: skip

    def _sign(self) -> None:
        self._wait(0.1, 2.6)
        self._do(actions.sign, self._lead_to_sign())
        if self.rnd.random() < 0.5:
            self._hand_down()

    def _lead_to_sign(self) -> Actor:
        waiting = self.case.assignments.filter(relation="next_lead", ended_at=None).first()
        return self.d.of_unit(waiting.unit_id if waiting else self.case.lead_id)

    def _hand_down(self) -> None:
        community = self.case.community_id
        for unit in self.d.children.get(self.case.lead_id or 0, []):
            if unit.place_id == community and unit.pk in self.d.by_unit:
                self._do(actions.hand_down, self._lead, unit_id=unit.pk)

    def _visit(self, kind: str, said: str) -> None:
        if self.kind == "patrol":
            return
        child = self.case.assignments.filter(relation="child", ended_at=None).first()
        way = self.rnd.choices(["in_person", "phone", "message"], weights=[5, 4, 1])[0]
        self._do(
            actions.record_visit, self.d.of_unit(child.unit_id) if child else self._lead,
            kinds=[kind], way=way, said=said or "诉求人说明了情况。",
        )  # fmt: skip

    def _work(self, low: float, high: float) -> None:
        """Needs visit, the work, opinion visit, what co-handlers report, the photograph, the report."""
        self._office(0.2, 3)
        self._visit("needs", self.words.needs_said)
        self._office(low, high)
        self._visit("opinion", self.words.opinion_said)
        self._report()

    def _report(self) -> None:
        for share in self.case.assignments.filter(relation="co_handler", ended_at=None, reported_at=None):
            self._do(actions.co_report, self.d.of_unit(share.unit_id), text=self.words.co_report)
        if self.case.category is not None and self.case.category.needs_photo:
            self._do(actions.attach, self._lead, content=photograph(self.rnd))
        self._do(actions.report_result, self._lead, text=self.words.result)

    def _finish(self, answers: tuple[str, str, str] | None = None) -> None:
        """Visit-back, or check for a patrol case, then closed."""
        self._office(1, 20)
        if self.kind == "patrol":
            self._check_on_spot()
        else:
            contacted, solved, satisfied = answers or self._answers()
            self._do(
                actions.visit_back, self._one(Role.CALLER), reached=True, contacted=contacted, solved=solved,
                satisfied=satisfied, remark=self.words.remark if satisfied == "no" else "",
            )  # fmt: skip
        if self.neighbour is not None:
            actions.visit_back(
                self.neighbour.pk, actor=self._one(Role.CALLER), at=self.t, reached=True, contacted="yes",
                solved="yes", satisfied="mostly",
            )  # fmt: skip
        self._office(0.5, 20)
        self._close()

    def _close(self) -> None:
        """Closes by hand, where the platform has not done it meanwhile."""
        if self.case.closed_at is None:
            self._do(actions.close, self._one(Role.SUPERVISOR))

    def _answers(self) -> tuple[str, str, str]:
        pick = self.rnd.choices
        solved = pick(["yes", "partly", "no", "no_answer"], weights=[82, 8, 7, 3])[0]
        satisfied = pick(["yes", "mostly", "no", "no_answer"], weights=[70, 20, 6, 4])[0]
        return (
            pick(["yes", "no", "no_answer"], weights=[95, 3, 2])[0],
            solved,
            satisfied if solved == "yes" else pick(["mostly", "no"], weights=[4, 6])[0],
        )

    def _check_on_spot(self) -> None:
        checker = self._one(Role.SUPERVISOR)
        photo = actions.attach(self.case.pk, actor=checker, at=self.t, content=photograph(self.rnd))
        self._do(actions.check, checker, passed=True, text="现场核查，问题已整改到位。", photo_id=photo.pk)

    # --- courses ------------------------------------------------------------------------------------

    def _hours_of_work(self) -> tuple[float, float]:
        return {"simple": (0.1, 0.8), "general": (1.0, 7.0)}.get(self.case.grade, (12.0, 80.0))

    def _plain(self) -> None:
        self._dispatch()
        self._sign()
        self._work(*self._hours_of_work())
        self._finish()

    def _slow(self) -> None:
        """Slow course: reminded, supervised, overdue."""
        self._dispatch(1, 6)
        self._wait(3, 10)
        self._sign()
        self._wait(30, 100)
        self._do(actions.remind, self._one(Role.SUPERVISOR), text="请抓紧办理，并向诉求人说明进展。")
        self._wait(20, 60)
        self._do(actions.supervise, self._one(Role.SUPERVISOR), text="已超时限，请两日内书面反馈办理情况。")
        self._work(20, 200)
        self._finish()

    def _sent_back(self) -> None:
        self._dispatch()
        self._sign()
        self._work(*self._hours_of_work())
        self._office(1, 10)
        if self.kind == "patrol":
            return self._finish()
        caller = self._one(Role.CALLER)
        self._do(
            actions.visit_back, caller, reached=True, contacted="yes", solved="no", satisfied="no",
            remark=self.words.remark,
        )  # fmt: skip
        self._do(actions.send_back, caller, reason=self.words.still_wrong or "诉求人反映问题没有解决。")
        self._office(5, 60)
        self._report()
        return self._finish()

    def _answered(self) -> None:
        self._wait(0.02, 0.2)
        self._do(actions.answer_now, self._one(Role.OPERATOR), text=self.words.answer or self.words.result)

    def _declined(self) -> None:
        self._wait(0.2, 3)
        reason, told = self.rnd.choice(DECLINED)
        if self.kind == "patrol":
            reason, told = "not_filed", "经核对不属于立案范围，已告知上报人。"
        self._do(actions.decline, self._one(Role.DISPATCHER), reason=reason, told=told)

    def _handed_over(self) -> None:
        self._wait(0.02, 0.1)
        service, said = self.rnd.choice(HANDED_OVER)
        self._do(
            actions.hand_over, self._one(Role.OPERATOR), service=service, called_at=self.t - timedelta(seconds=40),
            said=said,
        )  # fmt: skip

    def _split(self) -> None:
        """Split course: two matters in one call, each handled on its own."""
        self._wait(0.1, 1)
        other = demo_texts.compose(
            self.d.phrases, self.rnd, self.kind, self.estate.name, self.estate.name, self.rnd.randint(1, 20)
        )
        children = actions.split(
            self.case.pk, actor=self._one(Role.DISPATCHER), at=self.t,
            matters=[
                Matter(self.words.text, self.words.subject),
                Matter(other.text, other.subject, self.d.categories[other.category_path].pk, other.nature),
            ],
        )  # fmt: skip
        for child, words in zip(children, (self.words, other), strict=True):
            life = CaseSimulation(self.d, self.rnd, self.t, self.until, self.number)
            life.kind, life.estate, life.words, life.case = self.kind, self.estate, words, child
            life.live(life._plain)
        self.case.refresh_from_db()

    def _joined(self) -> None:
        """Merge course: a neighbour calls about the same; merged, and visited back as well."""
        if self.kind != "appeal":
            return self._plain()
        self._dispatch()
        self._sign()
        self._wait(0.1, 0.9)
        neighbour = CaseSimulation(self.d, self.rnd, self.t, self.until, self.number)
        neighbour.kind, neighbour.estate, neighbour.words = self.kind, self.estate, self.words
        neighbour.begin(suffix="-b")
        self._wait(0.05, 0.3)
        dispatcher = self._one(Role.DISPATCHER)
        self.neighbour = actions.merge(
            neighbour.case.pk, actor=dispatcher, at=self.t, primary_id=self.case.pk
        )
        self._work(*self._hours_of_work())
        return self._finish()

    def _withdrawn(self) -> None:
        self._dispatch()
        self._sign()
        self._wait(1, 10)
        self._do(actions.withdraw, self._one(Role.OPERATOR), reason="诉求人来电表示问题已自行解决。")

    def _on_account(self) -> None:
        self._dispatch()
        self._sign()
        self._office(0.5, 3)
        self._visit("needs", self.words.needs_said)
        self._office(2, 8)
        self._do(
            actions.put_on_account, self._lead,
            reason_code=self.rnd.choice(["plan", "funds", "history", "season"]),
            plan=self.words.on_account_plan or "已列入年度改造计划，按计划组织实施，期间每月向诉求人通报进展。",
            responsible=self._lead.name, review_on=local_date(self.t) + timedelta(days=self.rnd.randint(20, 60)),
        )  # fmt: skip
        self._office(0.5, 6)
        self._do(actions.grant, self._one(Role.SUPERVISOR), text="同意挂账，按期复核。")
        self._office(24 * 15, 24 * 50)
        if self.rnd.random() < 0.5:
            self._do(actions.resume, self._one(Role.SUPERVISOR), text="条件已具备，恢复办理。")
            self._office(5, 60)
            self._visit("opinion", self.words.opinion_said)
            self._report()
            self._finish()

    def _disputed(self) -> None:
        self._dispatch()
        self._wait(0.2, 4)
        other = self.rnd.choice([unit for unit in self.d.departments if unit.pk != self.case.lead_id])
        self._do(
            actions.dispute, self._lead_to_sign(), reason=self.words.dispute_reason, proposed_id=other.pk
        )
        self._wait(0.5, 6)
        outcome = self.rnd.choice(["uphold", "reassign", "joint"])
        if other.kind not in MAY_LEAD:
            outcome = "uphold"
        self._do(
            actions.settle, self._one(Role.DISPATCHER), outcome=outcome, text="经会商，按职责清单明确如上。"
        )
        self._sign()
        self._work(*self._hours_of_work())
        self._finish()

    def _extended(self) -> None:
        self._dispatch()
        self._sign()
        self._office(0.5, 3)
        self._visit("needs", self.words.needs_said)
        due = self.case.finish_due_at or self.t
        longer = max(due, self.t) + timedelta(days=self.rnd.randint(2, 10))
        self._do(
            actions.request_extension,
            self._lead,
            new_due_at=longer,
            reason="需采购配件并安排施工，请准予延期。",
        )
        self._office(0.3, 5)
        if self.rnd.random() < 0.2:
            self._do(actions.refuse, self._one(Role.SUPERVISOR), text="理由不充分，请按原时限办理。")
        elif longer > (self.case.finish_due_at or longer - timedelta(1)):
            self._do(actions.grant, self._one(Role.SUPERVISOR), text="同意延期，请向诉求人说明。")
        self._office(10, 60)
        self._visit("opinion", self.words.opinion_said)
        self._report()
        self._finish()

    def _reopened(self) -> None:
        self._plain()
        self._wait(20, 24 * 12)
        if self.kind == "patrol":
            return
        self._do(
            actions.reopen, self._one(Role.OPERATOR), text=self.words.still_wrong or "问题反复，请再次处理。"
        )
        self._office(5, 40)
        self._report()
        self._finish()

    def _unreachable(self) -> None:
        self._dispatch()
        self._sign()
        self._work(*self._hours_of_work())
        day = local(self.t).replace(hour=9, minute=30) + timedelta(days=1)
        for at in (day, day + timedelta(hours=7), day + timedelta(days=1, hours=2)):
            self._wait_until(at)
            self._do(actions.visit_back, self._one(Role.CALLER), reached=False)
        self._office(1, 8)
        self._close()

    def _whistled(self) -> None:
        self._dispatch()
        self._sign()
        lead = self.d.of_unit(self.case.lead_id)
        if lead.role == Role.STREET:
            called = self.rnd.sample(self.d.departments, 2)
            self._do(
                actions.whistle, lead, kind=self.rnd.choice(["prominent", "joint"]),
                unit_ids=[unit.pk for unit in called], place=self.address[:-6] or self.estate.name,
                meet_at=self.t + timedelta(hours=3),
            )  # fmt: skip
            self._wait(3, 3.5)
            for unit in called[: self.rnd.randint(1, 2)]:
                self._do(actions.arrive, self.d.of_unit(unit.pk), place=self.estate.name)
        self._work(*self._hours_of_work())
        self._finish()


DECLINED = [
    ("litigation", "该纠纷已进入诉讼程序，已告知诉求人通过审理法院查询和反映。"),
    ("repeat", "与此前诉求相同且无新情况，已告知正在办理的进展和时限。"),
    ("outside", "属平等民事主体之间的约定，已告知可协商、申请人民调解或向法院起诉。"),
    ("secret", "内容涉及他人隐私，已告知不便受理的原因和合法途径。"),
]
HANDED_OVER = [
    ("119", "来电人闻到楼道燃气味很重，已请119到场，并提醒不要开关电器、到室外等候。"),
    ("120", "来电人家中老人突然晕倒，已转120急救，并留在线上安抚。"),
    ("110", "来电人反映楼下有人持械打架，已转110处置。"),
]
