"""The first page after sign-in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def home(request: HttpRequest) -> HttpResponse:
    """Where this post can go."""
    return render(request, "web/home.html")
