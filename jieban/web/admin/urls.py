"""The addresses of the administrator's pages."""

from django.urls import URLPattern, path

from jieban.web.admin import board, calendar, directory, people, posts, rules, units
from jieban.web.audit import changes

urlpatterns: list[URLPattern] = [
    path("", board.board, name="admin-board"),
    path("checks/", board.checks, name="admin-checks"),
    path("categories/", board.categories, name="admin-categories"),
    path("changes/", changes.changes, name="admin-changes"),
    path("people/", people.people, name="admin-people"),
    path("people/new/", people.new_person, name="admin-person-new"),
    path("people/<str:username>/", people.person, name="admin-person"),
    path("people/<str:username>/<str:name>/", people.act, name="admin-person-act"),
    path("posts/", posts.posts, name="admin-posts"),
    path("posts/new/", posts.new_post, name="admin-post-new"),
    path("posts/<str:code>/", posts.post, name="admin-post"),
    path("posts/<str:code>/close/", posts.close_post, name="admin-post-close"),
    path("directory/", directory.directory, name="admin-directory"),
    path("directory/new/", directory.change, name="admin-directory-new"),
    path("directory/<str:code>/", directory.row, name="admin-directory-row"),
    path("directory/<str:code>/end/", directory.end, name="admin-directory-end"),
    path("rules/", rules.rules, name="admin-rules"),
    path("rules/new/", rules.new_rule, name="admin-rule-new"),
    path("rules/<int:pk>/withdraw/", rules.withdraw_rule, name="admin-rule-withdraw"),
    path("limits/new/", rules.new_limit, name="admin-limit-new"),
    path("limits/<int:pk>/withdraw/", rules.withdraw_limit, name="admin-limit-withdraw"),
    path("calendar/", calendar.calendar, name="admin-calendar"),
    path("calendar/load/", calendar.load, name="admin-calendar-load"),
    path("units/", units.listed, name="admin-units"),
    path("units/<str:code>/", units.unit, name="admin-unit"),
    path("units/<str:code>/rename/", units.rename, name="admin-unit-rename"),
    path("units/<str:code>/close/", units.close, name="admin-unit-close"),
]
