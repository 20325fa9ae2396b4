"""The styles of the house's own template."""

from __future__ import annotations

from dataclasses import dataclass

from dossiers.word import markup

INK, BLUE, GREY, RULE, TINT = "1F3864", "2F5496", "595959", "BFC7D5", "E9EEF6"
FONT = "Arial"  # Liberation Sans, which free programs use instead, has the same widths
MONOSPACED = "Courier New"


@dataclass(frozen=True, slots=True)
class Style:
    """A style: id, name, the style it builds on, paragraph and run properties as XML."""

    id: str
    name: str
    based: str = "Normal"
    ppr: str = ""
    rpr: str = ""
    next: str = ""
    kind: str = "paragraph"

    def xml(self) -> str:
        """The w:style element."""
        head = f'w:type="{self.kind}" w:styleId="{self.id}"'
        if self.name.startswith("Tandem "):
            head = f'w:type="{self.kind}" w:customStyle="1" w:styleId="{self.id}"'
        ppr = f"<w:pPr>{self.ppr}</w:pPr>" if self.ppr else ""
        rpr = f"<w:rPr>{self.rpr}</w:rPr>" if self.rpr else ""
        based = f'<w:basedOn w:val="{self.based}"/>' if self.based else ""
        following = f'<w:next w:val="{self.next}"/>' if self.next else ""
        return f'<w:style {head}><w:name w:val="{self.name}"/>{based}{following}<w:qFormat/>{ppr}{rpr}</w:style>'


def _space(before: int, after: int, line: int = 0) -> str:
    lines = f' w:line="{line}" w:lineRule="auto"' if line else ""
    return f'<w:spacing w:before="{before}" w:after="{after}"{lines}/>'


def _type(half_points: int, colour: str = "", bold: bool = False, italic: bool = False) -> str:
    return (
        ("<w:b/><w:bCs/>" if bold else "")
        + ("<w:i/><w:iCs/>" if italic else "")
        + (f'<w:color w:val="{colour}"/>' if colour else "")
        + f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'
    )


def _rule(side: str, size: int, colour: str, space: int = 4) -> str:
    return f'<w:pBdr><w:{side} w:val="single" w:sz="{size}" w:space="{space}" w:color="{colour}"/></w:pBdr>'


def _headings() -> list[Style]:
    out = []
    sizes = (32, 27, 24, 22, 21, 21, 20, 20, 20)
    hang = '<w:tabs><w:tab w:val="left" w:pos="1304"/></w:tabs>{}<w:ind w:left="1304" w:hanging="1304"/>'
    for level, size in enumerate(sizes, 1):
        before, after = {1: (480, 200), 2: (400, 160), 3: (320, 120)}.get(level, (260, 100))
        ppr = (
            "<w:keepNext/><w:keepLines/>" + hang.format(_space(before, after)) + f'<w:outlineLvl w:val="{level - 1}"/>'
        )
        colour = INK if level <= 3 else BLUE
        out.append(Style(f"Heading{level}", f"heading {level}", "Normal", ppr, _type(size, colour, True), "BodyText"))
    for level in range(1, 5):
        ppr = "<w:keepNext/><w:keepLines/>" + _space(220, 80) + '<w:outlineLvl w:val="8"/>'
        look = _type(21 if level == 1 else 20, BLUE, level < 3, level > 1)
        out.append(Style(f"Subheading{level}", f"Tandem Subheading {level}", "Normal", ppr, look, "BodyText"))
    return out


def _texts() -> list[Style]:
    grey_rule = _rule("left", 12, RULE, 8)
    return [
        Style("BodyText", "Body Text", ppr=_space(0, 140, 276)),
        Style("ListParagraph", "List Paragraph", ppr=_space(0, 80, 264)),
        Style("Note", "Tandem Note", "BodyText", _space(0, 120, 252), _type(18, GREY)),
        Style("Quote", "Quote", "BodyText", grey_rule + '<w:ind w:left="340" w:right="340"/>', "<w:i/><w:iCs/>"),
        Style(
            "CodeBlock",
            "Tandem Code Block",
            "Normal",
            f'<w:shd w:val="clear" w:color="auto" w:fill="F3F4F6"/>{_space(60, 140)}',
            f'<w:rFonts w:ascii="{MONOSPACED}" w:hAnsi="{MONOSPACED}" w:cs="{MONOSPACED}"/>' + _type(18),
        ),
        Style("Caption", "caption", ppr="<w:keepNext/><w:keepLines/>" + _space(220, 100), rpr=_type(19, INK, True)),
        Style("Figure", "Tandem Figure", ppr="<w:keepNext/>" + _space(160, 40) + '<w:jc w:val="left"/>'),
        Style("TableText", "Tandem Table Text", ppr=_space(30, 30), rpr=_type(18)),
        Style("TableHead", "Tandem Table Head", "TableText", "<w:keepNext/>", _type(18, INK, True)),
        Style("TableStrong", "Tandem Table Row Head", "TableText", "", _type(18, INK, True)),
        Style("TableTextSmall", "Tandem Table Text Small", "TableText", _space(20, 20), _type(15)),
        Style("TableHeadSmall", "Tandem Table Head Small", "TableHead", _space(20, 20), _type(15, INK, True)),
        Style("TableStrongSmall", "Tandem Table Row Head Small", "TableStrong", _space(20, 20), _type(15, INK, True)),
        Style("TableNote", "Tandem Table Note", ppr=_space(60, 0), rpr=_type(16, GREY)),
        Style(
            "TableEnd", "Tandem Table End", ppr='<w:spacing w:before="0" w:after="0" w:line="220" w:lineRule="exact"/>'
        ),
        Style(
            "SectionBreak",
            "Tandem Section Break",
            ppr='<w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>',
            rpr='<w:sz w:val="2"/><w:szCs w:val="2"/>',
        ),
        Style("FootnoteText", "footnote text", ppr=_space(0, 20), rpr=_type(17)),
        Style("CommentText", "annotation text", rpr=_type(20)),
    ]


def _contents() -> list[Style]:
    contents = [
        Style(
            f"TOC{level}",
            f"toc {level}",
            ppr='<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="9412"/></w:tabs>'
            + _space(120 if level == 1 else 0, 40)
            + f'<w:ind w:left="{(level - 1) * 200}"/>',
            rpr=_type(20, INK if level == 1 else "", level == 1),
        )
        for level in range(1, 10)
    ]
    right = '<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="9412"/></w:tabs>'
    return [
        *contents,
        Style(
            "TableofFigures",
            "table of figures",
            ppr=right + _space(0, 60) + '<w:ind w:left="964" w:hanging="964"/>',
            rpr=_type(20),
        ),
        Style("TOCHeading", "TOC Heading", ppr="<w:keepNext/>" + _space(360, 200), rpr=_type(30, INK, True)),
    ]


def _front() -> list[Style]:
    return [
        Style("FrontHeading", "Tandem Front Heading", ppr="<w:keepNext/>" + _space(400, 140), rpr=_type(24, INK, True)),
        Style("CoverSponsor", "Tandem Cover Sponsor", ppr=_space(1900, 200), rpr=_type(22, GREY)),
        Style(
            "Title",
            "Title",
            ppr=_rule("top", 24, BLUE, 14) + _space(0, 160, 252),
            rpr=_type(52, INK, True),
            next="Subtitle",
        ),
        Style("Subtitle", "Subtitle", ppr=_space(0, 480), rpr=_type(30, BLUE)),
        Style(
            "CoverStatus",
            "Tandem Cover Status",
            ppr=f'<w:shd w:val="clear" w:color="auto" w:fill="FFF4CC"/>{_space(0, 400)}',
            rpr=_type(21, "7A4B00", True),
        ),
        Style("CoverLabel", "Tandem Cover Label", ppr=_space(50, 50), rpr=_type(20, GREY)),
        Style("CoverText", "Tandem Cover Text", ppr=_space(50, 50), rpr=_type(20)),
        Style("CoverNote", "Tandem Cover Note", ppr=_space(360, 0), rpr=_type(18, GREY)),
        Style("Header", "header", ppr=_space(0, 0), rpr=_type(16, GREY)),
        Style("Footer", "footer", ppr=_space(0, 0), rpr=_type(16, GREY)),
        Style("StatusLine", "Tandem Status Line", "Header", _space(40, 0), _type(16, "9C5700", True)),
    ]


def _characters() -> list[Style]:
    base = "DefaultParagraphFont"
    mono = f'<w:rFonts w:ascii="{MONOSPACED}" w:hAnsi="{MONOSPACED}" w:cs="{MONOSPACED}"/>'
    return [
        Style("CodeCharacter", "Tandem Code", base, rpr=mono, kind="character"),
        Style(
            "Gap",
            "Tandem Gap",
            base,
            rpr='<w:b/><w:bCs/><w:shd w:val="clear" w:color="auto" w:fill="FFFF00"/>',
            kind="character",
        ),
        Style("Unverified", "Tandem Unverified", base, rpr='<w:u w:val="dotted" w:color="C55A11"/>', kind="character"),
        Style(
            "FootnoteReference", "footnote reference", base, rpr='<w:vertAlign w:val="superscript"/>', kind="character"
        ),
        Style("CommentReference", "annotation reference", base, rpr=_type(16), kind="character"),
        Style("Hyperlink", "Hyperlink", base, rpr=f'<w:color w:val="{BLUE}"/><w:u w:val="single"/>', kind="character"),
    ]


def _tables() -> str:
    def border(sides: tuple[str, ...], size: int, colour: str) -> str:
        return "".join(f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="{colour}"/>' for side in sides)

    margins = (
        '<w:tblCellMar><w:top w:w="20" w:type="dxa"/><w:left w:w="85" w:type="dxa"/>'
        '<w:bottom w:w="20" w:type="dxa"/><w:right w:w="85" w:type="dxa"/></w:tblCellMar>'
    )
    ruled = border(("top",), 8, BLUE) + border(("left",), 4, RULE) + border(("bottom",), 8, BLUE)
    ruled += border(("right", "insideH", "insideV"), 4, RULE)
    lines = border(("top", "bottom"), 4, RULE) + border(("insideH",), 4, RULE)
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{TINT}"/>'
    return (
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
        '<w:uiPriority w:val="99"/><w:semiHidden/><w:unhideWhenUsed/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/>'
        '<w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="108" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/>'
        '<w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
        '<w:style w:type="table" w:customStyle="1" w:styleId="TandemTable"><w:name w:val="Tandem Table"/>'
        f'<w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>{ruled}</w:tblBorders>{margins}</w:tblPr>'
        f'<w:tblStylePr w:type="firstRow"><w:tcPr>{shade}</w:tcPr></w:tblStylePr></w:style>'
        '<w:style w:type="table" w:customStyle="1" w:styleId="TandemPlain"><w:name w:val="Tandem Plain Table"/>'
        f'<w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>{lines}</w:tblBorders>{margins}</w:tblPr></w:style>'
    )


def styles() -> str:
    """The styles part."""
    fonts = f'<w:rFonts w:ascii="{FONT}" w:hAnsi="{FONT}" w:eastAsia="{FONT}" w:cs="{FONT}"/>'
    language = '<w:lang w:val="en-GB" w:eastAsia="en-GB" w:bidi="ar-SA"/>'
    defaults = (
        f'<w:docDefaults><w:rPrDefault><w:rPr>{fonts}<w:sz w:val="20"/><w:szCs w:val="20"/>{language}</w:rPr>'
        f"</w:rPrDefault><w:pPrDefault><w:pPr>{_space(0, 0, 240)}</w:pPr></w:pPrDefault></w:docDefaults>"
    )
    normal = (
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>'
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
        '<w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/></w:style>'
        '<w:style w:type="numbering" w:default="1" w:styleId="NoList"><w:name w:val="No List"/>'
        '<w:uiPriority w:val="99"/><w:semiHidden/></w:style>'
    )
    named = "".join(style.xml() for style in (*_headings(), *_texts(), *_contents(), *_front(), *_characters()))
    return f"{markup.DECLARATION}<w:styles {markup.ROOT_ATTRIBUTES}>{defaults}{normal}{_tables()}{named}</w:styles>"
