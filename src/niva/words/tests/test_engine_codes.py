"""Every code that the engine writes on a delivery or an attempt has its own sentence."""

import re
from pathlib import Path

import pytest

import niva.domains.publishing
from niva.words import is_known

FOLDER = Path(niva.domains.publishing.__file__).parent
CODES = sorted(
    {
        code
        for file in [*FOLDER.glob("delivery/*.py"), FOLDER / "services" / "sight.py"]
        for pair in re.findall(
            r'code=\(?"(\w+)"|OutcomeUnknown\("(\w+)"|(?:REJECTED|NEEDS_LOGIN|UNKNOWN|HELD), "(\w+)"|'
            r'return "(\w+_\w+)"',
            file.read_text(),
        )
        for code in pair
        if code
    }
)


def test_the_codes_are_found():
    assert {"lease_lost", "ask_person", "too_late", "not_connected", "media_missing"} <= set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_it_has_a_sentence(code):
    assert is_known(code)
