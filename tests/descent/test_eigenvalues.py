from __future__ import annotations

from random import Random

import numpy as np
import pytest

from gdcli.descent.eigenvalues import _jacobi, _of_pair, symmetric_eigen


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 12, 13, 20])
def test_eigenvalues_agree_with_lapack_and_vectors_with_the_matrix(n: int) -> None:
    random = Random(n)
    half = [[random.uniform(-1.0, 1.0) for _ in range(n)] for _ in range(n)]
    matrix = [[half[i][j] + half[j][i] for j in range(n)] for i in range(n)]
    values, vectors = symmetric_eigen(matrix)
    assert values == pytest.approx(np.linalg.eigvalsh(matrix).tolist(), abs=1e-14 * n)
    for value, vector in zip(values, vectors, strict=True):
        assert np.array(matrix) @ vector == pytest.approx(value * np.array(vector), abs=1e-13)
        assert np.linalg.norm(vector) == pytest.approx(1.0, rel=1e-14)


def test_two_rows_have_the_bits_of_jacobis_rotations() -> None:
    random = Random(2)

    def entry() -> float:
        if random.random() < 0.2:
            return random.choice([0.0, -0.0, 1.0])
        size: float = 10.0 ** random.uniform(-160.0, 150.0)
        return random.choice([-size, size])

    for _ in range(2000):
        a, b, c = entry(), entry(), entry()
        assert repr(_of_pair(a, b, c)) == repr(_jacobi([[a, b], [b, c]])), (a, b, c)


def test_known_matrices() -> None:
    assert symmetric_eigen([[0.0, 1.0], [1.0, 0.0]])[0] == pytest.approx([-1.0, 1.0], rel=1e-15)
    assert symmetric_eigen([[3.0, 0.0], [0.0, -2.0]])[0] == [-2.0, 3.0]
    assert symmetric_eigen([[0.0, 0.0], [0.0, 0.0]])[0] == [0.0, 0.0]
    # 1, 2 and 3 are the eigenvalues of a matrix with their mean on the diagonal
    assert symmetric_eigen([[2.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 2.0]])[0] == (
        pytest.approx([1.0, 2.0, 3.0], rel=1e-15)
    )


def test_far_scales_keep_their_digits() -> None:
    values, _ = symmetric_eigen([[1e200, 0.0], [0.0, 1e-200]])
    assert values == [1e-200, 1e200]
    values, _ = symmetric_eigen([[1e12, 1.0], [1.0, 1.0]])
    assert values == pytest.approx([1.0 - 1e-12, 1e12], rel=1e-12)
