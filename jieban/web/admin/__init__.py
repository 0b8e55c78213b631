"""Administrator's pages: configuration, people, units and posts."""
