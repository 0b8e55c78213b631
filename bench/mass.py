"""Mass data: many cases written by SQL, spread as in a district: by time, state, street, category and unit.

They are only for reading and have no history. Triggers and foreign keys are off
while they are written, and indexes are built afterwards.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product

import psycopg
from psycopg import sql

MINUTES_BETWEEN = 5  # 288 cases a day; a million are nine and a half years
TABLES = (
    "cases_case",
    "cases_casetext",
    "cases_involvement",
    "cases_assignment",
    "cases_visitback",
    "cases_reading",
)

# A number from 0 to 999 for the n-th case, varied by a salt: the same in every run.
MIXED = "(abs(hashint8extended(n, {salt})) %% 1000)"

STATES = """
CASE WHEN n < {recent} THEN (ARRAY['received','dispatched','dispatched','handling','handling','handling','handling',
    'handling','reported','closed'])[1 + {m} / 100]
ELSE CASE WHEN {m} < 5 THEN 'on_account' WHEN {m} < 10 THEN 'handling' WHEN {m} < 15 THEN 'reported'
    WHEN {m} < 60 THEN 'declined' WHEN {m} < 200 THEN 'answered' WHEN {m} < 230 THEN 'withdrawn' ELSE 'closed' END
END
"""

PLACES = """
CREATE TEMP TABLE street AS
    SELECT row_number() OVER (ORDER BY p.code) - 1 AS number, p.id AS street, u.id AS unit,
           (SELECT array_agg(c.id ORDER BY c.code) FROM registry_place c WHERE c.parent_id = p.id) AS communities,
           (SELECT array_agg(k.id ORDER BY k.code) FROM registry_unit k
            WHERE k.parent_id = u.id AND k.kind = 'community') AS children
    FROM registry_place p JOIN registry_unit u ON u.place_id = p.id AND u.kind = 'street' WHERE p.level = 'street';
CREATE TEMP TABLE category AS
    SELECT row_number() OVER (ORDER BY code) - 1 AS number, id, grade FROM registry_category WHERE level = 3;
CREATE TEMP TABLE department AS
    SELECT row_number() OVER (ORDER BY code) - 1 AS number, id FROM registry_unit WHERE kind = 'department';
CREATE TEMP TABLE said (number int, subject text, words text, search tsvector);
"""

DRAWN = """
CREATE TEMP TABLE drawn AS
SELECT n, s.street, s.communities[1 + {m2} %% cardinality(s.communities)] AS community,
       s.children[1 + {m2} %% cardinality(s.children)] AS child,
       CASE WHEN {m3} < 600 THEN s.unit ELSE d.id END AS unit, c.id AS category, c.grade, {state} AS state,
       %(now)s::timestamptz - n * interval '{minutes} minutes' AS received_at, {m5} %% %(texts)s AS text
FROM generate_series(%(first)s::bigint, %(last)s::bigint - 1) n
JOIN street s ON s.number = {m1} %% (SELECT count(*) FROM street)
JOIN category c ON c.number = ({m4} * {m4} / 1000) %% (SELECT count(*) FROM category)
JOIN department d ON d.number = {m2} %% (SELECT count(*) FROM department)
"""

CASES = """
INSERT INTO cases_case ({columns}) SELECT {values} FROM drawn JOIN said ON said.number = drawn.text
"""
GIVEN = {
    "id": "%(top)s - n",
    "number": "'SJ' || to_char(received_at, 'YYYYMMDD') || '-' || lpad((%(top)s - n)::text, 7, '0') || '-0'",
    "kind": "CASE WHEN n %% 10 = 0 THEN 'patrol' WHEN n %% 25 = 1 THEN 'enterprise' ELSE 'appeal' END",
    "channel": "'phone'",
    "state": "state",
    "received_at": "received_at",
    "subject": "subject",
    "requester_id": "CASE WHEN n %% 50 = 7 THEN (SELECT id FROM registry_person WHERE username = 'resident') END",
    "found_by_id": "CASE WHEN n %% 10 = 0 THEN (SELECT id FROM registry_person WHERE username = 'patrol') END",
    "phone_index": "decode(md5((n %% 200000)::text), 'hex')",
    "place_id": "community",
    "street_id": "street",
    "community_id": "community",
    "category_id": "category",
    "nature": "'help'",
    "grade": "grade",
    "urgency": "'normal'",
    "lead_id": "CASE WHEN state NOT IN ('received', 'declined', 'answered') THEN unit END",
    "contact_from_at": "received_at",
    "contact_due_at": "received_at + interval '1 day'",
    "finish_from_at": "received_at",
    "finish_due_at": "received_at + interval '5 days'",
    "reported_at": "CASE WHEN state IN ('reported', 'closed') THEN received_at + interval '3 days' END",
    "visited_back_at": "CASE WHEN state = 'closed' THEN received_at + interval '4 days' END",
    "closed_at": "CASE WHEN state = 'closed' THEN received_at + interval '5 days' END",
    "visit_back_due_at": "CASE WHEN state = 'reported' THEN received_at + interval '5 days' END",
    "paused_at": "CASE WHEN state = 'on_account' THEN received_at + interval '2 days' END",
    "review_on": "CASE WHEN state = 'on_account' THEN %(now)s::date + 30 END",
    "next_check_at": "CASE WHEN state IN ('received', 'dispatched', 'handling', 'on_account', 'reported') "
    "THEN %(now)s::timestamptz + interval '1 hour' + n * interval '1 second' END",
}
WORDS = """
INSERT INTO cases_casetext (case_id, salt, text, original, name, phone, address, preferred_contact, language, search)
SELECT %(top)s - n, '', words, '', '', '', '', '', 'zh-hans', said.search || to_tsvector('simple', 'n' || n)
FROM drawn JOIN said ON said.number = drawn.text
"""
PATHS = """
INSERT INTO cases_involvement (case_id, unit_id, received_at, open)
SELECT %(top)s - n, unit, received_at, cases_is_open(state) FROM drawn
WHERE state NOT IN ('received', 'declined', 'answered')
UNION ALL
SELECT %(top)s - n, child, received_at, cases_is_open(state) FROM drawn
WHERE state NOT IN ('received', 'declined', 'answered') AND n %% 10 < 3
"""
PARTS = """
INSERT INTO cases_assignment (case_id, unit_id, relation, handed_down_by_id, assigned_at, sign_due_at, signed_at,
    signed_late, due_at, reported_at, settled, ended_at, ended_by_merge)
SELECT %(top)s - n, unit, 'lead', NULL, received_at, received_at + interval '2 hours',
    CASE WHEN state <> 'dispatched' THEN received_at + interval '1 hour' END, false, NULL,
    CASE WHEN state IN ('reported', 'closed') THEN received_at + interval '3 days' END, false,
    CASE WHEN state IN ('closed', 'withdrawn') THEN received_at + interval '5 days' END, false
FROM drawn WHERE state NOT IN ('received', 'declined', 'answered')
UNION ALL
SELECT %(top)s - n, child, 'child', unit, received_at, NULL, NULL, false, received_at + interval '4 days',
    CASE WHEN state IN ('reported', 'closed') THEN received_at + interval '3 days' END, false,
    CASE WHEN state IN ('closed', 'withdrawn') THEN received_at + interval '5 days' END, false
FROM drawn WHERE state IN ('handling', 'on_account', 'reported', 'closed') AND child <> unit AND n %% 10 < 3
"""
ASKED_AGAIN = """
INSERT INTO cases_visitback (case_id, round, at, by_requester, reached, contacted, solved, satisfied, lead_id)
SELECT %(top)s - n, 1, received_at + interval '4 days', false, true, 'yes',
    CASE WHEN {m1} < 850 THEN 'yes' WHEN {m1} < 930 THEN 'partly' ELSE 'no' END,
    CASE WHEN {m2} < 900 THEN 'yes' ELSE 'no' END, unit
FROM drawn WHERE state = 'closed'
"""
# Rows for half a year, as many as the report on the quality of proposals reads.
READ = """
INSERT INTO cases_reading (case_id, at, category_version, words_version, category_id, category_among,
    category_confidence, place_id, place_among, nature, urgency, sensitive, grade, is_property, words, shown,
    certainty, certainty_version)
SELECT %(top)s - n, received_at, 'model-' || n / 20000, 'words-1',
    CASE WHEN {m1} < 900 THEN category ELSE (SELECT min(id) FROM category) END, '{}', {m2} / 1000.0, community, '{}',
    CASE WHEN {m3} < 700 THEN 'help' ELSE 'complaint' END, '', false, '', {m4} < 100, '{}', true,
    jsonb_build_object('nature', jsonb_build_object('share', {m3} / 1000.0, 'prior', false, 'way', ''))
    || CASE WHEN {m4} >= 100 THEN '{}' ELSE
        jsonb_build_object('is_property', jsonb_build_object('share', 0.8, 'prior', true, 'way', '')) END, 'prior'
FROM drawn WHERE n < 180 * 24 * 60 / {minutes}
"""
NOTHING = {
    "character varying": "''", "text": "''", "boolean": "false", "integer": "0", "smallint": "0",
    "bigint": "0", "ARRAY": "'{}'", "bytea": "''",
}  # fmt: skip

MATTERS = (
    "楼道灯坏了三天，老人上下楼不方便", "小区门口的路灯整条街都不亮", "夜里施工噪声很大，影响休息",
    "井盖破损，有人差点踩空",
    "垃圾桶满溢，几天没有清运", "暖气不热，室温只有十五度", "自来水发黄，不能饮用", "电梯经常停运，已经报修两次",
    "消防通道被车辆堵住", "违规搭建占用公共绿地", "餐馆油烟直排居民楼", "物业停车收费没有公示",
    "道路积水严重，行人无法通过", "树枝压在电线上，十分危险", "广场舞音响声音太大", "楼顶漏水，渗到家里墙面",
    "公交站牌被遮挡看不清", "共享单车乱停乱放", "流浪狗在小区里伤人", "充电桩损坏无法使用",
)  # fmt: skip
ASKED = (
    "请尽快派人处理",
    "希望相关部门到现场查看",
    "多次反映没有结果",
    "请给出明确的答复时间",
    "请协调物业公司解决",
)


def add(connection: psycopg.Connection, first: int, last: int, now: object, top: int) -> None:
    """Adds the first-th to the last-but-one case, counted back from the newest; primary keys count down from `top`."""
    with _bare(connection):
        _prepare(connection)
        values = {"now": now, "first": first, "last": last, "top": top, "texts": _texts(connection)}
        connection.execute(_filled(DRAWN), values)
        columns = _columns(connection)
        connection.execute(
            CASES.replace("{columns}", ", ".join(columns)).replace("{values}", ", ".join(columns.values())),
            values,
        )
        connection.execute(WORDS, values)
        for statement in (PATHS, PARTS, ASKED_AGAIN, READ):
            connection.execute(_filled(statement), values)
        connection.execute("DROP TABLE drawn, said, street, category, department")
    connection.execute(f"VACUUM (ANALYZE) {', '.join(TABLES)}")


def _filled(text: str) -> str:
    mixed = {f"{{m{salt}}}": MIXED.replace("{salt}", str(salt)) for salt in range(1, 6)}
    text = text.replace("{state}", STATES.replace("{m}", MIXED.replace("{salt}", "9")))
    text = text.replace("{recent}", str(14 * 24 * 60 // MINUTES_BETWEEN)).replace(
        "{minutes}", str(MINUTES_BETWEEN)
    )
    for name, value in mixed.items():
        text = text.replace(name, value)
    return text


def _prepare(connection: psycopg.Connection) -> None:
    connection.execute(PLACES)


def _texts(connection: psycopg.Connection) -> int:
    """Inserts a hundred different texts with their search words, as the platform makes them."""
    from jieban.base.text.search_tokens import tokens

    texts = [f"{matter}，{asked}。" for matter, asked in product(MATTERS, ASKED)]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO said VALUES (%s, %s, %s, to_tsvector('simple', %s))",
            [(i, text.split("，")[0], text, " ".join(tokens(text))) for i, text in enumerate(texts)],
        )
    return len(texts)


def _columns(connection: psycopg.Connection) -> dict[str, str]:
    """The SQL value of each column of a case."""
    rows = connection.execute(
        "SELECT column_name, data_type FROM information_schema.columns "
        "WHERE table_name = 'cases_case' AND is_nullable = 'NO' OR table_name = 'cases_case' "
        "AND column_name = ANY(%s)",
        [list(GIVEN)],
    ).fetchall()
    return {f'"{name}"': GIVEN.get(name) or NOTHING[kind] for name, kind in rows}


@contextmanager
def _bare(connection: psycopg.Connection) -> Iterator[None]:
    """Without triggers and indexes, so that one statement can write a million rows."""
    indexes = connection.execute(
        "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
        "WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisunique",
        [list(TABLES)],
    ).fetchall()
    for name, _definition in indexes:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    connection.execute("SET session_replication_role = replica")
    try:
        yield
    finally:
        connection.execute("SET session_replication_role = origin")
        for _name, definition in indexes:
            connection.execute(sql.SQL(definition))  # type: ignore[arg-type]
