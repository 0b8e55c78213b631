"""Registry of the district: places, units, people, roles, duty, knowledge; ledgers and documents of any entity."""
