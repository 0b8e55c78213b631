"""Matrices of which most is zero. SciPy takes a second to load: only what compares many texts waits for it."""

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Rows: TypeAlias = "csr_matrix"


def rows_of(parts: Any, shape: tuple[int, int]) -> Rows:
    """n rows x m columns, of what `scipy.sparse.csr_matrix` takes: values with their places."""
    from scipy.sparse import csr_matrix

    return csr_matrix(parts, shape)


def scaled(matrix: Rows, factors: Any) -> Rows:
    """Each row times its factor."""
    from scipy.sparse import csr_matrix, diags

    return csr_matrix(diags(factors) @ matrix)
