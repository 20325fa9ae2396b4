from __future__ import annotations

from io import StringIO

import html5lib
import pytest
from lxml import etree

from dossiers import svg


def drawing(inner: str, attributes: str = "") -> str:
    return f'<svg xmlns="{svg.SVG}" xmlns:xlink="{svg.XLINK}" {attributes}>{inner}</svg>'


def test_style_attributes_and_sheets_become_attributes() -> None:
    made = svg.inline(
        drawing(
            '<defs><style>*{stroke-linejoin: round; x}</style></defs><path style="fill: #fff; stroke: red" d="M0 0"/>'
        ),
        "f",
        "x",
    )
    assert "style" not in made
    root = etree.fromstring(made)
    assert root.get("stroke-linejoin") == "round"
    path = root.find(f".//{{{svg.SVG}}}path")
    assert path is not None
    assert (path.get("fill"), path.get("stroke"), path.get("d")) == ("#fff", "red", "M0 0")


def test_ids_and_every_reference_to_them_are_prefixed() -> None:
    made = svg.inline(
        drawing(
            '<clipPath id="c"><path id="p"/></clipPath><use xlink:href="#p"/><use href="#p"/>'
            '<g clip-path="url(#c)" style="mask: url( #c )"/>'
        ),
        "figure-1",
        "x",
    )
    assert made.count('"#figure-1-p"') == 2
    assert made.count("url(#figure-1-c)") == 2
    assert 'id="figure-1-c"' in made
    assert "xlink" not in made


@pytest.mark.parametrize(
    "inner",
    [
        "<script>alert(1)</script>",
        '<g onclick="alert(1)"/>',
        '<use href="https://example.org/x.svg#a"/>',
        '<image href="https://example.org/x.png"/>',
        "<foreignObject><p>example.org</p></foreignObject>",
        '<a href="javascript:alert(1)"><path/></a>',
        '<path fill="url(https://example.org/x)"/>',
        '<path style="fill: url(https://example.org/x)"/>',
        "<metadata>example.org</metadata>",
        "<animate attributeName='href' to='javascript:alert(1)'/>",
    ],
)
def test_what_could_act_or_load_is_taken_out(inner: str) -> None:
    made = svg.inline(drawing(inner), "f", "x")
    assert "alert" not in made
    assert "example.org" not in made


def test_the_drawing_says_what_it_shows() -> None:
    root = etree.fromstring(svg.inline(drawing("<path/>"), "f", 'A "curve" < 5'))
    assert (root.get("role"), root.get("aria-label")) == ("img", 'A "curve" < 5')


def test_a_prefixed_drawing_reads_as_html() -> None:
    made = svg.inline(f'<svg:svg xmlns:svg="{svg.SVG}" viewBox="0 0 1 1"><svg:path d="M0 0"/></svg:svg>', "f", "x")
    assert made.startswith("<svg ")
    assert "<path" in made
    assert "svg:" not in made


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not a picture", "not a readable SVG"),
        ("<html/>", "first element is not <svg>"),
        (f'<!DOCTYPE svg [<!ENTITY e "boom">]><svg xmlns="{svg.SVG}"><text>&e;</text></svg>', "declares entities"),
    ],
)
def test_what_is_no_drawing_is_refused(text: str, said: str) -> None:
    with pytest.raises(svg.DrawingFault, match=said):
        svg.inline(text, "f", "x")


def test_matplotlib_drawings_fit_twice_into_one_page() -> None:
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure()
    figure.subplots().plot([1, 2], [3, 4], label="x")
    FigureCanvasSVG(figure)
    out = StringIO()
    figure.savefig(out, format="svg")
    page = "".join(svg.inline(out.getvalue(), anchor, "x") for anchor in ("figure-1", "figure-2"))
    tree = html5lib.HTMLParser(strict=True).parse(f"<!DOCTYPE html><html><head><title>x</title></head><body>{page}")
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids)) > 10
    assert " style=" not in page
    targets = {element.get("href") for element in tree.iter() if element.get("href")}
    assert targets
    assert targets <= {f"#{at}" for at in ids}
