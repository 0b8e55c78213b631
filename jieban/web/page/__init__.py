"""Parts of every page: access, fields, tables, components, words of time."""
