"""Makes the course's web edition: pages to read, and the same lessons live in the browser."""
