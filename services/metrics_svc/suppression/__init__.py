"""Which cells of a publication leave the programme: plain sets in, decisions out. It knows neither the database nor HTTP.

`cells` says what a cell is and what contains it, `figures` when a set of contributors is enough to be told of, `crossings` how
far a hidden cell can be told from those shown, `pattern` decides. The exact rules: docs/decisions/0030-small-cells.md.
"""
