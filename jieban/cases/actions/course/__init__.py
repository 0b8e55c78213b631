"""Actions during handling: dispatch, handling, extensions and the account, supervision, publication."""
