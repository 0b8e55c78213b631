"""Roles and their profiles. Pure; no database."""

from jieban.registry.roles.profiles import EVERY_ROLE as EVERY_ROLE
from jieban.registry.roles.profiles import HANDLER_ROLES as HANDLER_ROLES
from jieban.registry.roles.profiles import PROFILES as PROFILES
from jieban.registry.roles.profiles import REQUESTER_ROLES as REQUESTER_ROLES
from jieban.registry.roles.profiles import STAFF_ROLES as STAFF_ROLES
from jieban.registry.roles.profiles import UNIT_ROLES as UNIT_ROLES
from jieban.registry.roles.profiles import roles_with as roles_with
from jieban.registry.roles.rights import ContactAccess as ContactAccess
from jieban.registry.roles.rights import Density as Density
from jieban.registry.roles.rights import EventAccess as EventAccess
from jieban.registry.roles.rights import EventTextAccess as EventTextAccess
from jieban.registry.roles.rights import Party as Party
from jieban.registry.roles.rights import Right as Right
from jieban.registry.roles.rights import RoleProfile as RoleProfile
from jieban.registry.roles.rights import Sight as Sight
from jieban.registry.roles.rights import TextAccess as TextAccess
from jieban.registry.roles.role import Role as Role
