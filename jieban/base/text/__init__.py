"""Text normalization: cleaning, simplified characters, pinyin, search tokens."""
