"""The results table as arithmetic: plain records in, exact fractions out. It knows neither the database nor HTTP.

`facts` are what goes in, `windows` chooses what an enterprise said before and after, `changes`, `sums`, `practices` and `savings`
make of it what each reporter contributes, `table` adds that up, `rounding` writes it. Rounding is last.
"""
