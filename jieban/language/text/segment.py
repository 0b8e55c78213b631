"""Word segmentation of Chinese text. The dictionary loads at first use, because that takes a third of a second."""


def segment_words(text: str) -> list[str]:
    """Segments a text into words, in order; words that the dictionary lacks are guessed."""
    import rjieba

    return list(rjieba.cut(text))


def is_word(name: str) -> bool:
    """Whether the dictionary has this word."""
    import rjieba

    return bool(rjieba.has_word(name))
