"""The pages of the public: to bring something in, to follow it, to support what others have brought in."""
