from __future__ import annotations

import subprocess
import sys
from typing import get_args

from gdcli.scenes import scene


def test_every_scene_has_a_title_and_notes() -> None:
    for kind in get_args(scene.Scene):
        assert kind._fields[0] == "title"
        assert kind._fields[-1] == "notes"


def test_scenes_are_plain_values_that_need_no_numpy() -> None:
    program = "import sys, gdcli.scenes.scene; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.strip() == b"False"
