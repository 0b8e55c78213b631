"""Text that comes from outside: cleaned, simplified, spelled in pinyin, cut into search tokens."""
