"""Which cells of a publication leave the programme: plain sets in, decisions out. It knows neither the database nor HTTP.

`cells` says what a cell is and what contains it, `figures` when a set of contributors is enough to be told of, `crossings`
how far a hidden cell can be told from those shown, `pattern` decides. Nothing is published by it yet: until it is, the matrix
keeps the figures of many from whoever is not of the programme.
"""
