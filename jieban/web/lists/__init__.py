"""Lists and the map."""
