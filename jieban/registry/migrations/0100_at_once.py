"""All tables of the registry as they are now, for a database that begins with nothing.

One that has them already by the migrations before goes on from here.
"""

from datetime import date, time
from importlib import import_module

import datetime
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

from jieban.base.sql.at_once import AtOnce


FROM = date(2019, 1, 1)


def _of(name):
    return import_module(f'jieban.registry.migrations.{name}')


def _add_shifts(apps, schema_editor):
    shift = apps.get_model('registry', 'ShiftKind')
    for name, starts, ends in (('白班', 8, 20), ('夜班', 20, 8)):
        shift.objects.create(name=name, starts=time(starts), ends=time(ends), valid_from=FROM)


class Migration(migrations.Migration):

    initial = True
    replaces = [
        ('registry', '0001_initial'),
        ('registry', '0002_api_token'),
        ('registry', '0003_attempts'),
        ('registry', '0004_sessions'),
        ('registry', '0005_delegations'),
        ('registry', '0006_config_changes'),
        ('registry', '0007_changes_stay'),
        ('registry', '0008_people_by_name'),
        ('registry', '0009_knowledge'),
        ('registry', '0010_duty'),
        ('registry', '0011_first_shifts'),
        ('registry', '0012_password_given'),
        ('registry', '0013_more_areas_of_changes'),
        ('registry', '0014_dated_shifts'),
        ('registry', '0015_call_scripts'),
        ('registry', '0016_first_call_script'),
    ]

    dependencies = [
    ]

    operations = [
        AtOnce([
        migrations.CreateModel(
            name='LoadedFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, unique=True)),
                ('version', models.PositiveIntegerField(default=0)),
                ('changed_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Post',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, unique=True, verbose_name='代码')),
                ('name', models.CharField(max_length=60, verbose_name='名称')),
                ('role', models.CharField(choices=[('resident', '居民'), ('enterprise', '企业'), ('operator', '话务员'), ('dispatcher', '派单员'), ('street', '街道指挥中心'), ('department', '部门承办人'), ('community', '社区工作者'), ('property', '物业服务企业'), ('patrol', '巡查员'), ('caller', '回访员'), ('supervisor', '督查员'), ('analyst', '分析员'), ('leader', '领导'), ('auditor', '审计员'), ('admin', '系统管理员'), ('system', '系统')], max_length=20, verbose_name='角色')),
                ('opened_on', models.DateField(verbose_name='启用日')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='撤销日')),
            ],
        ),
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('username', models.CharField(max_length=60, unique=True, verbose_name='用户名')),
                ('name', models.CharField(max_length=60, verbose_name='姓名')),
                ('is_active', models.BooleanField(default=True, verbose_name='启用')),
                ('password_given', models.BooleanField(default=False, verbose_name='初始密码')),
            ],
            options={
                'indexes': [models.Index(fields=['name'], name='person_name', opclasses=['varchar_pattern_ops'])],
            },
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
                ('key', models.BinaryField(max_length=32)),
                ('since', models.DateTimeField()),
                ('count', models.PositiveIntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['since'], name='attempt_since')],
                'constraints': [models.UniqueConstraint(fields=('name', 'key'), name='attempt_once')],
            },
        ),
        migrations.CreateModel(
            name='Category',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='生效日')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='失效日')),
                ('code', models.CharField(max_length=40, unique=True, verbose_name='代码')),
                ('name', models.CharField(max_length=60, verbose_name='名称')),
                ('level', models.PositiveSmallIntegerField(verbose_name='级')),
                ('path', models.CharField(max_length=200)),
                ('grade', models.CharField(choices=[('simple', '简单'), ('general', '一般'), ('complex', '复杂')], default='general', max_length=10, verbose_name='难易')),
                ('needs_photo', models.BooleanField(default=False, verbose_name='须附照片')),
                ('is_property', models.BooleanField(default=False, verbose_name='物业服务')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='registry.category')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Article',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=100, verbose_name='标题')),
                ('body', models.TextField(verbose_name='正文')),
                ('valid_from', models.DateField(verbose_name='生效日')),
                ('valid_until', models.DateField(blank=True, null=True, verbose_name='有效至')),
                ('source', models.CharField(max_length=200, verbose_name='来源文件')),
                ('keywords', models.CharField(blank=True, max_length=200, verbose_name='关键词')),
                ('state', models.CharField(choices=[('draft', '草稿'), ('in_force', '有效'), ('withdrawn', '已撤下')], max_length=10, verbose_name='状态')),
                ('version', models.PositiveIntegerField(default=1)),
                ('changed_at', models.DateTimeField()),
                ('search', django.contrib.postgres.search.SearchVectorField(null=True)),
                ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.category', verbose_name='分类')),
            ],
        ),
        migrations.CreateModel(
            name='Place',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, unique=True, verbose_name='代码')),
                ('level', models.CharField(choices=[('district', '区'), ('street', '街道'), ('community', '社区'), ('estate', '小区'), ('building', '楼栋'), ('grid', '单元网格')], max_length=10, verbose_name='级别')),
                ('name', models.CharField(max_length=100, verbose_name='名称')),
                ('aliases', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ('lat', models.FloatField(blank=True, null=True)),
                ('long', models.FloatField(blank=True, null=True)),
                ('opened_on', models.DateField(verbose_name='启用日')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='撤销日')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='registry.place')),
            ],
        ),
        migrations.CreateModel(
            name='PlaceVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='生效日')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='失效日')),
                ('name', models.CharField(max_length=100)),
                ('boundary', models.JSONField(blank=True, null=True)),
                ('drawn', models.CharField(blank=True, choices=[('survey', '测绘成果'), ('sketch', '示意图，非测绘成果')], max_length=10)),
                ('source', models.CharField(max_length=200)),
                ('boundary_source', models.CharField(blank=True, max_length=200)),
                ('place', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='registry.place')),
            ],
        ),
        migrations.CreateModel(
            name='Holding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='生效日')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='失效日')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='holdings', to=settings.AUTH_USER_MODEL)),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='holdings', to='registry.post')),
            ],
        ),
        migrations.CreateModel(
            name='Delegation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='生效日')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='失效日')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('given_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('giver', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='given_delegations', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='delegations', to=settings.AUTH_USER_MODEL)),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='delegations', to='registry.post')),
            ],
        ),
        migrations.CreateModel(
            name='ConfigChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('area', models.CharField(choices=[('account', '账号与任职'), ('post', '岗位'), ('unit', '单位'), ('directory', '派单目录'), ('rule', '时限规则'), ('limit', '限额'), ('calendar', '日历'), ('calling', '回访时间'), ('category', '分类'), ('shift', '班次'), ('script', '通话用语')], max_length=12, verbose_name='类别')),
                ('key', models.CharField(max_length=120)),
                ('label', models.CharField(max_length=200)),
                ('what', models.CharField(max_length=60)),
                ('before', models.JSONField(default=dict)),
                ('after', models.JSONField(default=dict)),
                ('reason', models.CharField(max_length=200, verbose_name='理由')),
                ('person', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('post', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.post')),
            ],
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('created_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to=settings.AUTH_USER_MODEL)),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to='registry.post')),
            ],
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('session_key', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='session key')),
                ('session_data', models.TextField(verbose_name='session data')),
                ('expire_date', models.DateTimeField(db_index=True, verbose_name='expire date')),
                ('began_at', models.DateTimeField(null=True)),
                ('device', models.CharField(blank=True, max_length=60)),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'session',
                'verbose_name_plural': 'sessions',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ShiftKind',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='生效日')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='失效日')),
                ('name', models.CharField(max_length=20, verbose_name='班次')),
                ('starts', models.TimeField(verbose_name='开始')),
                ('ends', models.TimeField(verbose_name='结束')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('valid_to', None)), fields=('name',), name='shift_kind_open_once')],
            },
        ),
        migrations.CreateModel(
            name='Duty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('operator', '值班话务'), ('dispatcher', '值班派单'), ('leader', '值班领导'), ('staff', '值班人员')], max_length=10, verbose_name='值班岗位')),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('phone', models.CharField(blank=True, max_length=30, verbose_name='值班电话')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duties', to=settings.AUTH_USER_MODEL)),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.post')),
                ('shift', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.shiftkind')),
            ],
        ),
        migrations.CreateModel(
            name='Unit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, unique=True, verbose_name='代码')),
                ('name', models.CharField(max_length=100, verbose_name='名称')),
                ('short_name', models.CharField(blank=True, max_length=40, verbose_name='简称')),
                ('kind', models.CharField(choices=[('leadership', '区领导机关'), ('hotline', '区热线中心'), ('department', '区属部门'), ('street', '街道办事处'), ('street_centre', '街道指挥中心'), ('community', '社区居委会'), ('property', '物业服务企业'), ('owners', '业主委员会'), ('partner', '公共服务企业及合作单位')], max_length=20, verbose_name='类型')),
                ('opened_on', models.DateField(verbose_name='启用日')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='撤销日')),
                ('estates', models.ManyToManyField(blank=True, related_name='served_by', to='registry.place')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='registry.unit')),
                ('place', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='governed_by', to='registry.place')),
            ],
        ),
        migrations.AddField(
            model_name='post',
            name='unit',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='registry.unit'),
        ),
        migrations.CreateModel(
            name='HandOver',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('operator', '值班话务'), ('dispatcher', '值班派单'), ('leader', '值班领导'), ('staff', '值班人员')], max_length=10)),
                ('written_at', models.DateTimeField()),
                ('open_matters', models.TextField(verbose_name='未了事项')),
                ('watch', models.TextField(blank=True, verbose_name='需要留意')),
                ('cases', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), blank=True, default=list, size=None)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('duty', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='hand_over', to='registry.duty')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.unit')),
            ],
        ),
        migrations.AddField(
            model_name='duty',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duties', to='registry.unit'),
        ),
        migrations.CreateModel(
            name='DirectoryRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='生效日')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='失效日')),
                ('code', models.CharField(max_length=40, unique=True, verbose_name='条目号')),
                ('place_level', models.CharField(choices=[('district', '区'), ('street', '街道'), ('community', '社区'), ('estate', '小区'), ('building', '楼栋'), ('grid', '单元网格')], max_length=10, verbose_name='地点级别')),
                ('duty', models.CharField(blank=True, max_length=60, verbose_name='职责')),
                ('ground', models.CharField(max_length=300, verbose_name='依据')),
                ('edition', models.CharField(max_length=40, verbose_name='版本')),
                ('category', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='directory', to='registry.category')),
                ('place', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='registry.place')),
                ('co_handlers', models.ManyToManyField(blank=True, related_name='co_handles', to='registry.unit')),
                ('lead', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='leads', to='registry.unit')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ArticleVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=100, verbose_name='标题')),
                ('body', models.TextField(verbose_name='正文')),
                ('valid_from', models.DateField(verbose_name='生效日')),
                ('valid_until', models.DateField(blank=True, null=True, verbose_name='有效至')),
                ('source', models.CharField(max_length=200, verbose_name='来源文件')),
                ('keywords', models.CharField(blank=True, max_length=200, verbose_name='关键词')),
                ('state', models.CharField(choices=[('draft', '草稿'), ('in_force', '有效'), ('withdrawn', '已撤下')], max_length=10, verbose_name='状态')),
                ('number', models.PositiveIntegerField()),
                ('at', models.DateTimeField()),
                ('why', models.CharField(blank=True, max_length=200, verbose_name='修改原因')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='registry.article')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.category', verbose_name='分类')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.unit', verbose_name='责任单位')),
            ],
        ),
        migrations.AddField(
            model_name='article',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.unit', verbose_name='责任单位'),
        ),
        migrations.CreateModel(
            name='CallScript',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('at', models.DateTimeField()),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['-at', '-id'], name='call_script_newest')],
            },
        ),
        migrations.CreateModel(
            name='CorrectionProposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('at', models.DateTimeField()),
                ('wrong', models.TextField(verbose_name='哪里有误')),
                ('proposed', models.TextField(blank=True, verbose_name='建议改为')),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('accepted', models.BooleanField(null=True)),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='答复')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='registry.article')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('decided_at', None)), fields=['article'], name='proposal_open')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('decided_at', None)), fields=('article', 'person'), name='proposal_once'), models.CheckConstraint(condition=models.Q(models.Q(('accepted', None), ('decided_at', None)), models.Q(('accepted__isnull', False), ('decided_at__isnull', False)), _connector='OR'), name='proposal_decided')],
            },
        ),
        migrations.AddIndex(
            model_name='place',
            index=models.Index(fields=['level', 'name'], name='registry_pl_level_16c409_idx'),
        ),
        migrations.AddConstraint(
            model_name='placeversion',
            constraint=models.UniqueConstraint(fields=('place', 'valid_from'), name='place_version_once'),
        ),
        migrations.AddConstraint(
            model_name='placeversion',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='place_version_forward'),
        ),
        migrations.AddConstraint(
            model_name='holding',
            constraint=models.UniqueConstraint(fields=('person', 'post', 'valid_from'), name='holding_once'),
        ),
        migrations.AddConstraint(
            model_name='holding',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='holding_forward'),
        ),
        migrations.AddConstraint(
            model_name='delegation',
            constraint=models.UniqueConstraint(condition=models.Q(('revoked_at__isnull', True)), fields=('post', 'giver', 'person', 'valid_from'), name='delegation_once'),
        ),
        migrations.AddConstraint(
            model_name='delegation',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__isnull', False), ('valid_to__gt', models.F('valid_from')), ('valid_to__lte', django.db.models.expressions.CombinedExpression(models.F('valid_from'), '+', models.Value(datetime.timedelta(days=90))))), name='delegation_has_an_end'),
        ),
        migrations.AddIndex(
            model_name='configchange',
            index=models.Index(fields=['area', '-id'], name='change_area'),
        ),
        migrations.AddIndex(
            model_name='configchange',
            index=models.Index(fields=['person', '-id'], name='change_person'),
        ),
        migrations.AddIndex(
            model_name='configchange',
            index=models.Index(fields=['area', 'key', '-id'], name='change_key'),
        ),
        migrations.AddIndex(
            model_name='configchange',
            index=models.Index(fields=['at'], name='change_at'),
        ),
        migrations.AddIndex(
            model_name='handover',
            index=models.Index(condition=models.Q(('confirmed_at', None)), fields=['unit', 'role'], name='hand_over_unread'),
        ),
        migrations.AddIndex(
            model_name='handover',
            index=models.Index(fields=['unit', '-written_at'], name='hand_over_course'),
        ),
        migrations.AddConstraint(
            model_name='handover',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), _connector='OR'), name='hand_over_confirmed'),
        ),
        migrations.AddIndex(
            model_name='duty',
            index=models.Index(fields=['unit', 'ends_at'], name='duty_unit'),
        ),
        migrations.AddConstraint(
            model_name='duty',
            constraint=models.UniqueConstraint(fields=('person', 'starts_at'), name='duty_once'),
        ),
        migrations.AddConstraint(
            model_name='duty',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='duty_forward'),
        ),
        migrations.AddConstraint(
            model_name='articleversion',
            constraint=models.UniqueConstraint(fields=('article', 'number'), name='article_version_once'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search'], name='article_search'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(fields=['title', 'id'], name='article_title'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(fields=['unit', 'valid_until'], name='article_review'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.UniqueConstraint(fields=('unit', 'title'), name='article_once'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.CheckConstraint(condition=models.Q(('valid_until__isnull', True), ('valid_until__gte', models.F('valid_from')), _connector='OR'), name='article_forward'),
        ),
        ]),
        migrations.RunSQL(_of('0007_changes_stay').FORWARD, _of('0007_changes_stay').BACKWARD),
        migrations.RunPython(_add_shifts, migrations.RunPython.noop),
        migrations.RunPython(_of('0016_first_call_script').add, migrations.RunPython.noop),
    ]
