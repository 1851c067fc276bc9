"""Other GANs to compare with, each optimised for a CPU for a fair comparison: one file for each peer, and the table PEERS."""

from collections.abc import Callable

from benchmarks.peers.base import Peer
from benchmarks.peers.dcgan import DCGAN
from benchmarks.peers.lightweight import LightweightGAN
from benchmarks.peers.stylegan2 import StyleGAN2

__all__ = ["PEERS", "Peer"]

PEERS: dict[str, Callable[..., Peer]] = {"dcgan": DCGAN, "stylegan2": StyleGAN2, "lightweight-gan": LightweightGAN}
