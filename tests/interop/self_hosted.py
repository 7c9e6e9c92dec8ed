"""Makes the SDK of self-hosted Fishjam 0.6 available under the name of its predecessor, the SDK of Jellyfish.

Its modules and names are the same; only the package has another name.
"""

import importlib
import sys

try:
    import jellyfish  # noqa: F401
except ModuleNotFoundError:
    for module in ("", ".errors", ".events"):
        sys.modules["jellyfish" + module] = importlib.import_module("fishjam" + module)
