"""Words that matter beside numbers, English and German."""

from __future__ import annotations

OPERATORS = {
    "times": "*", "mal": "*", "plus": "+", "minus": "-", "multiplied by": "*", "divided by": "/", "geteilt durch": "/",
}  # fmt: skip
COUNTED = frozenset(
    """weight weights parameter parameters params param bias biases entry entries value values pixel pixels number
    numbers multiplication multiplications mult mults mul muls mac macs operation operations ops flops filter
    filters neuron neurons output outputs element elements unit units connection connections product products
    feature features addition additions gewicht gewichte gewichten parametern werte wert einträge eintrag zahlen
    multiplikation multiplikationen operationen neuronen ausgaben elemente verbindungen produkte total insgesamt
    altogether images samples steps batches""".split()  # noqa: SIM905
)
UNSURE = frozenset(
    """of von half halb halbe twice double doubled doppelt third thirds quarter per pro je each every square squared
    root log ln exp sin cos max min mean average sum summe mittel than als by durch times mal plus minus over to
    bis from between zwischen more less fewer mehr weniger without ohne with mit mod modulo not nicht never
    instead anstatt statt wrong falsch never except unless if wenn falls if would wäre false incorrect choose
    über squares dozen fold hoch power potenz quadrat wurzel factor faktor rest remainder neither nor or oder""".split()  # noqa: SIM905
)
CHANGING = frozenset(
    """times mal plus minus more less fewer mehr weniger over of von dozen fold squared multiplied divided geteilt hoch
    thousand hundred tausend hundert""".split()  # noqa: SIM905
)
FUNCTIONS = frozenset("sin cos tan tanh exp log ln log2 log10 max min abs round int len sum mean".split())  # noqa: SIM905
CONVERTED = frozenset(
    """s sec ms min minute minutes minuten hour hours stunde stunden second seconds sekunden day days tage bit bits
    byte bytes epoch epochs epochen""".split()  # noqa: SIM905
)
LISTED = frozenset(["and", "und", "&", ",", "or", "oder", "sowie"])
SHAPED = frozenset(
    """kernel kernels conv convs convolution convolutions filter filters input inputs image images output outputs map
    maps pool pooling window windows matrix matrices patch patches feature stride volume tensor layer layers
    faltung bild bilder eingabe ausgabe kern fenster""".split()  # noqa: SIM905
)
