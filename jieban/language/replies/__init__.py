"""Reply checks: leaks, promises, copies."""
