"""What students get: the notebook without solutions, the public checks, and a record of the right answers."""
