"""What leaves the programme for buyers, donors, enterprises and the public: everything of many is computed here over all and then
suppressed, whatever it leaves in (answers today; exports, reports, briefs and webhooks likewise).

`offered` says what may be asked for, `outside` is the one place that looks with the programme's own eyes on behalf of somebody
else, `figures` and `queries` lay the lattice of a day, `standings` keeps it while nothing changes, `told` is the word once given.
"""
