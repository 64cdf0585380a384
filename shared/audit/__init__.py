"""The history of a service is sealed: who rewrites it, removes from it or slips something in breaks a chain of hashes.

Writers know nothing of it; a loop beside them (`sealer`) links what they committed. `python -m shared.audit verify <service>`
names the first entry that is not what was sealed.
"""
