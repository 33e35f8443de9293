"""What the doors turn into answers: 404 and 403. Nothing else about strangers leaks."""


class NotFound(Exception):
    """It does not exist, or not for this person: both look the same from outside (404)."""


class Forbidden(Exception):
    """He may see it but not do this (403). `needs` names the missing capability."""

    def __init__(self, needs: str) -> None:
        super().__init__(needs)
        self.needs = needs


class Invalid(Exception):
    """The input cannot be taken. `errors`: field -> [sentences already translated]; "" = the whole form."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(str(errors))
        self.errors = errors

    @property
    def sentence(self) -> str:
        """All of it in one line, for places that have no form to put it into."""
        return " ".join(self.sentences)

    @property
    def sentences(self) -> list[str]:
        """All of them, one after the other."""
        return [one for several in self.errors.values() for one in several]

    @classmethod
    def one(cls, field: str, sentence: str) -> "Invalid":
        return cls({field: [sentence]})


class Conflict(Exception):
    """Somebody else changed it meanwhile (409). `current`: what it is now, for showing both."""

    def __init__(self, sentence: str, current: object = None) -> None:
        super().__init__(sentence)
        self.current = current
