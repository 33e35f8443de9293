"""Going out to addresses that strangers gave us."""
