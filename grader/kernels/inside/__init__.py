"""What runs inside a student's kernel: stand-alone modules, started as `python -I <this folder>`."""
