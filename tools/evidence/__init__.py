"""What the engines of numbers are worth on real data: `make evidence`.

Every module here with `study(data)` is one chapter; see `chapter.py`.
"""
