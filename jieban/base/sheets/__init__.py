"""Import and export of tables, .xlsx and .csv: read in bounded memory, refused with a clear sentence when
something is wrong, written so that no cell can act as a formula.
"""

from jieban.base.sheets.open_sheet import open_table
from jieban.base.sheets.sheet_table import BadFile, Cell, Table
from jieban.base.sheets.sheet_writer import escape_formula, write_table

__all__ = ["BadFile", "Cell", "Table", "escape_formula", "open_table", "write_table"]
