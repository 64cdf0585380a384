"""Writes the demo's record files: `python -m deploy.demo.make_records`.

Raw records behind the programme's published totals do not exist in public, so these are invented. They are made such that
the published figures follow from them; only this package knows those figures. The same code writes the same files always.
"""
