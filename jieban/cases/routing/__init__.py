"""Routing: who leads by the dispatch directory, and who is told when offices are closed."""
