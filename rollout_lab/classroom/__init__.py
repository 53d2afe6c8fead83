"""For instructors: build, collect, grade and report. What serves all rooms stands at the root."""
