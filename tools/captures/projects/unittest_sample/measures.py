"""Volumes written as text, such as ``3 m³``: something small to test."""

LITRES = {"l": 1, "hl": 100, "m³": 1000}


def litres(text: str) -> float:
    """The litres in *text*, a number and a unit with a space between."""
    number, unit = text.split(" ")
    if unit not in LITRES:
        raise ValueError(f"unknown unit: {unit}")
    return float(number) * LITRES[unit]
