"""Build lessons, quizzes, printable papers and the student bundle from their sources."""
