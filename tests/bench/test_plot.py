"""The plot."""

from xml.etree import ElementTree

import pytest

from bench import plot
from tests.bench.sample import sitting


def test_the_best_stands_first_and_a_failure_is_not_drawn() -> None:
    [panel] = plot.panels(sitting())
    assert [point.title for point in panel.points] == ["floor (C)", "Hark", "nchan (C)"]
    assert [point.is_hark for point in panel.points] == [False, True, False]


def test_the_picture_is_well_formed_and_shows_the_figures() -> None:
    picture = ElementTree.fromstring(plot.svg(sitting()))  # noqa: S314 - our own
    texts = [element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["Broadcast, paced: CPU µs a delivery", "floor (C)", "4.0", "Hark", "6.0", "nchan (C)", "9.0"]


@pytest.mark.parametrize(("figure", "where"), [(1.0, 0.0), (10.0, 0.5), (100.0, 1.0)])
def test_the_scale_is_logarithmic(figure: float, where: float) -> None:
    assert plot.position(figure, 1.0, 100.0) == pytest.approx(where)


def test_a_single_server_stands_in_the_middle() -> None:
    assert plot.position(4.0, 4.0, 4.0) == 0.5
