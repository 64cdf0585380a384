"""`make bench`: what we cost beside the plainest thing that does the same, in the same run on the same machine.

Reference and candidate take turns (A B A B); what is told are the ratios of the pairs. A wrong answer fails a bench, a slow one
never does. One file a bench: `measure(place)` gives its rows of the table.
"""
