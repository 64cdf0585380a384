"""How alike two enterprises are: pure functions over plain facts, without a database.

`names` and `places` read what people write, `blocking` says which two are worth comparing, `decision` compares them.
"""
