"""Home page after sign-in: a redirect to the desk of the post."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from jieban.registry.roles import EVERY_ROLE, PROFILES
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.shell.navigation import home_url


@for_roles(role for role in EVERY_ROLE if PROFILES[role].home)
def home(request: ActorRequest) -> HttpResponse:
    """Redirects to the page where this post begins its day; a role without a desk gets a greeting."""
    desk = home_url(request.actor.role)
    return redirect(desk) if desk else render(request, "shell/home.html")
