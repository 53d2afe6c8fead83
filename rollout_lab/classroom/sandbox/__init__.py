"""Run a submission where it can read and change next to nothing."""
