"""The log of configuration changes, and how one is made."""
