"""Deliveries under kills and faults on real processes: `python -m tools.torture --help`, `make torture`.

`plan.py` what will happen, from one seed · `desk.py` the processes and what is done to them · `people.py` who
writes, meddles and signs in again · `verdict.py` the network's truth against the database's.
"""
