"""The engines asked with a plain table from a disk, for `niva numbers`.

Every module of this package with `answer` is one question: `HELP` (a line) and `COLUMNS` (what the file must
hold), both msgids; `add(parser)` for its own arguments, whose help are msgids, too; `answer(options) -> dict`
of plain values that JSON can hold (None, never NaN), where `options.file` is the path. They are imported for
every command, so what is heavy (numpy, the engines, `reading`) is imported inside `answer`.
"""
