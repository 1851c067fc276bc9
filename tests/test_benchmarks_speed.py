"""The speed measurements at a small scale: plausible rows, on pictures that are read as a user's are."""

from pathlib import Path

import numpy as np

from benchmarks import report, speed


def test_a_line_stands_beside_its_ceiling_and_the_section_becomes_a_table(tmp_path: Path) -> None:
    dataset = speed.dataset_of(tmp_path, 16, 64)
    assert dataset.pictures.shape == (64, 16, 16, 3)
    section = speed.sampling(tmp_path, dataset, 1, [])
    label, own, ceiling, reached, _ = section["rows"][0]
    assert label == "**ours**"
    assert 0 < float(own) < float("inf")
    assert abs(float(reached.rstrip("%")) / 100 - float(own) / float(ceiling)) < 0.02
    text = report.describe_speed({"machine": "m", "time": "t", "commit": "c", "threads": 2, "sections": [section]})
    assert "2 threads" in text
    assert f"| **ours** | {own} | {ceiling} | {reached} |" in text


def test_a_training_cycle_goes_on_with_new_pictures_and_costs_time(tmp_path: Path) -> None:
    work = speed.Work(speed.dataset_of(tmp_path, 16, 64), 1, batch=4)
    other = speed.Work(speed.dataset_of(tmp_path, 16, 80), 1, batch=8)
    (label, milliseconds, rate), (second, *_) = speed.costs_of({"here": work, "there": other}, 1)
    assert (work.images_seen, other.images_seen) == (2 * work.pictures, 2 * other.pictures)
    assert (label, second) == ("here", "there")
    assert np.isclose(float(milliseconds) * float(rate), 1000, rtol=0.02)
