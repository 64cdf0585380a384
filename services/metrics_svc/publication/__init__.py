"""What leaves the programme for buyers, donors, enterprises and the public: everything of many is computed here over all and then
suppressed, whatever it leaves in (answers today; exports, reports, briefs and webhooks likewise).

`offered` says what may be asked for, `outside` is the one place that looks with the programme's own eyes on behalf of somebody
else, `figures` and `queries` lay the lattice of a day, `standings` keeps it while nothing changes, `view` is what one audience is
shown of a cell, `told` the word once given on it. `vintages` is what tables have said, `revisions` tells what must not be said
next to it, and `telling` what is said instead.
"""
