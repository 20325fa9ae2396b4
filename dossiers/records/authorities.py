"""On whose authority facts are asked for. Each text names the document and how far it was read.

The list follows the sources of the dossier's sections. "own knowledge, verify" means that the document itself was not
read: a person of regulatory affairs confirms the reference before it is shown to an authority.
"""

from __future__ import annotations

_VERIFY = "(own knowledge, verify)"
_HEADING = "(heading seen in a secondary copy)"
_IN_PART = "(read in part)"


def _cat(section: str) -> str:
    """Reference to a heading of the guideline on investigational ATMPs, in force since 1 Jul 2025."""
    return f"EMA/CAT/22473/2025 {section} {_VERIFY}"


MODEL = "Data model of the dossier, {}"
RULE_STAGE = MODEL.format("rule 1: everything is scoped by stage")
RULE_REPEAT = MODEL.format("rule 2: the substance part repeats per active substance")
RULE_VERSION = MODEL.format("rule 3: versions are frozen")
RULE_NUMBER = MODEL.format("rule 4: a result is a number, a qualifier and a unit")
RULE_SECTION = MODEL.format("rule 5: section numbers are data")
RULE_DENOMINATOR = MODEL.format("rule 6: denominators are explicit")
RULE_TIMING = MODEL.format("rule 7: release timing is a fact")
RULE_SEGMENT = MODEL.format("rule 8: shelf life is a list of segments")
RULE_RISK = MODEL.format("rule 10: every risk closes")
INTAKE = "Intake form of the portfolio, gate G0"

CTR_ANNEX_I_G = "Regulation (EU) 536/2014 Annex I.G (proposal text read; check adopted text)"
CTR_ANNEX_I_F = "Regulation (EU) 536/2014 Annex I.F (proposal text read; check adopted text)"
CTR_REGISTER = f"Regulation (EU) 536/2014 art. 81 {_VERIFY}"
ATMP_REGULATION = f"Regulation (EC) 1394/2007 art. 2 and 17 {_VERIFY}"
HOSPITAL_EXEMPTION = f"Regulation (EC) 1394/2007 art. 28 {_VERIFY}"
TRACEABILITY = f"Regulation (EC) 1394/2007 art. 15 {_VERIFY}"
COMBINED = f"Regulation (EC) 1394/2007 art. 6-7 {_VERIFY}"
DEVICES = f"Regulation (EU) 2017/745 Annex I {_VERIFY}"
OVERVIEW = _cat("introduction and scope")
RISK_BASED = "EMA/CAT/22473/2025 risk-based approach (front matter and official summary read)"

S_1_1, S_1_2, S_1_3 = _cat("S.1.1"), _cat("S.1.2"), _cat("S.1.3")
S_2_1, S_2_2, S_2_3, S_2_4 = _cat("S.2.1"), _cat("S.2.2"), _cat("S.2.3"), _cat("S.2.4")
S_2_5, S_2_6, S_3_1, S_3_2 = _cat("S.2.5"), _cat("S.2.6"), _cat("S.3.1"), _cat("S.3.2")
S_4_1, S_4_2, S_4_3, S_4_4, S_4_5 = _cat("S.4.1"), _cat("S.4.2"), _cat("S.4.3"), _cat("S.4.4"), _cat("S.4.5")
S_5, S_6, S_7_1, S_7_2, S_7_3 = _cat("S.5"), _cat("S.6"), _cat("S.7.1"), _cat("S.7.2"), _cat("S.7.3")
P_1, P_2_1, P_2_2, P_2_3, P_2_4 = _cat("P.1"), _cat("P.2.1"), _cat("P.2.2"), _cat("P.2.3"), _cat("P.2.4")
P_2_6, P_3_1, P_3_2, P_3_3, P_3_5 = _cat("P.2.6"), _cat("P.3.1"), _cat("P.3.2"), _cat("P.3.3"), _cat("P.3.5")
P_4_1, P_4_5, P_4_6, P_5_1, P_5_6 = _cat("P.4.1"), _cat("P.4.5"), _cat("P.4.6"), _cat("P.5.1"), _cat("P.5.6")
P_6, P_7, P_8_1, P_8_2, P_8_3 = _cat("P.6"), _cat("P.7"), _cat("P.8.1"), _cat("P.8.2"), _cat("P.8.3")
A_1, A_2, A_3, A_4 = _cat("A.1"), _cat("A.2"), _cat("A.3"), _cat("A.4")
NONCLINICAL, CLINICAL = _cat("section 5"), _cat("section 6")

EDITING = f"EMA/CAT/GTWP/671639/2008 rev. 1 corr. 4 {_VERIFY}"
GENETICS = f"EMA/CAT/80183/2014 4.1.1-4.1.2 {_HEADING}"
COMPARABILITY = f"EMA/CAT/499821/2019 Q&A on comparability for ATMPs {_IN_PART}"
DONATION = f"Directive 2004/23/EC, 2006/17/EC, 2006/86/EC {_IN_PART}"
DONOR_TESTS = f"Directive 2006/17/EC Annex I 2.1 and Annex II {_IN_PART}"
BANKS = f"EudraLex Vol. 4 Part IV section 8 {_HEADING}"
ASEPTIC = f"EudraLex Vol. 4 Part IV section 10 {_HEADING}"
RECONSTITUTION = f"EudraLex Vol. 4 Part IV section 16 {_HEADING}"
TWO_STAGE_RELEASE = f"EudraLex Vol. 4 Part IV section 11 {_HEADING}; C(2019) 7140 {_HEADING}"
EXCEPTIONAL_RELEASE = f"EudraLex Vol. 4 Part IV section 11 {_HEADING}"
VALIDATION = f"ICH Q2(R2) {_VERIFY}"
VIRAL_SAFETY = f"ICH Q5A(R2) {_VERIFY}"
RAW_MATERIALS = "Ph. Eur. 5.2.12 (title and scope seen)"
TSE = f"Ph. Eur. 5.2.8 {_VERIFY}"
GMO_STATUS = f"biosafety.be (SBB) and FAMHP guidance {_IN_PART}"
GLP = f"EMA CAT statement of 2017 on good laboratory practice for ATMPs; Directive 2004/10/EC {_VERIFY}"
GERMLINE = f"EMEA/273974/2005 inadvertent germline transmission {_VERIFY}"
SHEDDING = f"EMEA/CHMP/ICH/449035/2009 vector shedding {_VERIFY}"
CONTRACEPTION = f"HMA CTFG/CTCG recommendations on contraception in trials {_VERIFY}"
SAFETY_REPORTING = f"Regulation (EU) 536/2014 art. 41-43 and Annex III {_VERIFY}"
AUXILIARY = f"Regulation (EU) 536/2014 art. 59 and Annex I.H {_VERIFY}"
CONSENT = f"Regulation (EU) 536/2014 art. 29 {_VERIFY}"
LABELLING = f"Regulation (EU) 536/2014 art. 66 and Annex VI {_VERIFY}"
BROCHURE = f"Regulation (EU) 536/2014 Annex I.E {_VERIFY}"
GMO_RULES = f"Directives 2001/18/EC part B and 2009/41/EC {_VERIFY}"
BIODISTRIBUTION = f"ICH S12 {_VERIFY}"
FIRST_DOSE = f"EMEA/CHMP/SWP/28367/07 rev. 1 (principles) {_VERIFY}"
PROCEDURES = f"C(2019) 7140 GCP for ATMPs 6.1-6.2 {_HEADING}"
FOLLOW_UP = f"CHMP/GTWP/60436/07 follow-up of patients after gene therapy {_IN_PART}"
