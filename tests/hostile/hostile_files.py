"""What is not the notebook's own is not there: files of the host, the checks, the solution, other students' work."""

from hostile_attack import Attack

ATTACKS = (
    Attack(
        name="read_secrets",
        what="reads files in the grader's home, the assignment, its checks and solution, another student's notebook",
        cells=(
            """
for path in ["{secret_home}", "{secret_assignment}", "{checks}", "{reference}", "{other_submission}"]:
    try:
        print(open(path).read())
    except OSError as error:
        print(type(error).__name__)
""",
            "open('{reference}').read()",
        ),
        inside=r"^(FileNotFoundError\n){5}",
        says="FileNotFoundError: .*No such file",
        status="errors",
    ),
)
