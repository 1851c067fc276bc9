"""All checks and measurements that need a GPU, in one command: `python -m benchmarks.device [--device cuda] [--seconds 20]`.

The checks come first (exit status 1 where one fails). Speeds follow, with the speed of a large matrix product in the same run for
comparison:

- the pictures of seeds on the device and on the CPU differ by at most 1 of 255, in every family
- a training on the device stops, resumes and ends, with losses that are finite
- a device with little memory gets smaller pieces of a batch, and the training continues (CUDA only)
- pictures a second of the training step at 64, 128 and 256 pixels, its share of the product's speed, and the peak memory
"""

import argparse
import json
import tempfile
import time
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from benchmarks.ceiling import Operations
from gan import data
from gan.config import RunConfig, parse_run, resolve_run
from gan.families import FAMILIES, build_generator
from gan.machine import detect_precision
from gan.runs import Run
from gan.sampler import full_precision, latents
from gan.training import extend, train
from gan.training.accelerator import accelerator_for
from gan.training.feed import PictureFeed
from gan.training.games.adversarial import AdversarialGame


def finish(device: str) -> None:
    """Wait until the device has finished its work."""
    if device == "cuda":
        torch.cuda.synchronize()


def rate(step: Any, pictures: int, device: str, seconds: float) -> float:
    """Return pictures a second of `step`, after three calls to warm up."""
    for _ in range(3):
        step()
    finish(device)
    begun, calls = time.monotonic(), 0
    while time.monotonic() - begun < seconds or calls < 3:
        step()
        calls += 1
        if calls % 8 == 0:
            finish(device)
    finish(device)
    return calls * pictures / (time.monotonic() - begun)


def matrix_flops(device: str, dtype: torch.dtype) -> float:
    """Return the operations a second of a large matrix product, the physical limit for the measured speeds."""
    side = 8192 if device == "cuda" else 1024
    a, b = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    return rate(lambda: a @ b, 2 * side**3, device, 2.0)


def check_same_pictures(device: str) -> dict[str, int]:
    """Return for each family the largest difference, of 255, between the device's pictures and the CPU's."""
    differences = {}
    for name, family in FAMILIES.items():
        torch.manual_seed(0)
        network = family.settings()
        generator = build_generator(
            name, resolution=family.resolutions[1], channels=3, z_dim=64, num_classes=3, network=network
        ).eval()
        for parameter in generator.parameters():
            if not parameter.any():  # fills silent blocks, so that they are compared too
                torch.nn.init.normal_(parameter)
        generator.calibrate()
        generator.to(memory_format=torch.channels_last)  # the memory layout of the sampler
        z, classes = latents(list(range(64)), 64, 3)
        assert classes is not None
        with torch.no_grad(), full_precision(torch.device(device)):
            here = generator.sample(z, classes, 0.7)
            there = generator.to(device).sample(z.to(device), classes.to(device), 0.7).cpu()
        levels = [(127.5 * (x.clamp(-1, 1) + 1)).round() for x in (here, there)]
        differences[name] = int((levels[0] - levels[1]).abs().max().item())
    return differences


def noise_zip(path: Path, count: int = 64, side: int = 64) -> Path:
    """Write a zip of blurred noise, which is enough to train on."""
    rng = np.random.RandomState(0)
    with zipfile.ZipFile(path, "w") as archive:
        for index in range(count):
            content = BytesIO()
            Image.fromarray(rng.randint(0, 256, (8, 8, 3), dtype=np.uint8)).resize((side, side)).save(content, "PNG")
            archive.writestr(f"{index}.png", content.getvalue())
    return path


def check_training(device: str, home: Path) -> dict[str, Any]:
    """Train, stop and resume; on CUDA train once more with very little memory."""
    dataset = data.prepare(noise_zip(home / "noise.zip"), home=home, size=64)
    config = resolve_run(dataset, images=2048, device=device).model_dump(mode="json")
    run = Run.create(home, "whole", config)
    run.request("stop")
    stopped = train(run)
    extend(run)
    done = train(run)
    result: dict[str, Any] = {"stopped": stopped.state, "resumed": done.state, "images_seen": done.images_seen}
    if device == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.set_per_process_memory_fraction(0.006)  # about half a GB of 80
        small = Run.create(home, "small", config | {"batch": 256, "images_total": 1024})
        result["small_memory"] = train(small).state
        result["pieces"] = [event["values"]["pieces"] for event in small.events() if event.get("code") == "smaller_pieces"]
        torch.cuda.set_per_process_memory_fraction(1.0)
    return result


def training_speed(device: str, side: int, preset: str, batch: int, seconds: float, peak: float) -> dict[str, float]:
    """Measure both turns together, penalties included.

    Returns pictures a second, the share of `peak` operations a second that convolutions and products reach, and the peak memory.
    """
    own: dict[str, Any] = {
        "family": "style",
        "network": FAMILIES["style"].plan.networks[preset],
        "resolution": side,
        "channels": 3,
        "dataset": "noise",
        "dataset_hash": "0" * 16,
        "pictures": 64,
        "images_total": 10**9,
        "batch": batch,
        "device": device,
        "precision": detect_precision(device),
        "penalty_every": 4,
    }
    config: RunConfig = parse_run(own)
    game = AdversarialGame(config, accelerator_for(config))
    pictures = torch.randint(0, 256, (256, 3, side, side), dtype=torch.uint8, device=device)
    feed = PictureFeed(lambda positions: (pictures[torch.from_numpy(positions % 256).to(device)], None))
    seen = 0

    def step() -> None:
        nonlocal seen
        game.step(seen, 10**9, feed)
        seen += batch

    with Operations() as operations:
        for _ in range(config.penalty_every):  # one of these steps has the penalty
            step()
    work = operations.total / (config.penalty_every * batch)  # operations for each picture
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    speed = rate(step, batch, device, seconds)
    memory = {"memory_mib": round(torch.cuda.max_memory_allocated() / 2**20)} if device == "cuda" else {}
    return {"pictures_per_second": round(speed, 1), "share_of_matrix_product": round(speed * work / peak, 4), **memory}


def main() -> None:
    """Run all checks and measurements, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu", "mps"))
    parser.add_argument("--seconds", type=float, default=20.0, help="for each speed")
    options = parser.parse_args()
    device = options.device
    result: dict[str, Any] = {"torch": torch.__version__, "device": device}
    if device == "cuda":
        result["name"] = torch.cuda.get_device_name()
    result["largest_difference"] = check_same_pictures(device)
    with tempfile.TemporaryDirectory() as home:
        result["training"] = check_training(device, Path(home))
    flops = {dtype: matrix_flops(device, dtype) for dtype in (torch.float32, torch.bfloat16)}
    result["matrix_tflops"] = {str(dtype)[6:]: round(value / 1e12, 2) for dtype, value in flops.items()}
    peak = flops[getattr(torch, detect_precision(device))]
    batches = (16, 64, 256) if device == "cuda" else (16,)
    result["speed"] = {
        f"{preset} {side}px batch {batch}": training_speed(device, side, preset, batch, options.seconds, peak)
        for preset in ("good", "best")
        for side in ((64, 128, 256) if device == "cuda" else (64,))
        for batch in batches
    }
    print(json.dumps(result, indent=2))
    failed = max(result["largest_difference"].values()) > 1 or result["training"]["resumed"] != "done"
    raise SystemExit(int(failed))


if __name__ == "__main__":
    main()
