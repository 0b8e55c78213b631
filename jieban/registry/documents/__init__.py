"""Documents: files attached to any entity, cleaned, sealed and stored outside of the database."""
