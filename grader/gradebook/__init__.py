"""The gradebook: students, submissions, every attempt and its verdicts, in a database."""
