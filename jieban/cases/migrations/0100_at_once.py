"""All tables of the cases as they are now, with what guards them and the first rules, for a database that begins
with nothing.
"""

from importlib import import_module

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from jieban.base.sql.at_once import AtOnce


def _of(name):
    return import_module(f'jieban.cases.migrations.{name}')



class Migration(migrations.Migration):

    initial = True
    replaces = [
        ('cases', '0001_initial'),
        ('cases', '0002_guards'),
        ('cases', '0003_first_rules'),
        ('cases', '0004_no_truncate'),
        ('cases', '0005_open_cases'),
        ('cases', '0006_waiting'),
        ('cases', '0007_drafts'),
        ('cases', '0008_saved_views'),
        ('cases', '0009_visit_back_calls'),
        ('cases', '0010_calling_rules'),
        ('cases', '0011_figures'),
        ('cases', '0012_unmask_alerts'),
        ('cases', '0013_unmask_limit'),
        ('cases', '0014_audit_indexes'),
        ('cases', '0015_telephone_calls'),
        ('cases', '0016_attachment_files'),
        ('cases', '0017_open_to_all'),
        ('cases', '0018_sent_items'),
        ('cases', '0019_late_hours'),
        ('cases', '0020_first_late_hours'),
        ('cases', '0021_night_limits'),
        ('cases', '0022_first_night_limits'),
        ('cases', '0030_hot_topics'),
        ('cases', '0031_hot_topic_changes_stay'),
        ('cases', '0040_result_marks'),
        ('cases', '0050_trace'),
        ('cases', '0051_case_community'),
        ('cases', '0052_what_was_read'),
        ('cases', '0053_trained_models'),
    ]

    dependencies = [
        ('registry', '0100_at_once'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AtOnce([
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('photo', '照片'), ('document', '文件'), ('audio', '录音'), ('video', '录像')], max_length=10)),
                ('media_type', models.CharField(max_length=100)),
                ('size', models.PositiveIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('at', models.DateTimeField()),
                ('round', models.PositiveIntegerField(default=0)),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.unit')),
            ],
        ),
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=24, unique=True, verbose_name='单号')),
                ('kind', models.CharField(choices=[('appeal', '群众诉求'), ('enterprise', '企业诉求'), ('patrol', '巡查案件')], max_length=12, verbose_name='类型')),
                ('channel', models.CharField(choices=[('phone', '电话'), ('web', '网页'), ('wechat', '微信'), ('api', '接口'), ('import', '文件导入'), ('patrol', '巡查')], max_length=12, verbose_name='渠道')),
                ('state', models.CharField(choices=[('received', '已受理'), ('declined', '不予受理'), ('answered', '即时答复'), ('dispatched', '已派单'), ('handling', '办理中'), ('on_account', '挂账'), ('reported', '已报结'), ('closed', '已结案'), ('merged', '已并案'), ('split', '已拆分'), ('withdrawn', '已撤诉')], max_length=12, verbose_name='状态')),
                ('received_at', models.DateTimeField(verbose_name='受理时间')),
                ('subject', models.CharField(max_length=200, verbose_name='主题')),
                ('anonymous', models.BooleanField(default=False, verbose_name='匿名')),
                ('hidden', models.BooleanField(default=False, verbose_name='要求保密')),
                ('shared_with_property', models.BooleanField(default=False, verbose_name='同意告知物业')),
                ('phone_index', models.BinaryField(default=b'', max_length=16)),
                ('lat', models.FloatField(blank=True, null=True)),
                ('long', models.FloatField(blank=True, null=True)),
                ('nature', models.CharField(choices=[('consult', '咨询'), ('help', '求助'), ('complaint', '投诉'), ('report', '举报'), ('suggestion', '建议'), ('praise', '表扬')], max_length=12, verbose_name='性质')),
                ('grade', models.CharField(choices=[('simple', '简单'), ('general', '一般'), ('complex', '复杂')], max_length=10, verbose_name='难易')),
                ('urgency', models.CharField(choices=[('normal', '一般'), ('urgent', '紧急'), ('life', '危及生命安全')], max_length=10, verbose_name='紧急程度')),
                ('sensitive', models.BooleanField(default=False, verbose_name='敏感')),
                ('is_property', models.BooleanField(default=False, verbose_name='物业服务')),
                ('tags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('state_before_merge', models.CharField(blank=True, choices=[('received', '已受理'), ('declined', '不予受理'), ('answered', '即时答复'), ('dispatched', '已派单'), ('handling', '办理中'), ('on_account', '挂账'), ('reported', '已报结'), ('closed', '已结案'), ('merged', '已并案'), ('split', '已拆分'), ('withdrawn', '已撤诉')], max_length=12)),
                ('contact_from_at', models.DateTimeField(null=True)),
                ('contact_due_at', models.DateTimeField(null=True, verbose_name='联系时限')),
                ('contact_met_at', models.DateTimeField(blank=True, null=True)),
                ('finish_from_at', models.DateTimeField(null=True)),
                ('finish_due_at', models.DateTimeField(null=True, verbose_name='办结时限')),
                ('provisional', models.BooleanField(default=False, verbose_name='时限为暂定')),
                ('dispatched_at', models.DateTimeField(blank=True, null=True)),
                ('reported_at', models.DateTimeField(blank=True, null=True, verbose_name='报结时间')),
                ('visited_back_at', models.DateTimeField(blank=True, null=True, verbose_name='回访时间')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='结案时间')),
                ('visit_back_due_at', models.DateTimeField(blank=True, null=True, verbose_name='回访时限')),
                ('paused_at', models.DateTimeField(blank=True, null=True)),
                ('review_on', models.DateField(blank=True, null=True, verbose_name='复核日期')),
                ('next_check_at', models.DateTimeField(blank=True, null=True)),
                ('warned', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), blank=True, default=list, size=None)),
                ('round', models.PositiveIntegerField(default=0)),
                ('reopened_count', models.PositiveIntegerField(default=0)),
                ('dispute_count', models.PositiveIntegerField(default=0)),
                ('extension_count', models.PositiveIntegerField(default=0)),
                ('reminded_count', models.PositiveIntegerField(default=0)),
                ('supervised', models.BooleanField(default=False, verbose_name='督办')),
                ('level', models.PositiveSmallIntegerField(default=0, verbose_name='提级')),
                ('taken_over_by', models.CharField(blank=True, max_length=12, verbose_name='提办')),
                ('source', models.CharField(blank=True, max_length=60)),
                ('source_ref', models.CharField(blank=True, max_length=120)),
                ('source_at', models.DateTimeField(blank=True, null=True)),
                ('source_digest', models.BinaryField(default=b'', max_length=32)),
                ('event_count', models.PositiveIntegerField(default=0)),
                ('last_hash', models.BinaryField(default=b'', max_length=32)),
                ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='registry.category')),
                ('community', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='community_cases', to='registry.place')),
                ('complained_about', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='complaints', to='registry.unit')),
                ('found_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='found_cases', to=settings.AUTH_USER_MODEL)),
                ('lead', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='led_cases', to='registry.unit')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='split_cases', to='cases.case')),
                ('place', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='registry.place')),
                ('primary', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged_cases', to='cases.case')),
                ('requester', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to=settings.AUTH_USER_MODEL)),
                ('street', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='street_cases', to='registry.place')),
            ],
        ),
        migrations.CreateModel(
            name='NumberDay',
            fields=[
                ('day', models.DateField(primary_key=True, serialize=False)),
                ('base', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='AttachmentBody',
            fields=[
                ('attachment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='body', serialize=False, to='cases.attachment')),
                ('sealed', models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name='CallingHours',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='生效日')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='失效日')),
                ('days', models.CharField(choices=[('work', '工作日'), ('rest', '休息日')], max_length=4)),
                ('starts', models.TimeField()),
                ('ends', models.TimeField()),
                ('source', models.CharField(max_length=300)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('days', 'starts', 'valid_from'), name='calling_hours_once'), models.CheckConstraint(condition=models.Q(('ends', '00:00'), ('ends__gt', models.F('starts')), _connector='OR'), name='calling_hours_forward')],
            },
        ),
        migrations.AddField(
            model_name='attachment',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='cases.case'),
        ),
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('relation', models.CharField(choices=[('lead', '主办'), ('next_lead', '改派待签收'), ('co_handler', '协办'), ('child', '下派承办'), ('property', '双派物业')], max_length=12)),
                ('assigned_at', models.DateTimeField()),
                ('sign_due_at', models.DateTimeField(blank=True, null=True)),
                ('signed_at', models.DateTimeField(blank=True, null=True)),
                ('signed_late', models.BooleanField(default=False)),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('reported_at', models.DateTimeField(blank=True, null=True)),
                ('settled', models.BooleanField(default=False)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_by_merge', models.BooleanField(default=False)),
                ('handed_down_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.unit')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='registry.unit')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='cases.case')),
            ],
        ),
        migrations.CreateModel(
            name='AlsoTold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('phone_index', models.BinaryField(max_length=16)),
                ('phone', models.BinaryField()),
                ('name', models.BinaryField(default=b'')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='also_told', to='cases.case')),
            ],
        ),
        migrations.CreateModel(
            name='AccessLog',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('how', models.CharField(choices=[('reveal', '查看联系方式'), ('call', '来电号码查询')], db_default='reveal', default='reveal', max_length=8)),
                ('reason', models.CharField(max_length=200)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('post', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.post')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
            ],
        ),
        migrations.CreateModel(
            name='CaseEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.PositiveIntegerField()),
                ('action', models.CharField(choices=[('receive', '受理'), ('answer_now', '即时答复'), ('decline', '不予受理'), ('hand_over', '移交紧急服务'), ('merge', '并案'), ('unmerge', '撤销并案'), ('split', '拆分'), ('dispatch', '派单'), ('sign', '签收'), ('hand_down', '下派'), ('whistle', '吹哨'), ('arrive', '报到'), ('co_report', '协办回复'), ('dispute', '退单'), ('settle', '裁定'), ('record_visit', '记录见面'), ('request_extension', '申请延期'), ('put_on_account', '挂账'), ('grant', '同意申请'), ('refuse', '不同意申请'), ('review', '挂账复核'), ('resume', '恢复办理'), ('report_result', '报结'), ('send_back', '退回重办'), ('visit_back', '回访'), ('check', '现场核查'), ('close', '结案'), ('reopen', '重新办理'), ('remind', '催办'), ('supervise', '督办'), ('escalate', '提级'), ('take_over', '提办'), ('reclassify', '更正分类'), ('mark_urgent', '标为紧急'), ('add_note', '备注'), ('attach', '添加附件'), ('withdraw', '撤诉'), ('supplement', '补充情况'), ('publish', '公开诉求'), ('unpublish', '撤下公开'), ('support', '支持诉求'), ('warn', '时限提醒'), ('recompute_due', '重算时限'), ('erase', '清除个人信息')], max_length=20)),
                ('role', models.CharField(choices=[('resident', '居民'), ('enterprise', '企业'), ('operator', '话务员'), ('dispatcher', '派单员'), ('street', '街道指挥中心'), ('department', '部门承办人'), ('community', '社区工作者'), ('property', '物业服务企业'), ('patrol', '巡查员'), ('caller', '回访员'), ('supervisor', '督查员'), ('analyst', '分析员'), ('leader', '领导'), ('auditor', '审计员'), ('admin', '系统管理员'), ('system', '系统')], max_length=20)),
                ('at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('before', models.CharField(blank=True, choices=[('received', '已受理'), ('declined', '不予受理'), ('answered', '即时答复'), ('dispatched', '已派单'), ('handling', '办理中'), ('on_account', '挂账'), ('reported', '已报结'), ('closed', '已结案'), ('merged', '已并案'), ('split', '已拆分'), ('withdrawn', '已撤诉')], max_length=12)),
                ('after', models.CharField(choices=[('received', '已受理'), ('declined', '不予受理'), ('answered', '即时答复'), ('dispatched', '已派单'), ('handling', '办理中'), ('on_account', '挂账'), ('reported', '已报结'), ('closed', '已结案'), ('merged', '已并案'), ('split', '已拆分'), ('withdrawn', '已撤诉')], max_length=12)),
                ('body', models.TextField()),
                ('hash', models.BinaryField(max_length=32)),
                ('mac', models.BinaryField(max_length=16)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='cases.case')),
                ('person', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('post', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.post')),
                ('unit', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.unit')),
            ],
            options={
                'ordering': ['case', 'seq'],
            },
        ),
        migrations.CreateModel(
            name='DeadlineRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='生效日')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='失效日')),
                ('grade', models.CharField(choices=[('simple', '简单'), ('general', '一般'), ('complex', '复杂')], max_length=10)),
                ('kind', models.CharField(blank=True, choices=[('appeal', '群众诉求'), ('enterprise', '企业诉求'), ('patrol', '巡查案件')], max_length=12)),
                ('clock', models.CharField(choices=[('contact', '联系'), ('finish', '办结')], max_length=10)),
                ('basis', models.CharField(choices=[('hours', '小时'), ('same_day', '当日 24:00'), ('days', '自然日，至 24:00'), ('workdays', '工作日，至 24:00')], max_length=10)),
                ('amount', models.PositiveSmallIntegerField()),
                ('cut_off', models.TimeField(blank=True, null=True)),
                ('source', models.CharField(max_length=300)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('grade', 'kind', 'clock', 'valid_from'), name='deadline_rule_once')],
            },
        ),
        migrations.AddField(
            model_name='case',
            name='contact_rule',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.deadlinerule'),
        ),
        migrations.AddField(
            model_name='case',
            name='finish_rule',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.deadlinerule'),
        ),
        migrations.CreateModel(
            name='Dispute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('opened_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, choices=[('uphold', '维持原派单'), ('reassign', '改派'), ('joint', '联办')], max_length=10)),
                ('assignment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, to='cases.assignment')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='cases.case')),
                ('proposed', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.unit')),
            ],
        ),
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64)),
                ('at', models.DateTimeField()),
                ('sealed', models.BinaryField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='EventText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=30)),
                ('salt', models.BinaryField(max_length=16)),
                ('text', models.TextField()),
                ('erased_at', models.DateTimeField(blank=True, null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='event_texts', to='cases.case')),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='texts', to='cases.caseevent')),
            ],
        ),
        migrations.CreateModel(
            name='Export',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('query', models.CharField(max_length=1000)),
                ('rows', models.PositiveIntegerField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('post', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.post')),
            ],
        ),
        migrations.CreateModel(
            name='Filing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64, unique=True)),
                ('at', models.DateTimeField()),
                ('sealed', models.BinaryField()),
                ('number', models.CharField(blank=True, max_length=24)),
            ],
            options={
                'indexes': [models.Index(fields=['at'], name='filing_at')],
            },
        ),
        migrations.CreateModel(
            name='FilingPhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('size', models.PositiveIntegerField()),
                ('sealed', models.BinaryField()),
                ('filing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='photos', to='cases.filing')),
            ],
        ),
        migrations.CreateModel(
            name='HotTopic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.CharField(blank=True, max_length=60, verbose_name='地点')),
                ('subject', models.CharField(max_length=100, verbose_name='事项')),
                ('named_by_hand', models.BooleanField(default=False)),
                ('heat', models.FloatField(default=0, verbose_name='热度')),
                ('case_count', models.PositiveIntegerField(default=0, verbose_name='件数')),
                ('person_count', models.PositiveIntegerField(default=0, verbose_name='人数')),
                ('day_count', models.PositiveIntegerField(default=0, verbose_name='天数')),
                ('supporter_count', models.PositiveIntegerField(default=0, verbose_name='支持')),
                ('first_on', models.DateField(blank=True, null=True)),
                ('last_on', models.DateField(blank=True, null=True)),
                ('founded_at', models.DateTimeField()),
                ('measured_at', models.DateTimeField()),
                ('merged_into', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged_topics', to='cases.hottopic')),
            ],
        ),
        migrations.CreateModel(
            name='HotTopicCase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('out', models.BooleanField(default=False)),
                ('by_hand', models.BooleanField(default=False)),
                ('at', models.DateTimeField()),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                ('topic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='cases.hottopic')),
            ],
        ),
        migrations.CreateModel(
            name='HotTopicChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('found', '发现'), ('merge', '合并'), ('split', '拆分'), ('put_out', '移出'), ('rename', '改名')], max_length=10)),
                ('at', models.DateTimeField()),
                ('note', models.CharField(max_length=300)),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('post', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.post')),
                ('topic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='cases.hottopic')),
            ],
        ),
        migrations.CreateModel(
            name='Involvement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('received_at', models.DateTimeField()),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='involvements', to='cases.case')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.unit')),
            ],
        ),
        migrations.CreateModel(
            name='Limit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='生效日')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='失效日')),
                ('name', models.CharField(choices=[('sign_hours', '签收时限（小时）'), ('return_hours', '退单时限（小时）'), ('disputes', '退单次数上限，达到后改为联办'), ('reopen_days', '重新办理时限（天）'), ('account_days', '挂账复核间隔上限（天）'), ('visit_back_hours', '回访时限（小时）'), ('attempts', '回访无人应答次数'), ('auto_close_hours', '回访后自动结案（小时）'), ('child_share', '下派时限占剩余时间的百分比'), ('call_again_minutes', '无人接听后多久可再打（分钟）'), ('call_lease_minutes', '一件回访由一人占用多久（分钟）'), ('unmask_hour', '一人一小时内查看联系方式的次数，超过即预警'), ('late_hours', '补送记录须确认的时间（小时）'), ('article_days', '知识条目到期前提醒（天）'), ('office_from', '工作日上班（时）'), ('office_to', '工作日下班（时）')], max_length=20)),
                ('value', models.PositiveIntegerField()),
                ('source', models.CharField(max_length=300)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('name', 'valid_from'), name='limit_once')],
            },
        ),
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('remind', '催办'), ('supervise', '督办'), ('escalate', '提级'), ('take_over', '提办')], max_length=10)),
                ('at', models.DateTimeField()),
                ('body', models.CharField(blank=True, choices=[('direct_line', '区领导直通车'), ('task_force', '专班'), ('backstop', '兜底')], max_length=12)),
                ('answer_by', models.DateTimeField(blank=True, null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='cases.case')),
                ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.unit')),
            ],
        ),
        migrations.CreateModel(
            name='Publication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=60, verbose_name='标题')),
                ('summary', models.TextField(verbose_name='简介')),
                ('at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('supporters', models.PositiveIntegerField(default=0)),
                ('search', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='publication', to='cases.case')),
            ],
        ),
        migrations.CreateModel(
            name='Request',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('extension', '延期'), ('account', '挂账')], max_length=10)),
                ('asked_at', models.DateTimeField()),
                ('new_due_at', models.DateTimeField(blank=True, null=True)),
                ('old_due_at', models.DateTimeField(blank=True, null=True)),
                ('reason_code', models.CharField(blank=True, choices=[('plan', '已列入改造或整治计划'), ('funds', '资金尚未落实'), ('history', '历史遗留问题'), ('law', '现行政策法规限制'), ('season', '受季节或施工条件限制')], max_length=12)),
                ('responsible', models.CharField(blank=True, max_length=60)),
                ('review_on', models.DateField(blank=True, null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('granted', models.BooleanField(blank=True, null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='cases.case')),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.unit')),
            ],
        ),
        migrations.CreateModel(
            name='ResultMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.BigIntegerField(verbose_name='指纹')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.case')),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.unit')),
            ],
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=20, verbose_name='名称')),
                ('query', models.CharField(max_length=1000)),
                ('first', models.BooleanField(default=False)),
                ('at', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.CharField(choices=[('interim', 'Interim'), ('day', 'Day')], max_length=8)),
                ('day', models.DateField()),
                ('first_id', models.BigIntegerField()),
                ('last_id', models.BigIntegerField()),
                ('count', models.BigIntegerField()),
                ('root', models.BinaryField(max_length=32)),
                ('previous', models.BinaryField(max_length=32)),
                ('made_at', models.DateTimeField()),
                ('key_id', models.CharField(max_length=16)),
                ('signature', models.BinaryField(max_length=64)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('level', 'first_id'), name='seal_once')],
            },
        ),
        migrations.CreateModel(
            name='SentItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64)),
                ('action', models.CharField(choices=[('receive', '受理'), ('answer_now', '即时答复'), ('decline', '不予受理'), ('hand_over', '移交紧急服务'), ('merge', '并案'), ('unmerge', '撤销并案'), ('split', '拆分'), ('dispatch', '派单'), ('sign', '签收'), ('hand_down', '下派'), ('whistle', '吹哨'), ('arrive', '报到'), ('co_report', '协办回复'), ('dispute', '退单'), ('settle', '裁定'), ('record_visit', '记录见面'), ('request_extension', '申请延期'), ('put_on_account', '挂账'), ('grant', '同意申请'), ('refuse', '不同意申请'), ('review', '挂账复核'), ('resume', '恢复办理'), ('report_result', '报结'), ('send_back', '退回重办'), ('visit_back', '回访'), ('check', '现场核查'), ('close', '结案'), ('reopen', '重新办理'), ('remind', '催办'), ('supervise', '督办'), ('escalate', '提级'), ('take_over', '提办'), ('reclassify', '更正分类'), ('mark_urgent', '标为紧急'), ('add_note', '备注'), ('attach', '添加附件'), ('withdraw', '撤诉'), ('supplement', '补充情况'), ('publish', '公开诉求'), ('unpublish', '撤下公开'), ('support', '支持诉求'), ('warn', '时限提醒'), ('recompute_due', '重算时限'), ('erase', '清除个人信息')], max_length=20)),
                ('taken_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField()),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Support',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phone_index', models.BinaryField(max_length=16)),
                ('phone', models.BinaryField()),
                ('at', models.DateTimeField()),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='supports', to='cases.case')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Trace',
            fields=[
                ('pk', models.CompositePrimaryKey('trace', 'received_on', 'case_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('trace', models.IntegerField()),
                ('received_on', models.DateField()),
                ('case', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='cases.case')),
            ],
        ),
        migrations.CreateModel(
            name='TrainedModel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('category', '分类')], max_length=12)),
                ('version', models.CharField(max_length=12, verbose_name='版本')),
                ('content', models.BinaryField(null=True)),
                ('trained_at', models.DateTimeField(verbose_name='训练时间')),
                ('learned_until_at', models.DateTimeField()),
                ('case_count', models.PositiveIntegerField(verbose_name='学习件数')),
                ('class_count', models.PositiveIntegerField(verbose_name='分类数')),
                ('unseen_count', models.PositiveIntegerField(verbose_name='测试件数')),
                ('mark', models.FloatField(verbose_name='得分')),
                ('compared_with', models.CharField(max_length=20)),
                ('compared_mark', models.FloatField()),
                ('cold_mark', models.FloatField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'version'), name='trained_model_once')],
            },
        ),
        migrations.CreateModel(
            name='ModelUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('category', '分类')], max_length=12)),
                ('from_at', models.DateTimeField()),
                ('until_at', models.DateTimeField(null=True)),
                ('why', models.CharField(choices=[('better', '测试更好'), ('rolled_back', '人工退回')], max_length=12)),
                ('by', models.CharField(blank=True, max_length=60)),
                ('model', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='cases.trainedmodel')),
            ],
        ),
        migrations.CreateModel(
            name='UnmaskAlert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField()),
                ('at', models.DateTimeField()),
                ('count', models.PositiveIntegerField()),
                ('looked_at', models.DateTimeField(blank=True, null=True)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('looked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Visit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('needs', '访需求'), ('opinion', '访意见'), ('effect', '访效果')], max_length=10)),
                ('way', models.CharField(choices=[('in_person', '当面'), ('phone', '电话'), ('message', '消息')], max_length=10)),
                ('at', models.DateTimeField()),
                ('round', models.PositiveIntegerField()),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='cases.case')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.unit')),
            ],
        ),
        migrations.CreateModel(
            name='VisitBack',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('round', models.PositiveIntegerField()),
                ('at', models.DateTimeField()),
                ('by_requester', models.BooleanField(default=False)),
                ('reached', models.BooleanField()),
                ('contacted', models.CharField(blank=True, choices=[('yes', '联系过'), ('no', '没有联系'), ('no_answer', '未作回答')], max_length=10)),
                ('solved', models.CharField(blank=True, choices=[('yes', '已解决'), ('partly', '部分解决'), ('no', '未解决'), ('no_answer', '未作回答')], max_length=10)),
                ('satisfied', models.CharField(blank=True, choices=[('yes', '满意'), ('mostly', '基本满意'), ('no', '不满意'), ('no_answer', '未作回答')], max_length=10)),
                ('check_passed', models.BooleanField(blank=True, null=True)),
                ('recording', models.CharField(blank=True, max_length=60, null=True, verbose_name='录音编号')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='visit_backs', to='cases.case')),
                ('lead', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.unit')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Whistle',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('prominent', '重点难点问题'), ('joint', '综合执法'), ('emergency', '应急处置')], max_length=10)),
                ('at', models.DateTimeField()),
                ('meet_at', models.DateTimeField()),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='whistles', to='cases.case')),
                ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.unit')),
            ],
        ),
        migrations.CreateModel(
            name='WhistleCall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('arrived_at', models.DateTimeField(blank=True, null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='whistle_calls', to='cases.case')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.unit')),
                ('whistle', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='calls', to='cases.whistle')),
            ],
        ),
        migrations.CreateModel(
            name='AttachmentFile',
            fields=[
                ('attachment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='file', serialize=False, to='cases.attachment')),
                ('name', models.CharField(max_length=100, unique=True)),
                ('thumb', models.CharField(blank=True, max_length=100)),
                ('size', models.PositiveIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('width', models.PositiveIntegerField(null=True)),
                ('height', models.PositiveIntegerField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('thumb', ''), _negated=True), fields=['thumb'], name='attachment_thumb')],
            },
        ),
        migrations.CreateModel(
            name='CallLease',
            fields=[
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='call_lease', serialize=False, to='cases.case')),
                ('until', models.DateTimeField()),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='CaseText',
            fields=[
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='words', serialize=False, to='cases.case')),
                ('salt', models.BinaryField(max_length=16)),
                ('text', models.TextField(verbose_name='内容')),
                ('original', models.BinaryField(default=b'')),
                ('name', models.BinaryField(default=b'')),
                ('phone', models.BinaryField(default=b'')),
                ('address', models.BinaryField(default=b'')),
                ('preferred_contact', models.CharField(blank=True, max_length=100)),
                ('search', django.contrib.postgres.search.SearchVectorField(null=True)),
                ('erased_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['search'], name='case_search')],
            },
        ),
        migrations.CreateModel(
            name='Reading',
            fields=[
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='reading', serialize=False, to='cases.case')),
                ('at', models.DateTimeField()),
                ('category_version', models.CharField(blank=True, max_length=40, verbose_name='分类版本')),
                ('words_version', models.CharField(max_length=40, verbose_name='词表版本')),
                ('category_among', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('category_confidence', models.FloatField(null=True)),
                ('place_among', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('nature', models.CharField(blank=True, choices=[('consult', '咨询'), ('help', '求助'), ('complaint', '投诉'), ('report', '举报'), ('suggestion', '建议'), ('praise', '表扬')], max_length=12, verbose_name='性质')),
                ('urgency', models.CharField(blank=True, choices=[('normal', '一般'), ('urgent', '紧急'), ('life', '危及生命安全')], max_length=10, verbose_name='紧急程度')),
                ('sensitive', models.BooleanField(default=False, verbose_name='敏感')),
                ('grade', models.CharField(blank=True, choices=[('simple', '简单'), ('general', '一般'), ('complex', '复杂')], max_length=10, verbose_name='难易')),
                ('is_property', models.BooleanField(default=False, verbose_name='涉物业服务')),
                ('words', models.JSONField(default=dict)),
                ('shown', models.BooleanField(default=False)),
                ('category', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.category', verbose_name='分类')),
                ('place', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.place', verbose_name='地点')),
            ],
        ),
        migrations.CreateModel(
            name='Call',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('call_id', models.CharField(max_length=100, unique=True)),
                ('stage', models.CharField(choices=[('ringing', '振铃'), ('answered', '通话中'), ('ended', '已挂断')], max_length=10)),
                ('number', models.BinaryField(default=b'')),
                ('rang_at', models.DateTimeField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('told_at', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='calls', to='cases.case')),
            ],
            options={
                'indexes': [models.Index(fields=['person', '-told_at'], name='call_person'), models.Index(condition=models.Q(('number', b''), _negated=True), fields=['told_at'], name='call_number_kept')],
            },
        ),
        migrations.AddIndex(
            model_name='attachment',
            index=models.Index(fields=['case'], name='attachment_case'),
        ),
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['unit'], name='assignment_active'),
        ),
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(condition=models.Q(('relation', 'lead')), fields=['unit', 'assigned_at'], name='assignment_led'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None), ('relation', 'lead')), fields=('case',), name='one_active_lead'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None), ('relation', 'next_lead')), fields=('case',), name='one_next_lead'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None), models.Q(('relation', 'next_lead'), _negated=True)), fields=('case', 'unit'), name='unit_once_in_case'),
        ),
        migrations.AddConstraint(
            model_name='alsotold',
            constraint=models.UniqueConstraint(fields=('case', 'phone_index'), name='also_told_once'),
        ),
        migrations.AddIndex(
            model_name='accesslog',
            index=models.Index(fields=['-at', '-id'], name='access_at'),
        ),
        migrations.AddIndex(
            model_name='accesslog',
            index=models.Index(fields=['person', '-at'], name='access_person'),
        ),
        migrations.AddIndex(
            model_name='accesslog',
            index=models.Index(fields=['case', '-at'], name='access_case'),
        ),
        migrations.AddIndex(
            model_name='caseevent',
            index=models.Index(condition=models.Q(('action__in', ['sign', 'report_result'])), fields=['action', 'at'], include=('unit',), name='event_of_day'),
        ),
        migrations.AddIndex(
            model_name='caseevent',
            index=models.Index(fields=['-recorded_at', '-id'], name='event_recorded'),
        ),
        migrations.AddIndex(
            model_name='caseevent',
            index=models.Index(fields=['person', '-recorded_at', '-id'], name='event_person'),
        ),
        migrations.AddIndex(
            model_name='caseevent',
            index=models.Index(fields=['unit', '-recorded_at', '-id'], name='event_unit'),
        ),
        migrations.AddIndex(
            model_name='caseevent',
            index=models.Index(fields=['action', '-recorded_at', '-id'], name='event_action'),
        ),
        migrations.AddConstraint(
            model_name='caseevent',
            constraint=models.UniqueConstraint(fields=('case', 'seq'), name='event_seq_once'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['-received_at', '-id'], name='case_received'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['state', '-received_at', '-id'], name='case_state'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('state__in', ['dispatched', 'handling', 'on_account', 'received', 'reported'])), fields=['-received_at', '-id'], name='case_open'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['street', '-received_at', '-id'], name='case_street'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('community__isnull', False)), fields=['community', '-received_at', '-id'], name='case_community'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['category', '-received_at', '-id'], name='case_category'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['lead', '-received_at', '-id'], name='case_lead'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['requester', '-received_at'], name='case_requester'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('found_by__isnull', False)), fields=['found_by', '-received_at'], name='case_found_by'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('phone_index', b''), _negated=True), fields=['phone_index'], name='case_phone'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('next_check_at__isnull', False)), fields=['next_check_at'], name='case_next_check'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('provisional', True)), fields=['id'], name='case_provisional'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('state__in', ['dispatched', 'handling', 'received'])), fields=['finish_due_at', 'id'], name='case_overdue'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('visit_back_due_at__isnull', False)), fields=['visit_back_due_at', 'id'], name='case_to_visit_back'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('state', 'merged'), ('visited_back_at', None)), fields=['-received_at', '-id'], name='case_merged_to_ask'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['finish_due_at'], name='case_finish_due'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.UniqueConstraint(condition=models.Q(('source_ref', ''), _negated=True), fields=('source', 'source_ref'), name='case_source_once'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('primary__isnull', False), ('state', 'merged')), models.Q(models.Q(('state', 'merged'), _negated=True), ('primary__isnull', True)), _connector='OR'), name='case_merged_has_primary'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'closed'), _negated=True), ('visited_back_at__isnull', False), _connector='OR'), name='case_closed_visited_back'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'on_account'), _negated=True), models.Q(('paused_at__isnull', False), ('review_on__isnull', False)), _connector='OR'), name='case_on_account_review'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['received', 'declined', 'answered', 'dispatched', 'handling', 'on_account', 'reported', 'closed', 'merged', 'split', 'withdrawn'])), name='case_state_known'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.UniqueConstraint(condition=models.Q(('settled_at', None)), fields=('case',), name='one_open_dispute'),
        ),
        migrations.AddConstraint(
            model_name='draft',
            constraint=models.UniqueConstraint(fields=('person', 'key'), name='draft_once'),
        ),
        migrations.AddConstraint(
            model_name='eventtext',
            constraint=models.UniqueConstraint(fields=('event', 'name'), name='event_text_once'),
        ),
        migrations.AddIndex(
            model_name='export',
            index=models.Index(fields=['-at'], name='export_at'),
        ),
        migrations.AddIndex(
            model_name='hottopic',
            index=models.Index(condition=models.Q(('merged_into', None)), fields=['-heat', '-id'], name='hot_topic_heat'),
        ),
        migrations.AddConstraint(
            model_name='hottopiccase',
            constraint=models.UniqueConstraint(fields=('topic', 'case'), name='hot_topic_case_once'),
        ),
        migrations.AddConstraint(
            model_name='hottopiccase',
            constraint=models.UniqueConstraint(condition=models.Q(('out', False)), fields=('case',), name='hot_topic_of_case_once'),
        ),
        migrations.AddIndex(
            model_name='hottopicchange',
            index=models.Index(fields=['topic', '-id'], name='hot_topic_change'),
        ),
        migrations.AddIndex(
            model_name='involvement',
            index=models.Index(fields=['unit', '-received_at', '-case'], name='involvement_list'),
        ),
        migrations.AddConstraint(
            model_name='involvement',
            constraint=models.UniqueConstraint(fields=('case', 'unit'), name='involved_once'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['case'], name='order_case'),
        ),
        migrations.AddIndex(
            model_name='publication',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['-id'], name='publication_shown'),
        ),
        migrations.AddIndex(
            model_name='publication',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search'], name='publication_search'),
        ),
        migrations.AddConstraint(
            model_name='request',
            constraint=models.UniqueConstraint(condition=models.Q(('decided_at', None)), fields=('case',), name='one_pending_request'),
        ),
        migrations.AddIndex(
            model_name='resultmark',
            index=models.Index(fields=['unit', 'value', '-id'], name='result_mark_value'),
        ),
        migrations.AddConstraint(
            model_name='savedview',
            constraint=models.UniqueConstraint(fields=('person', 'name'), name='view_name_once'),
        ),
        migrations.AddConstraint(
            model_name='savedview',
            constraint=models.UniqueConstraint(condition=models.Q(('first', True)), fields=('person',), name='view_first_once'),
        ),
        migrations.AddConstraint(
            model_name='sentitem',
            constraint=models.UniqueConstraint(fields=('person', 'key'), name='sent_once'),
        ),
        migrations.AddConstraint(
            model_name='support',
            constraint=models.UniqueConstraint(condition=models.Q(('phone_index', b''), _negated=True), fields=('case', 'phone_index'), name='support_once_a_phone'),
        ),
        migrations.AddConstraint(
            model_name='support',
            constraint=models.UniqueConstraint(condition=models.Q(('person__isnull', False)), fields=('case', 'person'), name='support_once_a_person'),
        ),
        migrations.AddConstraint(
            model_name='modeluse',
            constraint=models.UniqueConstraint(condition=models.Q(('until_at', None)), fields=('kind',), name='model_live_once'),
        ),
        migrations.AddConstraint(
            model_name='modeluse',
            constraint=models.CheckConstraint(condition=models.Q(('until_at', None), ('until_at__gte', models.F('from_at')), _connector='OR'), name='model_use_forward'),
        ),
        migrations.AddIndex(
            model_name='unmaskalert',
            index=models.Index(condition=models.Q(('looked_at', None)), fields=['id'], name='unmask_alert_open'),
        ),
        migrations.AddConstraint(
            model_name='unmaskalert',
            constraint=models.UniqueConstraint(fields=('person', 'hour'), name='unmask_alert_once'),
        ),
        migrations.AddConstraint(
            model_name='unmaskalert',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('looked_at', None), ('looked_by', None), ('note', '')), models.Q(('looked_at__isnull', False), ('looked_by__isnull', False), models.Q(('note', ''), _negated=True)), _connector='OR'), name='unmask_alert_note'),
        ),
        migrations.AddIndex(
            model_name='visit',
            index=models.Index(fields=['case'], name='visit_case'),
        ),
        migrations.AddIndex(
            model_name='visitback',
            index=models.Index(fields=['case'], name='visit_back_case'),
        ),
        migrations.AddIndex(
            model_name='visitback',
            index=models.Index(fields=['lead', 'at'], name='visit_back_lead'),
        ),
        migrations.AddIndex(
            model_name='visitback',
            index=models.Index(fields=['at'], name='visit_back_at'),
        ),
        migrations.AddIndex(
            model_name='whistle',
            index=models.Index(fields=['case'], name='whistle_case'),
        ),
        migrations.AddIndex(
            model_name='whistlecall',
            index=models.Index(condition=models.Q(('arrived_at', None)), fields=['unit'], name='whistle_open'),
        ),
        migrations.AddConstraint(
            model_name='whistlecall',
            constraint=models.UniqueConstraint(fields=('whistle', 'unit'), name='called_once'),
        ),
        migrations.AddConstraint(
            model_name='reading',
            constraint=models.CheckConstraint(condition=models.Q(('category_confidence', None), models.Q(('category_confidence__gte', 0), ('category_confidence__lte', 1)), _connector='OR'), name='reading_confidence_share'),
        ),
        ]),
        migrations.RunSQL(_of('0002_guards').FORWARD, _of('0002_guards').BACKWARD),
        migrations.RunSQL(_of('0004_no_truncate').FORWARD, _of('0004_no_truncate').BACKWARD),
        migrations.RunSQL(_of('0031_hot_topic_changes_stay').FORWARD, _of('0031_hot_topic_changes_stay').BACKWARD),
        migrations.RunPython(_of('0003_first_rules').add, migrations.RunPython.noop),
        migrations.RunPython(_of('0010_calling_rules').add, migrations.RunPython.noop),
        migrations.RunPython(_of('0013_unmask_limit').add, migrations.RunPython.noop),
        migrations.RunPython(_of('0020_first_late_hours').add, migrations.RunPython.noop),
        migrations.RunPython(_of('0022_first_night_limits').add, migrations.RunPython.noop),
    ]
