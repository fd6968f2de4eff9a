"""Correct solutions of the homeworks, in plain NumPy, to be read as well as run.

Each homework is a module of pure functions: nothing global, parameters go in and come back. Beside a module
`x` stands `x_variants`: the same functions with one named mistake each (see `reference.variants`). A folder `reference`
beside an author's own assignments adds its modules to these.
"""

import pkgutil

__path__ = pkgutil.extend_path(__path__, __name__)
