"""Makes the web edition of the course: pages that any web server can hold."""
