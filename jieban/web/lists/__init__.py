"""Lists of cases and the map."""
