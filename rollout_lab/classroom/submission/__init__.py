"""Read what students hand in, mend it, and find the quiz in it."""
