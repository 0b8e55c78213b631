"""Ledgers: what is done to an entity as a hash chain of events, sealed together with those of all others."""
