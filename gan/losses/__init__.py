"""Objectives, penalties and augmentation: pure functions of logits and pictures.

objectives.py    adversarial losses
penalties.py     gradient penalties
augmentation.py  differentiable augmentation
"""
