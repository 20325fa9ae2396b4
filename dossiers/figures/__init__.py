"""Records → figures, drawn from facts and said in words: flow diagrams, stability plots, maps of constructs."""

from dossiers.figures.construct import construct_map
from dossiers.figures.flow import flow
from dossiers.figures.plots import stability_plots

__all__ = ["construct_map", "flow", "stability_plots"]
