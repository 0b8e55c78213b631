"""Actions of the reception: receipt, immediate ends, splitting and merging."""
