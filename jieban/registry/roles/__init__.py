"""Roles. Pure; no database."""

from jieban.registry.roles.role import EVERY_ROLE as EVERY_ROLE
from jieban.registry.roles.role import Role as Role
