"""Access rules: who may see which case, which texts and which contact data, and which actions a page offers."""
