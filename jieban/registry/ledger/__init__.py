"""Ledgers: hash chains of the events of an entity, sealed together with those of all others."""
