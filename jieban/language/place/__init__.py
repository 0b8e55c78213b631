"""Place recognition: which place of the registry a text means."""
