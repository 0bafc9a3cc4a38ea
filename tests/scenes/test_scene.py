from __future__ import annotations

import subprocess
import sys


def test_scenes_are_plain_values_that_need_no_numpy() -> None:
    program = "import sys, gdcli.scenes.scene; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.strip() == b"False"
