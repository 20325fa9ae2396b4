"""Records → figures, drawn from facts and said in words: flow diagrams of processes, plots of stability."""

from dossiers.figures.flow import flow
from dossiers.figures.plots import stability_plots

__all__ = ["flow", "stability_plots"]
