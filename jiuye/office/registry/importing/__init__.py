"""The real-name import: a workbook or a table becomes persons and facts, previewed first and undone as one.

`files` reads, `tables` finds the heading and maps columns, `shifts` notices columns that moved, `cleaning` and `facts` check
every row, `record` compares with the registry, `writing` and `undoing` change it; `operations` is the door.
"""
