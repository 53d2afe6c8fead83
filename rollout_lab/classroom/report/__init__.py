"""What a graded class got right, and each student's feedback."""
