#!/usr/bin/env python3
"""Makes the two font files of this folder again from Debian's fonts-inter (3.019).

    apt-get download fonts-inter && dpkg-deb -x fonts-inter_*.deb inter
    pip install fonttools && python3 subset.py inter/usr/share/fonts/opentype/inter

Keeps Latin, Greek, Cyrillic (names of cameras and files), punctuation and a few signs; turns the tabular digits
(feature `tnum`) into the default ones, since the program's rasteriser knows no OpenType features.
"""
import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

RANGES = [(0x20, 0x7E), (0xA0, 0x17F), (0x391, 0x3C9), (0x410, 0x44F), (0x2010, 0x2026), (0x2190, 0x2195)]
SINGLE = "ЁёΔμ∙•‹›€™−≈≤≥∞✓✗●○■□▲△▼◆◇⌘"
TABULAR = "0123456789+−"


def single_substitutions(font, tag):
    gsub, out = font["GSUB"].table, {}
    for record in gsub.FeatureList.FeatureRecord:
        if record.FeatureTag != tag:
            continue
        for index in record.Feature.LookupListIndex:
            for table in gsub.LookupList.Lookup[index].SubTable:
                out.update(getattr(getattr(table, "ExtSubTable", table), "mapping", {}))
    return out


def main(folder):
    for weight in ("Medium", "SemiBold"):
        font = TTFont(folder / f"Inter-{weight}.otf")
        tabular = single_substitutions(font, "tnum")
        for table in font["cmap"].tables:
            for sign in TABULAR:
                name = table.cmap.get(ord(sign))
                if name in tabular:
                    table.cmap[ord(sign)] = tabular[name]
        options = Options()
        options.layout_features = []
        options.hinting = False
        options.desubroutinize = False
        options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
        options.notdef_outline = True
        subsetter = Subsetter(options)
        wanted = [c for low, high in RANGES for c in range(low, high + 1)] + [ord(c) for c in SINGLE]
        subsetter.populate(unicodes=wanted)
        subsetter.subset(font)
        out = Path(__file__).with_name(f"inter-{weight.lower()}-subset.otf")
        font.save(out)
        missing = [chr(c) for c in wanted if c not in font.getBestCmap()]
        print(out.name, out.stat().st_size, "bytes; not in the font:", "".join(missing))


main(Path(sys.argv[1]))
