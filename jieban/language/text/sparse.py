"""Sparse matrices. SciPy is loaded at first use, because that takes a second and few processes need it."""

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

SparseMatrix: TypeAlias = "csr_matrix"


def sparse_matrix(parts: Any, shape: tuple[int, int]) -> SparseMatrix:
    """Sparse matrix of n rows x m columns, from the arguments of `scipy.sparse.csr_matrix`."""
    from scipy.sparse import csr_matrix

    return csr_matrix(parts, shape)


def scale_rows(matrix: SparseMatrix, factors: Any) -> SparseMatrix:
    """Multiplies each row by its factor."""
    from scipy.sparse import csr_matrix, diags

    return csr_matrix(diags(factors) @ matrix)
