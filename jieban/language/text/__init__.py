"""Text processing: segmentation, sentences, features, lexicon, personal data, model files."""
