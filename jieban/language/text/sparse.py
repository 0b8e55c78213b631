"""Matrices of which most is zero. SciPy takes a second to load: only what compares many texts waits for it."""

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

SparseMatrix: TypeAlias = "csr_matrix"


def sparse_matrix(parts: Any, shape: tuple[int, int]) -> SparseMatrix:
    """n rows x m columns, of what `scipy.sparse.csr_matrix` takes: values with their places."""
    from scipy.sparse import csr_matrix

    return csr_matrix(parts, shape)


def scale_rows(matrix: SparseMatrix, factors: Any) -> SparseMatrix:
    """Each row times its factor."""
    from scipy.sparse import csr_matrix, diags

    return csr_matrix(diags(factors) @ matrix)
