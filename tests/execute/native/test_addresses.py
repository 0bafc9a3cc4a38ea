"""Where the numbers of an array lie."""

from __future__ import annotations

import numpy as np

from gdcli.execute.native.addresses import address


def test_the_address_of_an_array_that_may_not_be_written() -> None:
    for fixed in (np.arange(5.0), np.empty(0)):
        fixed.flags.writeable = False
        assert address(fixed) == fixed.ctypes.data
