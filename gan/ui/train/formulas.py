"""The formulas of the objectives and penalties in the expert drawer; x is a real picture, G(z) a generated one."""

from html import escape

from gan.losses.objectives import OBJECTIVES
from gan.losses.penalties import PENALTIES

# name: loss of the discriminator, loss of the generator. D is the raw score, σ⁺(t) = log(1 + eᵗ).
OBJECTIVE_FORMULAS: dict[str, tuple[str, str]] = {
    "minimax": ("E σ⁺(−D(x)) + E σ⁺(D(G(z)))", "−E σ⁺(D(G(z)))"),
    "non-saturating": ("E σ⁺(−D(x)) + E σ⁺(D(G(z)))", "E σ⁺(−D(G(z)))"),
    "least-squares": ("½ E (D(x) − 1)² + ½ E D(G(z))²", "½ E (D(G(z)) − 1)²"),
    "hinge": ("E max(0, 1 − D(x)) + E max(0, 1 + D(G(z)))", "−E D(G(z))"),
    "wasserstein": ("E D(G(z)) − E D(x)", "−E D(G(z))"),
    "relativistic": ("E σ⁺(D(G(z)) − D(x))", "E σ⁺(D(x) − D(G(z)))"),
}
PENALTY_FORMULAS: dict[str, str] = {
    "none": "0",
    "r1": "γ/2 · E ‖∇D(x)‖²",
    "r2": "γ/2 · E ‖∇D(G(z))‖²",
    "r1+r2": "γ/2 · (E ‖∇D(x)‖² + E ‖∇D(G(z))‖²)",
    "wgan-gp": "λ · E (‖∇D(x̂)‖ − 1)²,  x̂ = t x + (1 − t) G(z)",
}


def formulas_html(objective: str, penalty: str) -> str:
    """Return the formulas of the losses that the networks minimise."""
    assert objective in OBJECTIVES, objective
    assert penalty in PENALTIES, penalty
    discriminator, generator = OBJECTIVE_FORMULAS[objective]
    discriminator += "" if penalty == "none" else f" + {PENALTY_FORMULAS[penalty]}"
    rows = (("D", discriminator), ("G", generator))
    lines = "".join(f"<dt>{name}</dt><dd>{escape(formula)}</dd>" for name, formula in rows)
    softplus = "<p>σ⁺(t) = log(1 + e<sup>t</sup>)</p>" if "σ⁺" in discriminator + generator else ""
    return f'<dl class="formulas">{lines}</dl>{softplus}'
