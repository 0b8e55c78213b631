"""The tables of the registry, with what guards them and what a district begins with."""

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.expressions import CombinedExpression

from jieban.base.sql.at_once import BatchedOperations
from jieban.registry.initial_values import add_initial_values
from jieban.registry.ledger.append_only import append_only

PLACE_LEVELS = [
    ("district", "区"),
    ("street", "街道"),
    ("community", "社区"),
    ("estate", "小区"),
    ("building", "楼栋"),
    ("grid", "单元网格"),
]
UNIT_KINDS = [
    ("leadership", "区领导机关"),
    ("hotline", "区热线中心"),
    ("department", "区属部门"),
    ("street", "街道办事处"),
    ("street_centre", "街道指挥中心"),
    ("community", "社区居委会"),
    ("property", "物业服务企业"),
    ("owners", "业主委员会"),
    ("partner", "公共服务企业及合作单位"),
]
ROLES = [
    ("resident", "居民"),
    ("enterprise", "企业"),
    ("operator", "话务员"),
    ("dispatcher", "派单员"),
    ("street", "街道指挥中心"),
    ("department", "部门承办人"),
    ("community", "社区工作者"),
    ("property", "物业服务企业"),
    ("patrol", "巡查员"),
    ("caller", "回访员"),
    ("supervisor", "督查员"),
    ("analyst", "分析员"),
    ("leader", "领导"),
    ("auditor", "审计员"),
    ("admin", "系统管理员"),
    ("system", "系统"),
]
CHANGE_AREAS = [
    ("account", "账号与任职"),
    ("post", "岗位"),
    ("unit", "单位"),
    ("directory", "派单目录"),
    ("rule", "时限规则"),
    ("limit", "限额"),
    ("calendar", "日历"),
    ("calling", "回访时间"),
    ("category", "分类"),
    ("shift", "班次"),
    ("script", "通话用语"),
    ("message", "短信用语"),
]
DUTY_ROLES = [
    ("operator", "值班话务"),
    ("dispatcher", "值班派单"),
    ("leader", "值班领导"),
    ("staff", "值班人员"),
]
ARTICLE_STATES = [
    ("draft", "草稿"),
    ("in_force", "有效"),
    ("withdrawn", "已撤下"),
]

TABLES = [
    migrations.CreateModel(
        name="Place",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("code", models.CharField(max_length=40, unique=True, verbose_name="代码")),
            ("level", models.CharField(choices=PLACE_LEVELS, max_length=10, verbose_name="级别")),
            ("parent", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="children", to="registry.place")),
            ("name", models.CharField(max_length=100, verbose_name="名称")),
            ("aliases", ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
            ("lat", models.FloatField(blank=True, null=True)),
            ("long", models.FloatField(blank=True, null=True)),
            ("opened_on", models.DateField(verbose_name="启用日")),
            ("closed_on", models.DateField(blank=True, null=True, verbose_name="撤销日")),
        ],
        options={
            "indexes": [
                models.Index(fields=["level", "name"], name="registry_pl_level_16c409_idx"),
            ],
        },
    ),
    migrations.CreateModel(
        name="PlaceVersion",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("valid_from", models.DateField(verbose_name="生效日")),
            ("valid_to", models.DateField(blank=True, null=True, verbose_name="失效日")),
            ("place", models.ForeignKey(on_delete=models.CASCADE, related_name="versions", to="registry.place")),
            ("name", models.CharField(max_length=100)),
            ("boundary", models.JSONField(blank=True, null=True)),
            ("drawn", models.CharField(blank=True, choices=[("survey", "测绘成果"), ("sketch", "示意图，非测绘成果")], max_length=10)),
            ("source", models.CharField(max_length=200)),
            ("boundary_source", models.CharField(blank=True, max_length=200)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("place", "valid_from"), name="place_version_once"),
                models.CheckConstraint(condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="place_version_forward"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Unit",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("code", models.CharField(max_length=40, unique=True, verbose_name="代码")),
            ("name", models.CharField(max_length=100, verbose_name="名称")),
            ("short_name", models.CharField(blank=True, max_length=40, verbose_name="简称")),
            ("kind", models.CharField(choices=UNIT_KINDS, max_length=20, verbose_name="类型")),
            ("parent", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="children", to="registry.unit")),
            ("place", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="governed_by", to="registry.place")),
            ("opened_on", models.DateField(verbose_name="启用日")),
            ("closed_on", models.DateField(blank=True, null=True, verbose_name="撤销日")),
            ("estates", models.ManyToManyField(blank=True, related_name="served_by", to="registry.place")),
        ],
    ),
    migrations.CreateModel(
        name="Person",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("password", models.CharField(max_length=128, verbose_name="password")),
            ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
            ("username", models.CharField(max_length=60, unique=True, verbose_name="用户名")),
            ("name", models.CharField(max_length=60, verbose_name="姓名")),
            ("is_active", models.BooleanField(default=True, verbose_name="启用")),
            ("password_given", models.BooleanField(default=False, verbose_name="初始密码")),
        ],
        options={
            "indexes": [
                models.Index(fields=["name"], opclasses=["varchar_pattern_ops"], name="person_name"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Post",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("code", models.CharField(max_length=40, unique=True, verbose_name="代码")),
            ("name", models.CharField(max_length=60, verbose_name="名称")),
            ("unit", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="posts", to="registry.unit")),
            ("role", models.CharField(choices=ROLES, max_length=20, verbose_name="角色")),
            ("opened_on", models.DateField(verbose_name="启用日")),
            ("closed_on", models.DateField(blank=True, null=True, verbose_name="撤销日")),
        ],
    ),
    migrations.CreateModel(
        name="Holding",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("valid_from", models.DateField(verbose_name="生效日")),
            ("valid_to", models.DateField(blank=True, null=True, verbose_name="失效日")),
            ("person", models.ForeignKey(on_delete=models.CASCADE, related_name="holdings", to=settings.AUTH_USER_MODEL)),
            ("post", models.ForeignKey(on_delete=models.CASCADE, related_name="holdings", to="registry.post")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("person", "post", "valid_from"), name="holding_once"),
                models.CheckConstraint(condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="holding_forward"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Delegation",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("valid_from", models.DateField(verbose_name="生效日")),
            ("valid_to", models.DateField(blank=True, null=True, verbose_name="失效日")),
            ("post", models.ForeignKey(on_delete=models.CASCADE, related_name="delegations", to="registry.post")),
            ("giver", models.ForeignKey(on_delete=models.CASCADE, related_name="given_delegations", to=settings.AUTH_USER_MODEL)),
            ("person", models.ForeignKey(on_delete=models.CASCADE, related_name="delegations", to=settings.AUTH_USER_MODEL)),
            ("reason", models.CharField(max_length=200, verbose_name="事由")),
            ("given_at", models.DateTimeField()),
            ("revoked_at", models.DateTimeField(blank=True, null=True)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("post", "giver", "person", "valid_from"), condition=Q(revoked_at__isnull=True), name="delegation_once"),
                models.CheckConstraint(
                    condition=Q(valid_to__isnull=False) & Q(valid_to__gt=F("valid_from")) & Q(valid_to__lte=CombinedExpression(F("valid_from"), "+", models.Value(timedelta(days=90)))), name="delegation_has_an_end"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Session",
        fields=[
            ("session_key", models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key")),
            ("session_data", models.TextField(verbose_name="session data")),
            ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
            ("person", models.ForeignKey(null=True, on_delete=models.CASCADE, related_name="sessions", to=settings.AUTH_USER_MODEL)),
            ("began_at", models.DateTimeField(null=True)),
            ("device", models.CharField(blank=True, max_length=60)),
        ],
        options={
            "verbose_name": "session",
            "verbose_name_plural": "sessions",
        },
    ),
    migrations.CreateModel(
        name="ApiToken",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("digest", models.BinaryField(max_length=32, unique=True)),
            ("person", models.ForeignKey(on_delete=models.CASCADE, related_name="tokens", to=settings.AUTH_USER_MODEL)),
            ("post", models.ForeignKey(on_delete=models.CASCADE, related_name="tokens", to="registry.post")),
            ("created_at", models.DateTimeField()),
            ("revoked_at", models.DateTimeField(blank=True, null=True)),
        ],
    ),
    migrations.CreateModel(
        name="Category",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("valid_from", models.DateField(verbose_name="生效日")),
            ("valid_to", models.DateField(blank=True, null=True, verbose_name="失效日")),
            ("code", models.CharField(max_length=40, unique=True, verbose_name="代码")),
            ("name", models.CharField(max_length=60, verbose_name="名称")),
            ("level", models.PositiveSmallIntegerField(verbose_name="级")),
            ("parent", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="children", to="registry.category")),
            ("path", models.CharField(max_length=200)),
            ("grade", models.CharField(choices=[("simple", "简单"), ("general", "一般"), ("complex", "复杂")], default="general", max_length=10, verbose_name="难易")),
            ("needs_photo", models.BooleanField(default=False, verbose_name="须附照片")),
            ("is_property", models.BooleanField(default=False, verbose_name="物业服务")),
        ],
    ),
    migrations.CreateModel(
        name="DirectoryRow",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("valid_from", models.DateField(verbose_name="生效日")),
            ("valid_to", models.DateField(blank=True, null=True, verbose_name="失效日")),
            ("code", models.CharField(max_length=40, unique=True, verbose_name="条目号")),
            ("category", models.ForeignKey(on_delete=models.PROTECT, related_name="directory", to="registry.category")),
            ("place_level", models.CharField(choices=PLACE_LEVELS, max_length=10, verbose_name="地点级别")),
            ("place", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, to="registry.place")),
            ("duty", models.CharField(blank=True, max_length=60, verbose_name="职责")),
            ("lead", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="leads", to="registry.unit")),
            ("ground", models.CharField(max_length=300, verbose_name="依据")),
            ("edition", models.CharField(max_length=40, verbose_name="版本")),
            ("co_handlers", models.ManyToManyField(blank=True, related_name="co_handles", to="registry.unit")),
        ],
    ),
    migrations.CreateModel(
        name="LoadedFile",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=40, unique=True)),
            ("version", models.PositiveIntegerField(default=0)),
            ("changed_at", models.DateTimeField()),
        ],
    ),
    migrations.CreateModel(
        name="Attempt",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=40)),
            ("key", models.BinaryField(max_length=32)),
            ("since", models.DateTimeField()),
            ("count", models.PositiveIntegerField()),
        ],
        options={
            "indexes": [
                models.Index(fields=["since"], name="attempt_since"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("name", "key"), name="attempt_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="ConfigChange",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("at", models.DateTimeField()),
            ("person", models.ForeignKey(db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("post", models.ForeignKey(db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="registry.post")),
            ("area", models.CharField(choices=CHANGE_AREAS, max_length=12, verbose_name="类别")),
            ("key", models.CharField(max_length=120)),
            ("label", models.CharField(max_length=200)),
            ("what", models.CharField(max_length=60)),
            ("before", models.JSONField(default=dict)),
            ("after", models.JSONField(default=dict)),
            ("reason", models.CharField(max_length=200, verbose_name="理由")),
        ],
        options={
            "indexes": [
                models.Index(fields=["area", "-id"], name="change_area"),
                models.Index(fields=["person", "-id"], name="change_person"),
                models.Index(fields=["area", "key", "-id"], name="change_key"),
                models.Index(fields=["at"], name="change_at"),
            ],
        },
    ),
    migrations.CreateModel(
        name="ShiftKind",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("valid_from", models.DateField(verbose_name="生效日")),
            ("valid_to", models.DateField(blank=True, null=True, verbose_name="失效日")),
            ("name", models.CharField(max_length=20, verbose_name="班次")),
            ("starts", models.TimeField(verbose_name="开始")),
            ("ends", models.TimeField(verbose_name="结束")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("name",), condition=Q(valid_to=None), name="shift_kind_open_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Duty",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("unit", models.ForeignKey(on_delete=models.PROTECT, related_name="duties", to="registry.unit")),
            ("role", models.CharField(choices=DUTY_ROLES, max_length=10, verbose_name="值班岗位")),
            ("shift", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="registry.shiftkind")),
            ("person", models.ForeignKey(on_delete=models.PROTECT, related_name="duties", to=settings.AUTH_USER_MODEL)),
            ("post", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="registry.post")),
            ("starts_at", models.DateTimeField()),
            ("ends_at", models.DateTimeField()),
            ("phone", models.CharField(blank=True, max_length=30, verbose_name="值班电话")),
        ],
        options={
            "indexes": [
                models.Index(fields=["unit", "ends_at"], name="duty_unit"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("person", "starts_at"), name="duty_once"),
                models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="duty_forward"),
            ],
        },
    ),
    migrations.CreateModel(
        name="HandOver",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("duty", models.OneToOneField(on_delete=models.PROTECT, related_name="hand_over", to="registry.duty")),
            ("unit", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="registry.unit")),
            ("role", models.CharField(choices=DUTY_ROLES, max_length=10)),
            ("written_at", models.DateTimeField()),
            ("open_matters", models.TextField(verbose_name="未了事项")),
            ("watch", models.TextField(blank=True, verbose_name="需要留意")),
            ("cases", ArrayField(base_field=models.CharField(max_length=24), blank=True, default=list, size=None)),
            ("confirmed_by", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("confirmed_at", models.DateTimeField(blank=True, null=True)),
        ],
        options={
            "indexes": [
                models.Index(fields=["unit", "role"], condition=Q(confirmed_at=None), name="hand_over_unread"),
                models.Index(fields=["unit", "-written_at"], name="hand_over_course"),
            ],
            "constraints": [
                models.CheckConstraint(condition=Q(confirmed_at=None, confirmed_by=None) | Q(confirmed_at__isnull=False, confirmed_by__isnull=False), name="hand_over_confirmed"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Article",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("title", models.CharField(max_length=100, verbose_name="标题")),
            ("body", models.TextField(verbose_name="正文")),
            ("category", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="registry.category", verbose_name="分类")),
            ("unit", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="registry.unit", verbose_name="责任单位")),
            ("valid_from", models.DateField(verbose_name="生效日")),
            ("valid_until", models.DateField(blank=True, null=True, verbose_name="有效至")),
            ("source", models.CharField(max_length=200, verbose_name="来源文件")),
            ("keywords", models.CharField(blank=True, max_length=200, verbose_name="关键词")),
            ("state", models.CharField(choices=ARTICLE_STATES, max_length=10, verbose_name="状态")),
            ("version", models.PositiveIntegerField(default=1)),
            ("changed_at", models.DateTimeField()),
            ("search", SearchVectorField(null=True)),
        ],
        options={
            "indexes": [
                GinIndex(fields=["search"], name="article_search"),
                models.Index(fields=["title", "id"], name="article_title"),
                models.Index(fields=["unit", "valid_until"], name="article_review"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("unit", "title"), name="article_once"),
                models.CheckConstraint(condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")), name="article_forward"),
            ],
        },
    ),
    migrations.CreateModel(
        name="ArticleVersion",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("title", models.CharField(max_length=100, verbose_name="标题")),
            ("body", models.TextField(verbose_name="正文")),
            ("category", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="registry.category", verbose_name="分类")),
            ("unit", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="registry.unit", verbose_name="责任单位")),
            ("valid_from", models.DateField(verbose_name="生效日")),
            ("valid_until", models.DateField(blank=True, null=True, verbose_name="有效至")),
            ("source", models.CharField(max_length=200, verbose_name="来源文件")),
            ("keywords", models.CharField(blank=True, max_length=200, verbose_name="关键词")),
            ("state", models.CharField(choices=ARTICLE_STATES, max_length=10, verbose_name="状态")),
            ("article", models.ForeignKey(on_delete=models.PROTECT, related_name="versions", to="registry.article")),
            ("number", models.PositiveIntegerField()),
            ("person", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("at", models.DateTimeField()),
            ("why", models.CharField(blank=True, max_length=200, verbose_name="修改原因")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("article", "number"), name="article_version_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="CorrectionProposal",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("article", models.ForeignKey(on_delete=models.PROTECT, related_name="proposals", to="registry.article")),
            ("number", models.PositiveIntegerField()),
            ("person", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("at", models.DateTimeField()),
            ("wrong", models.TextField(verbose_name="哪里有误")),
            ("proposed", models.TextField(blank=True, verbose_name="建议改为")),
            ("decided_at", models.DateTimeField(blank=True, null=True)),
            ("decided_by", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("accepted", models.BooleanField(null=True)),
            ("reason", models.CharField(blank=True, max_length=300, verbose_name="答复")),
        ],
        options={
            "indexes": [
                models.Index(fields=["article"], condition=Q(decided_at=None), name="proposal_open"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("article", "person"), condition=Q(decided_at=None), name="proposal_once"),
                models.CheckConstraint(condition=Q(accepted=None, decided_at=None) | Q(accepted__isnull=False, decided_at__isnull=False), name="proposal_decided"),
            ],
        },
    ),
    migrations.CreateModel(
        name="CallScript",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("text", models.TextField()),
            ("at", models.DateTimeField()),
            ("person", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
        ],
        options={
            "indexes": [
                models.Index(fields=["-at", "-id"], name="call_script_newest"),
            ],
        },
    ),
    migrations.CreateModel(
        name="DocumentFile",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=100, null=True, unique=True)),
            ("thumb", models.CharField(blank=True, max_length=100)),
            ("width", models.PositiveIntegerField(null=True)),
            ("height", models.PositiveIntegerField(null=True)),
            ("erased_at", models.DateTimeField(null=True)),
        ],
        options={
            "indexes": [
                models.Index(fields=["thumb"], condition=~Q(thumb=""), name="document_thumb"),
            ],
            "constraints": [
                models.CheckConstraint(condition=Q(erased_at=None) | Q(name=None, thumb=""), name="document_file_erased"),
            ],
        },
    ),
    migrations.CreateModel(
        name="DocumentBody",
        fields=[
            ("file", models.OneToOneField(on_delete=models.PROTECT, primary_key=True, related_name="body", serialize=False, to="registry.documentfile")),
            ("sealed", models.BinaryField()),
        ],
    ),
    migrations.CreateModel(
        name="Seal",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("level", models.CharField(choices=[("interim", "Interim"), ("day", "Day")], max_length=8)),
            ("day", models.DateField()),
            ("first_id", models.BigIntegerField()),
            ("last_id", models.BigIntegerField()),
            ("count", models.BigIntegerField()),
            ("root", models.BinaryField(max_length=32)),
            ("previous", models.BinaryField(max_length=32)),
            ("made_at", models.DateTimeField()),
            ("key_id", models.CharField(max_length=16)),
            ("signature", models.BinaryField(max_length=64)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("level", "first_id"), name="seal_once"),
            ],
        },
    ),
]

FORWARD = """
CREATE SEQUENCE registry_event_id AS bigint;
CREATE FUNCTION registry_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log of changes is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION registry_refuse_history_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER configchange_append_only BEFORE UPDATE OR DELETE ON registry_configchange
    FOR EACH ROW EXECUTE FUNCTION registry_refuse_change();
CREATE TRIGGER configchange_no_truncate BEFORE TRUNCATE ON registry_configchange
    FOR EACH STATEMENT EXECUTE FUNCTION registry_refuse_change();
"""
BACKWARD = """
DROP FUNCTION registry_refuse_change(), registry_refuse_history_change() CASCADE;
DROP SEQUENCE registry_event_id;
"""


def add_values(apps, schema_editor):
    add_initial_values(apps)


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        BatchedOperations(TABLES),
        migrations.RunSQL(FORWARD + append_only("registry_seal"), BACKWARD),
        migrations.RunPython(add_values, migrations.RunPython.noop),
    ]
