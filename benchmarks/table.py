"""Figures as people read them."""

from collections.abc import Iterable, Mapping

from .figure import Figure

_HEAD = ("figure", "value", "beside", "ratio", "aim", "met")


def as_text(figures: Iterable[Figure]) -> str:
    """Return figures as a table for a terminal."""
    rows = [_HEAD, *(_cells(figure.name, figure.as_json()) for figure in figures)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def as_markdown(figures: Mapping[str, Mapping[str, object]]) -> str:
    """Return the figures of a JSON file as a table for a page."""
    rows = [(*_HEAD, "beside what"), ("---",) * (len(_HEAD) + 1)]
    rows += [
        (*_cells(f"`{name}`", fields), str(fields["beside_is"])) for name, fields in figures.items()
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cells(name: str, fields: Mapping[str, object]) -> tuple[str, ...]:
    unit = fields["unit"]
    aim = f"{fields['aim']}{' (own)' if fields['own_aim'] else ''}"
    return (
        name,
        f"{_number(fields['value'])} {unit}",
        "-" if fields["beside"] is None else f"{_number(fields['beside'])} {unit}",
        "-" if fields["ratio"] is None else f"{_number(fields['ratio'])}",
        aim,
        "yes" if fields["met"] else "NO",
    )


def _number(value: object) -> str:
    if isinstance(value, float | int):
        return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"
    return str(value)
