"""Outcomes of pytest: parameters, marks, fixtures that fail, captured output."""

import pytest


@pytest.fixture
def scale():
    print("calibrating: 0,00 kg ± 3 µg")
    yield 531
    print("switched off")


@pytest.fixture
def broken_scale():
    raise RuntimeError("the scale is not plugged in")


@pytest.fixture
def sticky_scale():
    yield 3
    raise RuntimeError("the scale does not switch off")


def test_passes(scale):
    assert scale == 531


def test_fails_and_prints(scale):
    print("вес: 531 г, не 500 г")
    assert scale == 500


def test_setup_fails(broken_scale):
    pass


def test_teardown_fails(sticky_scale):
    assert sticky_scale == 3


@pytest.mark.parametrize("text", ["3 m³", "3 кг", "größe[0]"])
def test_parameters(text):
    assert text.startswith("3")


@pytest.mark.skip(reason="needs a second scale")
def test_skipped_by_mark():
    pass


def test_skipped_inside():
    pytest.skip("half way")


@pytest.mark.xfail(reason="pints are not done")
def test_expected_failure():
    raise ValueError("unknown unit: pint")


@pytest.mark.xfail(reason="litres were done meanwhile")
def test_unexpected_success():
    pass


@pytest.mark.xfail(strict=True, reason="must not pass")
def test_strict_unexpected_success():
    pass
