"""Call page and intake page."""
