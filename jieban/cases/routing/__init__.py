"""Routing: who leads by the dispatch directory, and who is notified when offices are closed."""
