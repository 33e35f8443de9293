"""How a post goes out: claim with a lease, an attempt row before every call, never a blind repeat.

`decide.py` pure rules · `store.py` the SQL · `engine.py` the story · `content.py` revision → network.
"""
