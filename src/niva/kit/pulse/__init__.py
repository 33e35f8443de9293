"""Signs of life: every worker writes a row of its own every few seconds, so that pages know who is there.

    from niva.kit.pulse.beat import beating          # in a worker
    from niva.kit.pulse import queries               # in a page

A worker has no door of its own for questions; its row carries what a monitor would ask it for.
"""
