"""Grade an assignment: every submission by nbgrader's steps, its code in the sandbox."""
