"""Configuration of cases: dated rules, limits and calling hours, and the impact of changes."""
