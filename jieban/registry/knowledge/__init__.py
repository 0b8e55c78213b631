"""Knowledge base that operators read from."""
