"""Where the real input lies: beside the repository, or where BASIS_REAL_DATA says."""

import os
from pathlib import Path

REAL_DATA = Path(os.environ.get("BASIS_REAL_DATA", Path(__file__).parents[3] / "shared" / "data"))
REGISTER = REAL_DATA / "nl-register"
