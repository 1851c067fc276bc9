"""The GPU measurements, at a small scale and on the CPU."""

import pytest

from benchmarks.device import training_speed


def test_a_speed_tells_what_share_of_the_matrix_product_it_is() -> None:
    small, large = (training_speed("cpu", side, "good", 4, 0.1, peak=1e9) for side in (16, 64))
    # A larger picture takes more work, so an equal share of the product's speed means fewer pictures. The lines below compute the
    # work of one picture.
    work, more_work = (result["share_of_matrix_product"] * 1e9 / result["pictures_per_second"] for result in (small, large))
    assert more_work > 3 * work > 0
    twice = training_speed("cpu", 16, "good", 4, 0.1, peak=2e9)
    assert twice["share_of_matrix_product"] * 2e9 / twice["pictures_per_second"] == pytest.approx(work, rel=0.02)
    assert "memory_mib" not in small  # memory is measured on a GPU only
