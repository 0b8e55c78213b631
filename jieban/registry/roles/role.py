"""Enumeration of the roles. Pure; no database."""

from django.utils.translation import gettext_lazy as _

from jieban.base.labelled import LabelledEnum


class Role(LabelledEnum):
    """Role in which somebody acts; its rights are in `jieban/registry/roles/profiles.py`.

    Its actions on a case are in `jieban/cases/flow/transitions.py`.
    """

    RESIDENT = "resident", _("居民")
    ENTERPRISE = "enterprise", _("企业")
    OPERATOR = "operator", _("话务员")
    DISPATCHER = "dispatcher", _("派单员")
    STREET = "street", _("街道指挥中心")
    DEPARTMENT = "department", _("部门承办人")
    COMMUNITY = "community", _("社区工作者")
    PROPERTY = "property", _("物业服务企业")
    PATROL = "patrol", _("巡查员")
    CALLER = "caller", _("回访员")
    SUPERVISOR = "supervisor", _("督查员")
    ANALYST = "analyst", _("分析员")
    LEADER = "leader", _("领导")
    AUDITOR = "auditor", _("审计员")
    ADMIN = "admin", _("系统管理员")
    SYSTEM = "system", _("系统")
