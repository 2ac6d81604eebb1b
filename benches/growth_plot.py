#!/usr/bin/env python3
"""Draws the tables of benches/growth.sh: growth_plot.py OUT.svg < TABLES.md. No packages needed."""

import sys

WIDTH, HEIGHT, LEFT, TOP, PANEL = 300, 190, 46, 34, 340
SERIES = [("CPU ms a frame", "#1b6ca8"), ("to result p50", "#d98c00"), ("p95", "#b03060")]
NAMES = {"to result p50": "arrival to result, p50, ms", "p95": "arrival to result, p95, ms"}


def tables(lines):
    """Yields (title, column names, rows) of each table that has all series."""
    lines = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines if line.startswith("|")]
    heads = [i for i, cells in enumerate(lines) if all(name in cells for name, _ in SERIES)]
    for at, head in enumerate(heads):
        rows = []
        for cells in lines[head + 2 :]:
            if len(cells) != len(lines[head]) or cells == lines[head] or "CPU ms a frame" in cells:
                break
            rows.append(cells)
        yield lines[head][0], lines[head], rows


def text(x, y, words, anchor="middle", size=11, colour="#333"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}">{words}</text>'


def panel(at, title, columns, rows):
    left = LEFT + at * PANEL
    values = {name: [float(row[columns.index(name)]) for row in rows] for name, _ in SERIES}
    most = max(max(v) for v in values.values())
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200) if most / s <= 6)
    top = step * (int(most / step) + 1)
    x = lambda i: left + WIDTH * (i + 0.5) / len(rows)
    y = lambda v: TOP + HEIGHT * (1 - v / top)
    out = [text(left + WIDTH / 2, TOP - 14, title, size=13)]
    for tick in range(0, top + 1, step):
        out.append(f'<path d="M{left} {y(tick):.1f}h{WIDTH}" stroke="#ddd"/>' + text(left - 6, y(tick) + 4, tick, "end"))
    for i, row in enumerate(rows):
        out.append(text(x(i), TOP + HEIGHT + 16, row[0].split(" (")[0], size=10))
    for name, colour in SERIES:
        points = [(x(i), y(v)) for i, v in enumerate(values[name])]
        path = "M" + "L".join(f"{px:.1f} {py:.1f}" for px, py in points)
        out.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="{colour}"/>' for px, py in points]
    return "\n".join(out)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = list(tables(sys.stdin))
    if not found:
        sys.exit("growth_plot.py: no table of benches/growth.sh in the input; pipe its output in")
    panels = "\n".join(panel(at, *table) for at, table in enumerate(found))
    width, height = LEFT + PANEL * len(found), TOP + HEIGHT + 52
    keys = "\n".join(
        f'<path d="M{LEFT + 240 * i} {height - 14}h22" stroke="{colour}" stroke-width="3"/>'
        + text(LEFT + 240 * i + 28, height - 10, NAMES.get(name, name), "start")
        for i, (name, colour) in enumerate(SERIES)
    )
    with open(sys.argv[1], "w") as file:
        file.write(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'font-family="sans-serif"><rect width="100%" height="100%" fill="#fff"/>\n{panels}\n{keys}\n</svg>\n'
        )


main()
