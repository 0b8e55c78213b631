"""Scene: a small district with cases, brought to a state by actions."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property

from jieban.cases import actions
from jieban.cases.actions import Concern
from jieban.cases.checks import confidences, model_store
from jieban.cases.models import Case
from jieban.language.classify import calibration
from jieban.language.classify.calibration import ReadingCount, ReadingKind
from jieban.registry.identity.posts import Actor, actor_of
from jieban.registry.models import Category, Holding, Person, Place, Post, Unit
from jieban.registry.roles import Role

FROM = date(2019, 1, 1)
# Monday, 2 March 2026, 10:00 in Beijing.
AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@dataclass
class Scene:
    """Units, posts and a category; `actor(role)` acts in a post of that role."""

    units: dict[str, Unit] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    category: Category = field(default_factory=Category)

    def unit(self, code: str) -> Unit:
        return self.units[code]

    def actor(self, name: str) -> Actor:
        return self.actors[name]

    @cached_property
    def anybody(self) -> list[Actor]:
        return list(self.actors.values())


def make_unit(scene: Scene, code: str, kind: str, parent: str = "", place: Place | None = None) -> Unit:
    [unit] = make_units(scene, (code, kind, parent, place))
    return unit


def make_units(scene: Scene, *wanted: tuple[str, str, str, Place | None]) -> list[Unit]:
    """Creates units from code, kind, the code of the parent and the place."""
    units = Unit.objects.bulk_create(
        Unit(
            code=code, name=f"单位{code}", kind=kind, parent=scene.units.get(parent), place=place,
            opened_on=FROM,
        )
        for code, kind, parent, place in wanted
    )  # fmt: skip
    scene.units |= {unit.code: unit for unit in units}
    return units


def make_actor(scene: Scene, name: str, role: Role, unit: str = "") -> Actor:
    """Creates a person with a post of this role in the unit; known as `name` in the scene."""
    make_actors(scene, {name: (role, unit)})
    return scene.actors[name]


def make_actors(scene: Scene, wanted: dict[str, tuple[Role, str]]) -> None:
    """Creates actors with three queries, because nearly every test needs them."""
    people = Person.objects.bulk_create(Person(username=name, name=f"人员{name}") for name in wanted)
    posts = Post.objects.bulk_create(
        Post(code=f"P-{name}", name=role.label, unit=scene.units.get(unit), role=role, opened_on=FROM)
        for name, (role, unit) in wanted.items()
    )
    holdings = list(zip(people, posts, strict=True))
    Holding.objects.bulk_create(
        Holding(person=person, post=post, valid_from=FROM) for person, post in holdings
    )
    scene.actors |= {person.username: actor_of(person, post) for person, post in holdings}


def make_scene() -> Scene:
    """Creates a street with its centre, community and company; two departments; a post of every role."""
    scene = Scene()
    district = Place.objects.create(code="110107", level="district", name="石景山区", opened_on=FROM)
    street = Place.objects.create(
        code="110107002", level="street", name="老山街道", parent=district, opened_on=FROM
    )
    community = Place.objects.create(
        code="110107002003", level="community", name="老山东里北社区", parent=street, opened_on=FROM
    )
    make_units(
        scene, ("HOT", "hotline", "", None), ("LEAD", "leadership", "", None), ("D1", "department", "", None),
        ("D2", "department", "", None), ("S", "street", "", street),
    )  # fmt: skip
    make_units(
        scene, ("SC", "street_centre", "S", None), ("C", "community", "S", community),
        ("P", "property", "S", None),
    )  # fmt: skip
    units = {
        Role.RESIDENT: "", Role.ENTERPRISE: "", Role.OPERATOR: "HOT", Role.DISPATCHER: "HOT",
        Role.STREET: "SC", Role.DEPARTMENT: "D1", Role.COMMUNITY: "C", Role.PROPERTY: "P",
        Role.PATROL: "SC", Role.CALLER: "HOT", Role.SUPERVISOR: "LEAD", Role.ANALYST: "HOT",
        Role.LEADER: "LEAD", Role.AUDITOR: "LEAD", Role.ADMIN: "HOT",
    }  # fmt: skip
    everybody = {role.value: (role, unit) for role, unit in units.items()}
    make_actors(scene, everybody | {"department2": (Role.DEPARTMENT, "D2")})
    top = Category.objects.create(code="C01", name="城乡建设", level=1, path="城乡建设", valid_from=FROM)
    scene.category = Category.objects.create(
        code="C0101", name="安全隐患", level=2, parent=top, path="城乡建设 / 安全隐患", valid_from=FROM
    )
    return scene


def make_leaf(scene: Scene) -> Category:
    """A category of the third level that is found by words."""
    return Category.objects.create(
        code="C010101", name="餐饮油烟", level=3, parent=scene.category, path="环境 / 大气 / 餐饮油烟",
        valid_from=FROM,
    )  # fmt: skip


def make_case(scene: Scene, *, at: datetime = AT, by: str = "operator", **values: object) -> Case:
    """Creates a case just received."""
    concern = Concern(
        **{
            "kind": "appeal", "channel": "phone", "text": "楼道灯坏了三天，老人上下楼不方便。", "name": "王建国",
            "phone": "10001234567", "address": "老山东里北12号楼", "nature": "help", "grade": "general",
            **values,
        }  # type: ignore[arg-type]
    )  # fmt: skip
    return actions.receive(concern, actor=scene.actor(by), at=at).case


def dispatched(scene: Scene, *, at: datetime = AT, lead: str = "D1", **values: object) -> Case:
    case = make_case(scene, at=at, **values)
    return actions.dispatch(case.pk, actor=scene.actor("dispatcher"), at=at, lead_id=scene.unit(lead).pk)


def handling(scene: Scene, *, at: datetime = AT, lead: str = "D1", **values: object) -> Case:
    case = dispatched(scene, at=at, lead=lead, **values)
    return actions.sign(case.pk, actor=leader_of(scene, lead), at=at)


def leader_of(scene: Scene, lead: str) -> Actor:
    return scene.actor({"D1": "department", "D2": "department2", "S": "street"}[lead])


def visited(scene: Scene, *, at: datetime = AT, lead: str = "D1", **values: object) -> Case:
    case = handling(scene, at=at, lead=lead, **values)
    for kind in ("needs", "opinion"):
        case = actions.record_visit(
            case.pk, actor=leader_of(scene, lead), at=at, kinds=[kind], way="in_person", said="希望尽快修好"
        )
    return case


def reported(scene: Scene, *, at: datetime = AT, lead: str = "D1", **values: object) -> Case:
    case = visited(scene, at=at, lead=lead, **values)
    return actions.report_result(case.pk, actor=leader_of(scene, lead), at=at, text="已更换灯具并通电")


def visited_back(scene: Scene, *, at: datetime = AT, **values: object) -> Case:
    case = reported(scene, at=at, **values)
    return actions.visit_back(
        case.pk,
        actor=scene.actor("caller"),
        at=at,
        reached=True,
        contacted="yes",
        solved="yes",
        satisfied="yes",
    )


def closed(scene: Scene, *, at: datetime = AT, **values: object) -> Case:
    case = visited_back(scene, at=at, **values)
    return actions.close(case.pk, actor=scene.actor("supervisor"), at=at)


def relied_on(*counted: tuple[str, str, str, str, int], at: datetime = AT) -> str:
    """Creates a calibration in use with these counts: field, value, way, confirmed value, cases. Gives its version."""
    rows = [
        ReadingCount(ReadingKind(field, value, way), confirmed, value == confirmed, cases)
        for field, value, way, confirmed, cases in counted
    ]
    version, content = calibration.serialize(rows, {})
    learned = model_store.LearnedModel(version, content, at, 100, len(rows), 50, 0.1, "prior", 0.2, 0.2)
    model_store.add_model(
        confidences.CALIBRATION, learned, instead_of=model_store.model_in_use(confidences.CALIBRATION), at=at
    )
    return version
