"""Tables from outside and for outside, .xlsx and .csv: read in bounded memory, refused with a clear sentence
when something is wrong with them, written so that no cell can act as a formula.
"""

from jieban.base.sheets.reading import open_table
from jieban.base.sheets.table import BadFile, Cell, Table
from jieban.base.sheets.writing import harmless, write_table

__all__ = ["BadFile", "Cell", "Table", "harmless", "open_table", "write_table"]
