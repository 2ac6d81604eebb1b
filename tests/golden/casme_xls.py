"""Writes casme.xls: a coding table in the old binary form, as CASME's is distributed, of two invented events.

python3 -m venv v && v/bin/pip install xlwt==1.3.0 && v/bin/python casme_xls.py
"""

import xlwt

HEADER = ["Subject", "Filename", "", "OnsetF", "ApexF1", "ApexF2", "OffsetF", "", "Onset", "Total", "AU", "Emotion"]
ROWS = [
    [1, "EP01_12", "", 73, 81, "\\", 91, "", 150.0, 316.67, 4, "tense"],
    [1, "EP01_5", "", 113, 121, 125, 133, "", 150.0, 350.0, "4+12", "happiness"],
]

book = xlwt.Workbook()
sheet = book.add_sheet("Sheet1")
for row, cells in enumerate([HEADER] + ROWS):
    for column, cell in enumerate(cells):
        if cell != "":
            sheet.write(row, column, cell)
book.save("casme.xls")
