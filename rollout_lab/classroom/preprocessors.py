"""What nbgrader's own steps leave undone: each class is one step that its configuration names."""

from __future__ import annotations

from nbgrader.preprocessors import NbGraderPreprocessor


class DropCopiedCells(NbGraderPreprocessor):
    """Let the first of several cells with one grade id count, and make the others ordinary cells.

    A student who copies a cell copies its metadata too. nbgrader then stops the whole batch with
    an error about old metadata, so this must run before DeduplicateIds.
    """

    def preprocess(self, nb, resources):
        seen = set()
        for cell in nb.cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            if grade_id is None:
                continue
            if grade_id in seen:
                self.log.warning("A copy of the cell %s was made an ordinary cell", grade_id)
                del cell.metadata["nbgrader"]
            seen.add(grade_id)
        return nb, resources
