"""The tables of the cases, with what guards them and the rules a district begins with."""

from pathlib import Path

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import migrations, models
from django.db.models import F, Q

from jieban.base.sql.at_once import BatchedOperations
from jieban.cases.initial_rules import add_initial_rules
from jieban.registry.ledger.append_only import append_only

KINDS = [
    ("appeal", "群众诉求"),
    ("enterprise", "企业诉求"),
    ("patrol", "巡查案件"),
]
STATES = [
    ("received", "已受理"),
    ("declined", "不予受理"),
    ("answered", "即时答复"),
    ("dispatched", "已派单"),
    ("handling", "办理中"),
    ("on_account", "挂账"),
    ("reported", "已报结"),
    ("closed", "已结案"),
    ("merged", "已并案"),
    ("split", "已拆分"),
    ("withdrawn", "已撤诉"),
]
NATURES = [
    ("consult", "咨询"),
    ("help", "求助"),
    ("complaint", "投诉"),
    ("report", "举报"),
    ("suggestion", "建议"),
    ("praise", "表扬"),
]
GRADES = [
    ("simple", "简单"),
    ("general", "一般"),
    ("complex", "复杂"),
]
URGENCIES = [
    ("normal", "一般"),
    ("urgent", "紧急"),
    ("life", "危及生命安全"),
]
ACTIONS = [
    ("receive", "受理"),
    ("answer_now", "即时答复"),
    ("decline", "不予受理"),
    ("hand_over", "移交紧急服务"),
    ("merge", "并案"),
    ("unmerge", "撤销并案"),
    ("split", "拆分"),
    ("dispatch", "派单"),
    ("sign", "签收"),
    ("hand_down", "下派"),
    ("whistle", "吹哨"),
    ("arrive", "报到"),
    ("co_report", "协办回复"),
    ("dispute", "退单"),
    ("settle", "裁定"),
    ("record_visit", "记录见面"),
    ("request_extension", "申请延期"),
    ("put_on_account", "挂账"),
    ("grant", "同意申请"),
    ("refuse", "不同意申请"),
    ("review", "挂账复核"),
    ("resume", "恢复办理"),
    ("report_result", "报结"),
    ("send_back", "退回重办"),
    ("visit_back", "回访"),
    ("check", "现场核查"),
    ("close", "结案"),
    ("reopen", "重新办理"),
    ("remind", "催办"),
    ("supervise", "督办"),
    ("escalate", "提级"),
    ("take_over", "提办"),
    ("reclassify", "更正分类"),
    ("mark_urgent", "标为紧急"),
    ("add_note", "备注"),
    ("attach", "添加附件"),
    ("withdraw", "撤诉"),
    ("supplement", "补充情况"),
    ("publish", "公开诉求"),
    ("unpublish", "撤下公开"),
    ("support", "支持诉求"),
    ("warn", "时限提醒"),
    ("recompute_due", "重算时限"),
    ("erase", "清除个人信息"),
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
MODEL_KINDS = [
    ("category", "分类"),
    ("calibration", "把握"),
]
LIMIT_NAMES = [
    ("sign_hours", "签收时限（小时）"),
    ("return_hours", "退单时限（小时）"),
    ("disputes", "退单次数上限，达到后改为联办"),
    ("reopen_days", "重新办理时限（天）"),
    ("account_days", "挂账复核间隔上限（天）"),
    ("visit_back_hours", "回访时限（小时）"),
    ("attempts", "回访无人应答次数"),
    ("auto_close_hours", "回访后自动结案（小时）"),
    ("child_share", "下派时限占剩余时间的百分比"),
    ("call_again_minutes", "无人接听后多久可再打（分钟）"),
    ("call_lease_minutes", "一件回访由一人占用多久（分钟）"),
    ("unmask_hour", "一人一小时内查看联系方式的次数，超过即预警"),
    ("late_hours", "补送记录须确认的时间（小时）"),
    ("article_days", "知识条目到期前提醒（天）"),
    ("office_from", "工作日上班（时）"),
    ("office_to", "工作日下班（时）"),
]

TABLES = [
    migrations.CreateModel(
        name="NumberDay",
        fields=[
            ("day", models.DateField(primary_key=True, serialize=False)),
            ("base", models.BigIntegerField()),
        ],
    ),
    migrations.CreateModel(
        name="Case",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("number", models.CharField(max_length=24, unique=True, verbose_name="单号")),
            ("kind", models.CharField(choices=KINDS, max_length=12, verbose_name="类型")),
            ("channel", models.CharField(choices=[("phone", "电话"), ("web", "网页"), ("wechat", "微信"), ("api", "接口"), ("import", "文件导入"), ("patrol", "巡查")], max_length=12, verbose_name="渠道")),
            ("state", models.CharField(choices=STATES, max_length=12, verbose_name="状态")),
            ("received_at", models.DateTimeField(verbose_name="受理时间")),
            ("subject", models.CharField(max_length=200, verbose_name="主题")),
            ("requester", models.ForeignKey(blank=True, db_index=False, null=True, on_delete=models.PROTECT, related_name="cases", to=settings.AUTH_USER_MODEL)),
            ("anonymous", models.BooleanField(default=False, verbose_name="匿名")),
            ("hidden", models.BooleanField(default=False, verbose_name="要求保密")),
            ("shared_with_property", models.BooleanField(default=False, verbose_name="同意告知物业")),
            ("found_by", models.ForeignKey(blank=True, db_index=False, null=True, on_delete=models.PROTECT, related_name="found_cases", to=settings.AUTH_USER_MODEL)),
            ("phone_index", models.BinaryField(default=b"", max_length=16)),
            ("place", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="cases", to="registry.place")),
            ("street", models.ForeignKey(blank=True, db_index=False, null=True, on_delete=models.PROTECT, related_name="street_cases", to="registry.place")),
            ("community", models.ForeignKey(blank=True, db_index=False, null=True, on_delete=models.PROTECT, related_name="community_cases", to="registry.place")),
            ("lat", models.FloatField(blank=True, null=True)),
            ("long", models.FloatField(blank=True, null=True)),
            ("category", models.ForeignKey(blank=True, db_index=False, null=True, on_delete=models.PROTECT, related_name="cases", to="registry.category")),
            ("nature", models.CharField(choices=NATURES, max_length=12, verbose_name="性质")),
            ("grade", models.CharField(choices=GRADES, max_length=10, verbose_name="难易")),
            ("urgency", models.CharField(choices=URGENCIES, max_length=10, verbose_name="紧急程度")),
            ("sensitive", models.BooleanField(default=False, verbose_name="敏感")),
            ("is_property", models.BooleanField(default=False, verbose_name="物业服务")),
            ("tags", ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
            ("primary", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="merged_cases", to="cases.case")),
            ("parent", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="split_cases", to="cases.case")),
            ("state_before_merge", models.CharField(blank=True, choices=STATES, max_length=12)),
            ("lead", models.ForeignKey(blank=True, db_index=False, null=True, on_delete=models.PROTECT, related_name="led_cases", to="registry.unit")),
            ("complained_about", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="complaints", to="registry.unit")),
            ("contact_rule", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="cases.deadlinerule")),
            ("finish_rule", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="cases.deadlinerule")),
            ("contact_from_at", models.DateTimeField(null=True)),
            ("contact_due_at", models.DateTimeField(null=True, verbose_name="联系时限")),
            ("contact_met_at", models.DateTimeField(blank=True, null=True)),
            ("finish_from_at", models.DateTimeField(null=True)),
            ("finish_due_at", models.DateTimeField(null=True, verbose_name="办结时限")),
            ("provisional", models.BooleanField(default=False, verbose_name="时限为暂定")),
            ("dispatched_at", models.DateTimeField(blank=True, null=True)),
            ("reported_at", models.DateTimeField(blank=True, null=True, verbose_name="报结时间")),
            ("visited_back_at", models.DateTimeField(blank=True, null=True, verbose_name="回访时间")),
            ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="结案时间")),
            ("visit_back_due_at", models.DateTimeField(blank=True, null=True, verbose_name="回访时限")),
            ("paused_at", models.DateTimeField(blank=True, null=True)),
            ("review_on", models.DateField(blank=True, null=True, verbose_name="复核日期")),
            ("next_check_at", models.DateTimeField(blank=True, null=True)),
            ("warned", ArrayField(base_field=models.CharField(max_length=30), blank=True, default=list, size=None)),
            ("round", models.PositiveIntegerField(default=0)),
            ("reopened_count", models.PositiveIntegerField(default=0)),
            ("dispute_count", models.PositiveIntegerField(default=0)),
            ("extension_count", models.PositiveIntegerField(default=0)),
            ("reminded_count", models.PositiveIntegerField(default=0)),
            ("supervised", models.BooleanField(default=False, verbose_name="督办")),
            ("level", models.PositiveSmallIntegerField(default=0, verbose_name="提级")),
            ("taken_over_by", models.CharField(blank=True, max_length=12, verbose_name="提办")),
            ("source", models.CharField(blank=True, max_length=60)),
            ("source_ref", models.CharField(blank=True, max_length=120)),
            ("source_at", models.DateTimeField(blank=True, null=True)),
            ("source_digest", models.BinaryField(default=b"", max_length=32)),
            ("event_count", models.PositiveIntegerField(default=0)),
            ("last_hash", models.BinaryField(default=b"", max_length=32)),
        ],
        options={
            "indexes": [
                models.Index(fields=["-received_at", "-id"], name="case_received"),
                models.Index(fields=["state", "-received_at", "-id"], name="case_state"),
                models.Index(fields=["-received_at", "-id"], condition=Q(state__in=["dispatched", "handling", "on_account", "received", "reported"]), name="case_open"),
                models.Index(fields=["street", "-received_at", "-id"], name="case_street"),
                models.Index(fields=["street", "-received_at", "-id"], condition=Q(state__in=["dispatched", "handling", "on_account", "received", "reported"]), name="case_street_open"),
                models.Index(fields=["community", "-received_at", "-id"], condition=Q(community__isnull=False), name="case_community"),
                models.Index(fields=["category", "-received_at", "-id"], name="case_category"),
                models.Index(fields=["lead", "-received_at", "-id"], name="case_lead"),
                models.Index(fields=["requester", "-received_at"], name="case_requester"),
                models.Index(fields=["found_by", "-received_at"], condition=Q(found_by__isnull=False), name="case_found_by"),
                models.Index(fields=["phone_index"], condition=~Q(phone_index=b""), name="case_phone"),
                models.Index(fields=["next_check_at"], condition=Q(next_check_at__isnull=False), name="case_next_check"),
                models.Index(fields=["id"], condition=Q(provisional=True), name="case_provisional"),
                models.Index(fields=["finish_due_at", "id"], condition=Q(state__in=["dispatched", "handling", "received"]), name="case_overdue"),
                models.Index(fields=["visit_back_due_at", "id"], condition=Q(visit_back_due_at__isnull=False), name="case_to_visit_back"),
                models.Index(fields=["-received_at", "-id"], condition=Q(state="merged", visited_back_at=None), name="case_merged_to_ask"),
                models.Index(fields=["finish_due_at"], name="case_finish_due"),
                models.Index(fields=["review_on"], condition=Q(state="on_account"), name="case_review"),
                models.Index(fields=["visited_back_at"], condition=Q(state="reported", visited_back_at__isnull=False), name="case_asked_back"),
                models.Index(fields=["reopened_count"], condition=Q(reopened_count__gt=1, state__in=["dispatched", "handling", "on_account", "received", "reported"]), name="case_reopened"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("source", "source_ref"), condition=~Q(source_ref=""), name="case_source_once"),
                models.CheckConstraint(condition=Q(primary__isnull=False, state="merged") | (~Q(state="merged") & Q(primary__isnull=True)), name="case_merged_has_primary"),
                models.CheckConstraint(condition=~Q(state="closed") | Q(visited_back_at__isnull=False), name="case_closed_visited_back"),
                models.CheckConstraint(condition=~Q(state="on_account") | Q(paused_at__isnull=False, review_on__isnull=False), name="case_on_account_review"),
                models.CheckConstraint(condition=Q(state__in=["received", "declined", "answered", "dispatched", "handling", "on_account", "reported", "closed", "merged", "split", "withdrawn"]), name="case_state_known"),
            ],
        },
    ),
    migrations.CreateModel(
        name="CaseText",
        fields=[
            ("case", models.OneToOneField(on_delete=models.PROTECT, primary_key=True, related_name="words", serialize=False, to="cases.case")),
            ("salt", models.BinaryField(max_length=16)),
            ("text", models.TextField(verbose_name="内容")),
            ("original", models.BinaryField(default=b"")),
            ("name", models.BinaryField(default=b"")),
            ("phone", models.BinaryField(default=b"")),
            ("address", models.BinaryField(default=b"")),
            ("preferred_contact", models.CharField(blank=True, max_length=100)),
            ("language", models.CharField(choices=[("zh-hans", "中文"), ("en", "英文")], default="zh-hans", max_length=10)),
            ("search", SearchVectorField(null=True)),
            ("erased_at", models.DateTimeField(blank=True, null=True)),
        ],
        options={
            "indexes": [
                GinIndex(fields=["search"], name="case_search"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Assignment",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("case", models.ForeignKey(on_delete=models.PROTECT, related_name="assignments", to="cases.case")),
            ("unit", models.ForeignKey(on_delete=models.PROTECT, related_name="assignments", to="registry.unit")),
            ("relation", models.CharField(choices=[("lead", "主办"), ("next_lead", "改派待签收"), ("co_handler", "协办"), ("child", "下派承办"), ("property", "双派物业")], max_length=12)),
            ("handed_down_by", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="registry.unit")),
            ("assigned_at", models.DateTimeField()),
            ("sign_due_at", models.DateTimeField(blank=True, null=True)),
            ("signed_at", models.DateTimeField(blank=True, null=True)),
            ("signed_late", models.BooleanField(default=False)),
            ("due_at", models.DateTimeField(blank=True, null=True)),
            ("reported_at", models.DateTimeField(blank=True, null=True)),
            ("settled", models.BooleanField(default=False)),
            ("ended_at", models.DateTimeField(blank=True, null=True)),
            ("ended_by_merge", models.BooleanField(default=False)),
        ],
        options={
            "indexes": [
                models.Index(fields=["unit"], condition=Q(ended_at=None), name="assignment_active"),
                models.Index(fields=["unit", "assigned_at"], condition=Q(relation="lead"), name="assignment_led"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("case",), condition=Q(ended_at=None, relation="lead"), name="one_active_lead"),
                models.UniqueConstraint(fields=("case",), condition=Q(ended_at=None, relation="next_lead"), name="one_next_lead"),
                models.UniqueConstraint(fields=("case", "unit"), condition=Q(ended_at=None) & ~Q(relation="next_lead"), name="unit_once_in_case"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Involvement",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("case", models.ForeignKey(on_delete=models.PROTECT, related_name="involvements", to="cases.case")),
            ("unit", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="registry.unit")),
            ("received_at", models.DateTimeField()),
            ("open", models.BooleanField(default=False)),
        ],
        options={
            "indexes": [
                models.Index(fields=["unit", "-received_at", "-case"], name="involvement_list"),
                models.Index(fields=["unit", "-received_at", "-case"], condition=Q(open=True), name="involvement_open"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("case", "unit"), name="involved_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Dispute",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("case", models.ForeignKey(on_delete=models.PROTECT, related_name="disputes", to="cases.case")),
            ("assignment", models.OneToOneField(on_delete=models.PROTECT, to="cases.assignment")),
            ("proposed", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="registry.unit")),
            ("opened_at", models.DateTimeField()),
            ("settled_at", models.DateTimeField(blank=True, null=True)),
            ("outcome", models.CharField(blank=True, choices=[("uphold", "维持原派单"), ("reassign", "改派"), ("joint", "联办")], max_length=10)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("case",), condition=Q(settled_at=None), name="one_open_dispute"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Visit",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("case", models.ForeignKey(on_delete=models.PROTECT, related_name="visits", to="cases.case")),
            ("kind", models.CharField(choices=[("needs", "访需求"), ("opinion", "访意见"), ("effect", "访效果")], max_length=10)),
            ("way", models.CharField(choices=[("in_person", "当面"), ("phone", "电话"), ("message", "消息")], max_length=10)),
            ("at", models.DateTimeField()),
            ("unit", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="registry.unit")),
            ("person", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("round", models.PositiveIntegerField()),
        ],
        options={
            "indexes": [
                models.Index(fields=["case"], name="visit_case"),
            ],
        },
    ),
    migrations.CreateModel(
        name="VisitBack",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("case", models.ForeignKey(on_delete=models.PROTECT, related_name="visit_backs", to="cases.case")),
            ("round", models.PositiveIntegerField()),
            ("at", models.DateTimeField()),
            ("person", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("by_requester", models.BooleanField(default=False)),
            ("reached", models.BooleanField()),
            ("contacted", models.CharField(blank=True, choices=[("yes", "联系过"), ("no", "没有联系"), ("no_answer", "未作回答")], max_length=10)),
            ("solved", models.CharField(blank=True, choices=[("yes", "已解决"), ("partly", "部分解决"), ("no", "未解决"), ("no_answer", "未作回答")], max_length=10)),
            ("satisfied", models.CharField(blank=True, choices=[("yes", "满意"), ("mostly", "基本满意"), ("no", "不满意"), ("no_answer", "未作回答")], max_length=10)),
            ("check_passed", models.BooleanField(blank=True, null=True)),
            ("lead", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="registry.unit")),
            ("recording", models.CharField(blank=True, max_length=60, null=True, verbose_name="录音编号")),
        ],
        options={
            "indexes": [
                models.Index(fields=["case"], name="visit_back_case"),
                models.Index(fields=["lead", "at"], name="visit_back_lead"),
                models.Index(fields=["at"], name="visit_back_at"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Request",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("case", models.ForeignKey(on_delete=models.PROTECT, related_name="requests", to="cases.case")),
            ("kind", models.CharField(choices=[("extension", "延期"), ("account", "挂账")], max_length=10)),
            ("unit", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="registry.unit")),
            ("asked_at", models.DateTimeField()),
            ("new_due_at", models.DateTimeField(blank=True, null=True)),
            ("old_due_at", models.DateTimeField(blank=True, null=True)),
            (
                "reason_code",
                models.CharField(
                    blank=True, choices=[("plan", "已列入改造或整治计划"), ("funds", "资金尚未落实"), ("history", "历史遗留问题"), ("law", "现行政策法规限制"), ("season", "受季节或施工条件限制")], max_length=12
                ),
            ),
            ("responsible", models.CharField(blank=True, max_length=60)),
            ("review_on", models.DateField(blank=True, null=True)),
            ("decided_at", models.DateTimeField(blank=True, null=True)),
            ("granted", models.BooleanField(blank=True, null=True)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("case",), condition=Q(decided_at=None), name="one_pending_request"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Order",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("case", models.ForeignKey(on_delete=models.PROTECT, related_name="orders", to="cases.case")),
            ("kind", models.CharField(choices=[("remind", "催办"), ("supervise", "督办"), ("escalate", "提级"), ("take_over", "提办")], max_length=10)),
            ("at", models.DateTimeField()),
            ("unit", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="+", to="registry.unit")),
            ("body", models.CharField(blank=True, choices=[("direct_line", "区领导直通车"), ("task_force", "专班"), ("backstop", "兜底")], max_length=12)),
            ("answer_by", models.DateTimeField(blank=True, null=True)),
        ],
        options={
            "indexes": [
                models.Index(fields=["case"], name="order_case"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Whistle",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("case", models.ForeignKey(on_delete=models.PROTECT, related_name="whistles", to="cases.case")),
            ("kind", models.CharField(choices=[("prominent", "重点难点问题"), ("joint", "综合执法"), ("emergency", "应急处置")], max_length=10)),
            ("street", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="registry.unit")),
            ("at", models.DateTimeField()),
            ("meet_at", models.DateTimeField()),
        ],
        options={
            "indexes": [
                models.Index(fields=["case"], name="whistle_case"),
            ],
        },
    ),
    migrations.CreateModel(
        name="WhistleCall",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("case", models.ForeignKey(on_delete=models.PROTECT, related_name="whistle_calls", to="cases.case")),
            ("whistle", models.ForeignKey(on_delete=models.PROTECT, related_name="calls", to="cases.whistle")),
            ("unit", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="registry.unit")),
            ("arrived_at", models.DateTimeField(blank=True, null=True)),
        ],
        options={
            "indexes": [
                models.Index(fields=["unit"], condition=Q(arrived_at=None), name="whistle_open"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("whistle", "unit"), name="called_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Attachment",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("case", models.ForeignKey(on_delete=models.PROTECT, related_name="attachments", to="cases.case")),
            ("kind", models.CharField(choices=[("photo", "照片"), ("document", "文件"), ("audio", "录音"), ("video", "录像")], max_length=10)),
            ("media_type", models.CharField(max_length=100)),
            ("size", models.PositiveIntegerField()),
            ("sha256", models.CharField(max_length=64)),
            ("stored_sha256", models.CharField(max_length=64)),
            ("at", models.DateTimeField()),
            ("round", models.PositiveIntegerField(default=0)),
            ("person", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("unit", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="registry.unit")),
            ("file", models.OneToOneField(on_delete=models.PROTECT, related_name="+", to="registry.documentfile")),
        ],
        options={
            "indexes": [
                models.Index(fields=["case"], name="attachment_case"),
            ],
        },
    ),
    migrations.CreateModel(
        name="AlsoNotified",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("case", models.ForeignKey(on_delete=models.PROTECT, related_name="also_told", to="cases.case")),
            ("at", models.DateTimeField()),
            ("phone_index", models.BinaryField(max_length=16)),
            ("phone", models.BinaryField()),
            ("name", models.BinaryField(default=b"")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("case", "phone_index"), name="also_told_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Call",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("call_id", models.CharField(max_length=100, unique=True)),
            ("person", models.ForeignKey(on_delete=models.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("stage", models.CharField(choices=[("ringing", "振铃"), ("answered", "通话中"), ("ended", "已挂断")], max_length=10)),
            ("number", models.BinaryField(default=b"")),
            ("rang_at", models.DateTimeField(null=True)),
            ("answered_at", models.DateTimeField(null=True)),
            ("ended_at", models.DateTimeField(null=True)),
            ("told_at", models.DateTimeField()),
            ("case", models.ForeignKey(null=True, on_delete=models.SET_NULL, related_name="calls", to="cases.case")),
        ],
        options={
            "indexes": [
                models.Index(fields=["person", "-told_at"], name="call_person"),
                models.Index(fields=["told_at"], condition=~Q(number=b""), name="call_number_kept"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Draft",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("person", models.ForeignKey(on_delete=models.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("key", models.CharField(max_length=64)),
            ("at", models.DateTimeField()),
            ("sealed", models.BinaryField()),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("person", "key"), name="draft_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="CallLease",
        fields=[
            ("case", models.OneToOneField(on_delete=models.CASCADE, primary_key=True, related_name="call_lease", serialize=False, to="cases.case")),
            ("person", models.ForeignKey(on_delete=models.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("until", models.DateTimeField()),
            ("reason", models.CharField(blank=True, max_length=200)),
        ],
    ),
    migrations.CreateModel(
        name="CaseEvent",
        fields=[
            ("id", models.BigIntegerField(primary_key=True, serialize=False)),
            ("case", models.ForeignKey(on_delete=models.PROTECT, related_name="events", to="cases.case")),
            ("seq", models.PositiveIntegerField()),
            ("action", models.CharField(choices=ACTIONS, max_length=20)),
            ("person", models.ForeignKey(db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("post", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="registry.post")),
            ("role", models.CharField(choices=ROLES, max_length=20)),
            ("unit", models.ForeignKey(db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="registry.unit")),
            ("at", models.DateTimeField()),
            ("recorded_at", models.DateTimeField()),
            ("before", models.CharField(blank=True, choices=STATES, max_length=12)),
            ("after", models.CharField(choices=STATES, max_length=12)),
            ("body", models.TextField()),
            ("hash", models.BinaryField(max_length=32)),
            ("mac", models.BinaryField(max_length=16)),
        ],
        options={
            "ordering": ["case", "seq"],
            "indexes": [
                models.Index(fields=["action", "at"], condition=Q(action__in=["sign", "report_result"]), include=("unit",), name="event_of_day"),
                models.Index(fields=["-recorded_at", "-id"], name="event_recorded"),
                models.Index(fields=["person", "-recorded_at", "-id"], name="event_person"),
                models.Index(fields=["unit", "-recorded_at", "-id"], name="event_unit"),
                models.Index(fields=["action", "-recorded_at", "-id"], name="event_action"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("case", "seq"), name="event_seq_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="EventText",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("event", models.ForeignKey(on_delete=models.PROTECT, related_name="texts", to="cases.caseevent")),
            ("case", models.ForeignKey(on_delete=models.PROTECT, related_name="event_texts", to="cases.case")),
            ("name", models.CharField(max_length=30)),
            ("salt", models.BinaryField(max_length=16)),
            ("text", models.TextField()),
            ("erased_at", models.DateTimeField(blank=True, null=True)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("event", "name"), name="event_text_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="AccessLog",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("person", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("post", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="registry.post")),
            ("case", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="cases.case")),
            ("at", models.DateTimeField()),
            ("how", models.CharField(choices=[("reveal", "查看联系方式"), ("call", "来电号码查询")], db_default="reveal", default="reveal", max_length=8)),
            ("reason", models.CharField(max_length=200)),
        ],
        options={
            "indexes": [
                models.Index(fields=["-at", "-id"], name="access_at"),
                models.Index(fields=["person", "-at"], name="access_person"),
                models.Index(fields=["case", "-at"], name="access_case"),
            ],
        },
    ),
    migrations.CreateModel(
        name="UnmaskAlert",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("person", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("hour", models.DateTimeField()),
            ("at", models.DateTimeField()),
            ("count", models.PositiveIntegerField()),
            ("looked_at", models.DateTimeField(blank=True, null=True)),
            ("looked_by", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("note", models.CharField(blank=True, max_length=300)),
        ],
        options={
            "indexes": [
                models.Index(fields=["id"], condition=Q(looked_at=None), name="unmask_alert_open"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("person", "hour"), name="unmask_alert_once"),
                models.CheckConstraint(condition=Q(looked_at=None, looked_by=None, note="") | (Q(looked_at__isnull=False) & Q(looked_by__isnull=False) & ~Q(note="")), name="unmask_alert_note"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Reading",
        fields=[
            ("case", models.OneToOneField(on_delete=models.PROTECT, primary_key=True, related_name="reading", serialize=False, to="cases.case")),
            ("at", models.DateTimeField()),
            ("category_version", models.CharField(blank=True, max_length=40, verbose_name="分类版本")),
            ("words_version", models.CharField(max_length=40, verbose_name="词表版本")),
            ("category", models.ForeignKey(db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="registry.category", verbose_name="分类")),
            ("category_among", ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
            ("category_confidence", models.FloatField(null=True)),
            ("place", models.ForeignKey(db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="registry.place", verbose_name="地点")),
            ("place_among", ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
            ("nature", models.CharField(blank=True, choices=NATURES, max_length=12, verbose_name="性质")),
            ("urgency", models.CharField(blank=True, choices=URGENCIES, max_length=10, verbose_name="紧急程度")),
            ("sensitive", models.BooleanField(default=False, verbose_name="敏感")),
            ("grade", models.CharField(blank=True, choices=GRADES, max_length=10, verbose_name="难易")),
            ("is_property", models.BooleanField(default=False, verbose_name="涉物业服务")),
            ("certainty", models.JSONField(default=dict)),
            ("certainty_version", models.CharField(blank=True, max_length=12, verbose_name="把握版本")),
            ("words", models.JSONField(default=dict)),
            ("shown", models.BooleanField(default=False)),
        ],
        options={
            "constraints": [
                models.CheckConstraint(condition=Q(category_confidence=None) | Q(category_confidence__gte=0, category_confidence__lte=1), name="reading_confidence_share"),
            ],
        },
    ),
    migrations.CreateModel(
        name="CertaintyBand",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("at", models.DateTimeField(verbose_name="统计时间")),
            ("field", models.CharField(max_length=12)),
            ("low", models.PositiveSmallIntegerField()),
            ("proposed", models.PositiveIntegerField(verbose_name="件数")),
            ("accepted", models.PositiveIntegerField(verbose_name="采用")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("at", "field", "low"), name="certainty_band_once"),
                models.CheckConstraint(condition=Q(accepted__lte=F("proposed")), name="certainty_band_share"),
            ],
        },
    ),
    migrations.CreateModel(
        name="TrainedModel",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("kind", models.CharField(choices=MODEL_KINDS, max_length=12)),
            ("version", models.CharField(max_length=12, verbose_name="版本")),
            ("content", models.BinaryField(null=True)),
            ("trained_at", models.DateTimeField(verbose_name="训练时间")),
            ("learned_until_at", models.DateTimeField()),
            ("case_count", models.PositiveIntegerField(verbose_name="学习件数")),
            ("class_count", models.PositiveIntegerField(verbose_name="分类数")),
            ("unseen_count", models.PositiveIntegerField(verbose_name="测试件数")),
            ("mark", models.FloatField(verbose_name="得分")),
            ("compared_with", models.CharField(max_length=20)),
            ("compared_mark", models.FloatField()),
            ("cold_mark", models.FloatField()),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("kind", "version"), name="trained_model_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="ModelUse",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("kind", models.CharField(choices=MODEL_KINDS, max_length=12)),
            ("model", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="uses", to="cases.trainedmodel")),
            ("from_at", models.DateTimeField()),
            ("until_at", models.DateTimeField(null=True)),
            ("why", models.CharField(choices=[("better", "测试更好"), ("rolled_back", "人工退回")], max_length=12)),
            ("by", models.CharField(blank=True, max_length=60)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("kind",), condition=Q(until_at=None), name="model_live_once"),
                models.CheckConstraint(condition=Q(until_at=None) | Q(until_at__gte=F("from_at")), name="model_use_forward"),
            ],
        },
    ),
    migrations.CreateModel(
        name="ResultMark",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("case", models.ForeignKey(on_delete=models.CASCADE, related_name="+", to="cases.case")),
            ("unit", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="+", to="registry.unit")),
            ("value", models.BigIntegerField(verbose_name="指纹")),
        ],
        options={
            "indexes": [
                models.Index(fields=["unit", "value", "-id"], name="result_mark_value"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Fingerprint",
        fields=[
            ("pk", models.CompositePrimaryKey("value", "received_on", "case_id", blank=True, editable=False, primary_key=True, serialize=False)),
            ("value", models.IntegerField()),
            ("received_on", models.DateField()),
            ("case", models.ForeignKey(db_constraint=False, db_index=False, on_delete=models.DO_NOTHING, related_name="+", to="cases.case")),
        ],
    ),
    migrations.CreateModel(
        name="HotTopic",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("place", models.CharField(blank=True, max_length=60, verbose_name="地点")),
            ("subject", models.CharField(max_length=100, verbose_name="事项")),
            ("named_by_hand", models.BooleanField(default=False)),
            ("heat", models.FloatField(default=0, verbose_name="热度")),
            ("case_count", models.PositiveIntegerField(default=0, verbose_name="件数")),
            ("person_count", models.PositiveIntegerField(default=0, verbose_name="人数")),
            ("day_count", models.PositiveIntegerField(default=0, verbose_name="天数")),
            ("supporter_count", models.PositiveIntegerField(default=0, verbose_name="支持")),
            ("first_on", models.DateField(blank=True, null=True)),
            ("last_on", models.DateField(blank=True, null=True)),
            ("founded_at", models.DateTimeField()),
            ("measured_at", models.DateTimeField()),
            ("merged_into", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="merged_topics", to="cases.hottopic")),
        ],
        options={
            "indexes": [
                models.Index(fields=["-heat", "-id"], condition=Q(merged_into=None), name="hot_topic_heat"),
            ],
        },
    ),
    migrations.CreateModel(
        name="HotTopicCase",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("topic", models.ForeignKey(on_delete=models.PROTECT, related_name="members", to="cases.hottopic")),
            ("case", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="cases.case")),
            ("out", models.BooleanField(default=False)),
            ("by_hand", models.BooleanField(default=False)),
            ("at", models.DateTimeField()),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("topic", "case"), name="hot_topic_case_once"),
                models.UniqueConstraint(fields=("case",), condition=Q(out=False), name="hot_topic_of_case_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="HotTopicChange",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("topic", models.ForeignKey(on_delete=models.PROTECT, related_name="changes", to="cases.hottopic")),
            ("what", models.CharField(choices=[("found", "发现"), ("merge", "合并"), ("split", "拆分"), ("put_out", "移出"), ("rename", "改名")], max_length=10)),
            ("person", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("post", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="registry.post")),
            ("at", models.DateTimeField()),
            ("note", models.CharField(max_length=300)),
        ],
        options={
            "indexes": [
                models.Index(fields=["topic", "-id"], name="hot_topic_change"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Publication",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("case", models.OneToOneField(on_delete=models.PROTECT, related_name="publication", to="cases.case")),
            ("title", models.CharField(max_length=60, verbose_name="标题")),
            ("summary", models.TextField(verbose_name="简介")),
            ("at", models.DateTimeField()),
            ("ended_at", models.DateTimeField(blank=True, null=True)),
            ("supporters", models.PositiveIntegerField(default=0)),
            ("search", ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
        ],
        options={
            "indexes": [
                models.Index(fields=["-id"], condition=Q(ended_at=None), name="publication_shown"),
                GinIndex(fields=["search"], name="publication_search"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Support",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("case", models.ForeignKey(on_delete=models.PROTECT, related_name="supports", to="cases.case")),
            ("phone_index", models.BinaryField(max_length=16)),
            ("phone", models.BinaryField()),
            ("language", models.CharField(choices=[("zh-hans", "中文"), ("en", "英文")], default="zh-hans", max_length=10)),
            ("person", models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("at", models.DateTimeField()),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("case", "phone_index"), condition=~Q(phone_index=b""), name="support_once_a_phone"),
                models.UniqueConstraint(fields=("case", "person"), condition=Q(person__isnull=False), name="support_once_a_person"),
            ],
        },
    ),
    migrations.CreateModel(
        name="PublicSubmission",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("key", models.CharField(max_length=64, unique=True)),
            ("at", models.DateTimeField()),
            ("sealed", models.BinaryField()),
            ("number", models.CharField(blank=True, max_length=24)),
        ],
        options={
            "indexes": [
                models.Index(fields=["at"], name="submission_at"),
            ],
        },
    ),
    migrations.CreateModel(
        name="SubmissionPhoto",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("submission", models.ForeignKey(on_delete=models.CASCADE, related_name="photos", to="cases.publicsubmission")),
            ("size", models.PositiveIntegerField()),
            ("sealed", models.BinaryField()),
        ],
    ),
    migrations.CreateModel(
        name="SavedView",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("person", models.ForeignKey(on_delete=models.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("name", models.CharField(max_length=20, verbose_name="名称")),
            ("query", models.CharField(max_length=1000)),
            ("first", models.BooleanField(default=False)),
            ("at", models.DateTimeField()),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("person", "name"), name="view_name_once"),
                models.UniqueConstraint(fields=("person",), condition=Q(first=True), name="view_first_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Export",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("person", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("post", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="registry.post")),
            ("at", models.DateTimeField()),
            ("query", models.CharField(max_length=1000)),
            ("rows", models.PositiveIntegerField()),
        ],
        options={
            "indexes": [
                models.Index(fields=["-at"], name="export_at"),
            ],
        },
    ),
    migrations.CreateModel(
        name="SentItem",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("person", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("key", models.CharField(max_length=64)),
            ("case", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="cases.case")),
            ("action", models.CharField(choices=ACTIONS, max_length=20)),
            ("taken_at", models.DateTimeField()),
            ("sent_at", models.DateTimeField()),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("person", "key"), name="sent_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="DeadlineRule",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("valid_from", models.DateField(verbose_name="生效日")),
            ("valid_to", models.DateField(blank=True, null=True, verbose_name="失效日")),
            ("grade", models.CharField(choices=GRADES, max_length=10, verbose_name="难易")),
            ("kind", models.CharField(blank=True, choices=KINDS, max_length=12, verbose_name="诉求类型")),
            ("clock", models.CharField(choices=[("contact", "联系"), ("finish", "办结")], max_length=10)),
            ("basis", models.CharField(choices=[("hours", "小时"), ("same_day", "当日 24:00"), ("days", "自然日，至 24:00"), ("workdays", "工作日，至 24:00")], max_length=10)),
            ("amount", models.PositiveSmallIntegerField()),
            ("cut_off", models.TimeField(blank=True, null=True)),
            ("source", models.CharField(max_length=300)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("grade", "kind", "clock", "valid_from"), name="deadline_rule_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Limit",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("valid_from", models.DateField(verbose_name="生效日")),
            ("valid_to", models.DateField(blank=True, null=True, verbose_name="失效日")),
            ("name", models.CharField(choices=LIMIT_NAMES, max_length=20)),
            ("value", models.PositiveIntegerField()),
            ("source", models.CharField(max_length=300)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("name", "valid_from"), name="limit_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="CallingHours",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("valid_from", models.DateField(verbose_name="生效日")),
            ("valid_to", models.DateField(blank=True, null=True, verbose_name="失效日")),
            ("days", models.CharField(choices=[("work", "工作日"), ("rest", "休息日")], max_length=4)),
            ("starts", models.TimeField()),
            ("ends", models.TimeField()),
            ("source", models.CharField(max_length=300)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("days", "starts", "valid_from"), name="calling_hours_once"),
                models.CheckConstraint(condition=Q(ends="00:00") | Q(ends__gt=F("starts")), name="calling_hours_forward"),
            ],
        },
    ),
    migrations.CreateModel(
        name="CaseDetail",
        fields=[],
        options={"proxy": True, "indexes": [], "constraints": []},
        bases=("cases.case",),
    ),
]

FORWARD = (Path(__file__).parent / "sql" / "0001_guards.sql").read_text()
BACKWARD = """
DROP FUNCTION cases_refuse_topic_change(), cases_refuse_band_change() CASCADE;
DROP FUNCTION cases_case_lead(), cases_assignment_lead(), cases_check_lead(bigint) CASCADE;
DROP FUNCTION cases_case_open(), cases_involvement_open(), cases_is_open(text) CASCADE;
DROP SEQUENCE cases_number;
"""


def add_rules(apps, schema_editor):
    add_initial_rules(apps)


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("registry", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        BatchedOperations(TABLES),
        migrations.RunSQL(FORWARD + append_only("cases_caseevent") + append_only("cases_accesslog"), BACKWARD),
        migrations.RunPython(add_rules, migrations.RunPython.noop),
    ]
