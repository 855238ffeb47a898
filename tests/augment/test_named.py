"""Augmenters in words."""

import pytest

from crosslift.augment.bodies import Bodies
from crosslift.augment.named import augmenter_named
from crosslift.errors import SettingsError


def test_settings_follow_the_name():
    assert augmenter_named("bodies") == Bodies(0.3, 0.1)
    assert augmenter_named("bodies:bones=0.2:size=0") == Bodies(0.2, 0.0)
    assert augmenter_named("cameras:tilt=[-5,5]").settings.tilt == (-5, 5)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("bodys", "bodies"),
        ("bodies:bone=0.2", "bones"),
        ("bodies:bones", "there is no =; write NAME:SETTING=NUMBER"),
        ("bodies:bones=much", '"much" was found; write NAME'),
        ("bodies:bones=true", "should be a number"),
    ],
)
def test_what_is_none_is_refused_with_what_there_is(words, problem):
    with pytest.raises(SettingsError, match=problem):
        augmenter_named(words)
