"""What would a scanner measure in a made-up chest?

Nobody's body: ellipses, tubes and spheres with the densities of the real things,
drawn slice by slice. Coordinates are the patient's (PS3.3 C.7.6.2.1.1): x to the
left, y to the back, z to the head, in millimetres; values are Hounsfield units.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Point = tuple[float, float, float]

AIR: Final = -1000.0
LUNG: Final = -860.0
FAT: Final = -95.0
MUSCLE: Final = 55.0
LIVER: Final = 110.0
HEART: Final = 145.0
VESSEL: Final = 170.0
MARROW: Final = 190.0
CORTEX: Final = 620.0
DISC: Final = 75.0
MEDIASTINUM: Final = -20.0

_RIB_PITCH: Final = 26.0
_VERTEBRA: Final = 24.0
_NOISE: Final = 14.0


@dataclass(frozen=True, slots=True)
class Lesion:
    """A round nodule: where its middle is, how wide it is (mm), how dense (HU)."""

    center: Point = (-96.0, 26.0, 32.0)
    diameter: float = 14.0
    density: float = 38.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chest:
    """One made-up person's chest; equal seeds give equal chests."""

    seed: int = 1
    lesion: Lesion = field(default_factory=Lesion)

    def slice(self, z: float, x: Array, y: Array, vessels: NDArray[np.float32]) -> Array:
        """Return the densities at height `z` for the grids `x` and `y`, without noise."""
        density = _trunk(x, y, z)
        inside = _lungs(density, x, y, z)
        _bones(density, x, y, z)
        _middle(density, x, y, z)
        _draw_vessels(density, inside, x, y, z, vessels)
        _draw_lesion(density, x, y, z, self.lesion)
        return density


def _ellipse(x: Array, y: Array, at: tuple[float, float], radii: tuple[float, float]) -> Array:
    """Return how far out each point lies: below 1 inside."""
    return ((x - at[0]) / radii[0]) ** 2 + ((y - at[1]) / radii[1]) ** 2


def _trunk(x: Array, y: Array, z: float) -> Array:
    density = np.full(x.shape, AIR, dtype=np.float32)
    broad = 168.0 + 10.0 * np.tanh((z - 60.0) / 40.0)
    outer = np.abs(x / broad) ** 2.4 + np.abs((y - 2.0) / 116.0) ** 2.4
    density[outer < 1.0] = FAT
    density[outer < 0.84] = MUSCLE
    table = (np.abs(y - (128.0 + x * x / 3200.0)) < 3.0) & (np.abs(x) < 205.0)
    density[table] = -140.0
    return density


def _lung_scale(z: float) -> float:
    """Return how wide the lungs are at a height: narrow towards the apex, gone above it."""
    return float(np.sqrt(np.clip((150.0 - z) / 110.0, 0.0, 1.0)))


def _lungs(density: Array, x: Array, y: Array, z: float) -> NDArray[np.bool_]:
    scale = max(_lung_scale(z), 1e-3)
    middle = _ellipse(x, y, (4.0, 6.0), (37.0, 92.0)) < 1.0
    density[middle & (density == MUSCLE)] = MEDIASTINUM
    right = (_ellipse(x, y, (-70.0, 4.0), (59.0 * scale, 84.0 * scale)) < 1.0) & ~middle
    left = (_ellipse(x, y, (74.0, 6.0), (55.0 * scale, 82.0 * scale)) < 1.0) & ~middle
    dome_right = -58.0 - ((x + 70.0) / 9.0) ** 2 - ((y - 2.0) / 11.0) ** 2
    dome_left = -72.0 - ((x - 74.0) / 9.0) ** 2 - ((y - 2.0) / 11.0) ** 2
    liver = right & (z < dome_right)
    stomach = left & (z < dome_left)
    density[liver] = LIVER
    density[stomach] = MUSCLE
    inside = (right & ~liver) | (left & ~stomach)
    density[inside] = LUNG + 0.35 * y[inside]  # denser at the back, where blood sinks
    return inside


def _bones(density: Array, x: Array, y: Array, z: float) -> None:
    shell = np.abs(x / 139.0) ** 2.3 + np.abs((y - 4.0) / 98.0) ** 2.3
    angle = np.abs(np.arctan2(x, -(y - 4.0)))  # 0 in front, pi at the back
    height = np.mod(z + 22.0 * angle, _RIB_PITCH)  # a rib falls from the back to the front
    across = np.abs(height - _RIB_PITCH / 2.0) / 5.5
    along = np.abs(shell - 0.93) / 0.075
    rib = (across**2 + along**2 < 1.0) & (angle > 0.42)  # cartilage in front
    density[rib] = np.where(across[rib] ** 2 + along[rib] ** 2 > 0.45, CORTEX, MARROW)
    for side in (-1.0, 1.0):
        blade = _beside(x, y, (side * 74.0, 86.0), (side * 128.0, 52.0 - max(0.0, z - 60.0) * 0.2))
        if z > 45.0:
            density[blade < 4.5] = CORTEX * 0.6
    sternum = _ellipse(x, y, (0.0, -90.0), (19.0, 7.5))
    density[sternum < 1.0] = CORTEX * 0.7
    density[sternum < 0.6] = MARROW
    disc = np.mod(z, _VERTEBRA) < 5.0  # millimetres
    body = _ellipse(x, y, (0.0, 58.0), (19.0, 16.0))
    density[body < 1.0] = DISC if disc else CORTEX * 0.75
    if not disc:
        density[body < 0.8] = MARROW
    arch = _ellipse(x, y, (0.0, 82.0), (15.0, 13.0)) < 1.0
    wing = (np.abs(y - (80.0 + np.abs(x) * 0.12)) < 4.5) & (np.abs(x) < 34.0)
    spine = (np.abs(x) < 3.6) & (y > 84.0) & (y < 104.0)
    density[arch | (wing & (not disc)) | spine] = CORTEX * 0.6
    density[_ellipse(x, y, (0.0, 80.0), (9.0, 8.0)) < 1.0] = 25.0


def _middle(density: Array, x: Array, y: Array, z: float) -> None:
    """Draw the heart, the great vessels, the gullet and the windpipe."""
    size = np.sqrt(np.clip(1.0 - ((z + 25.0) / 58.0) ** 2, 0.0, 1.0))
    if size > 0:
        turned_x, turned_y = 0.8 * (x - 20) + 0.6 * (y + 30), -0.6 * (x - 20) + 0.8 * (y + 30)
        heart = _ellipse(turned_x, turned_y, (0.0, 0.0), (58.0 * size, 43.0 * size))
        density[heart < 1.0] = MUSCLE + 35.0
        density[heart < 0.72] = HEART
    density[_ellipse(x, y, (24.0, 44.0), (12.5, 12.5)) < 1.0] = VESSEL
    density[_ellipse(x, y, (2.0, 32.0), (7.0, 5.0)) < 1.0] = 30.0
    if z > 30.0:  # the height of the arch
        density[_ellipse(x, y, (-22.0, -18.0), (9.5, 11.0)) < 1.0] = VESSEL
    if 46.0 < z < 68.0:  # the arch itself
        density[_beside(x, y, (-14.0, -26.0), (24.0, 44.0)) < 12.0] = VESSEL
    if -6.0 < z < 46.0:
        density[_ellipse(x, y, (14.0, -26.0), (14.0, 13.0)) < 1.0] = VESSEL
    for center, radii in _airways(z):
        tube = _ellipse(x, y, center, radii)
        density[tube < 1.5] = MUSCLE  # its wall
        density[tube < 1.0] = AIR


def _beside(x: Array, y: Array, start: tuple[float, float], end: tuple[float, float]) -> Array:
    """Return how far each point lies from the line between two points, in millimetres."""
    across, down = end[0] - start[0], end[1] - start[1]
    along = ((x - start[0]) * across + (y - start[1]) * down) / (across**2 + down**2)
    along = np.clip(along, 0.0, 1.0)
    return np.hypot(x - start[0] - along * across, y - start[1] - along * down)


def _airways(z: float) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Return the middles and radii of the windpipe, or of the bronchi below its fork."""
    fork = 32.0
    if z > fork:
        return [((0.0, 14.0), (9.0, 9.5))]
    if z < -22.0:  # where they are lost among the vessels
        return []
    down = fork - z
    return [
        ((-8.0 - 0.62 * down, 16.0 + 0.1 * down), (7.0, 6.5)),
        ((8.0 + 0.78 * down, 17.0 + 0.1 * down), (6.5, 6.0)),
    ]


def vessel_tree(seed: int) -> NDArray[np.float32]:
    """Return balls (x, y, z, radius) strung along the vessels of both lungs."""
    random = np.random.default_rng([seed, 7])
    balls: list[Any] = []
    for side, root in ((-1.0, (-24.0, 10.0, 12.0)), (1.0, (26.0, 12.0, 12.0))):
        for _ in range(150):
            start = np.array(root) + random.normal(0.0, 1.0, 3) * (5.0, 7.0, 24.0)
            away = random.normal(0.0, 1.0, 3)
            away *= random.uniform(0.1, 1.0) ** (1 / 3) / np.linalg.norm(away)
            end = np.array([side * 72.0, 4.0, 15.0]) + away * (52.0, 76.0, 95.0)
            bend = (start + end) / 2.0 + random.normal(0.0, 12.0, 3)
            thick = random.uniform(1.3, 3.4)
            at = np.linspace(0.0, 1.0, 130)[:, None]
            path = (1 - at) ** 2 * start + 2 * at * (1 - at) * bend + at**2 * end
            radius = thick * (1.0 - 0.62 * at)
            balls.append(np.hstack([path, radius]))
    return np.vstack(balls).astype(np.float32)


def _draw_vessels(
    density: Array, inside: NDArray[np.bool_], x: Array, y: Array, z: float, balls: Array
) -> None:
    step = float(x[0, 1] - x[0, 0])
    near = balls[np.abs(balls[:, 2] - z) < balls[:, 3] + step]
    rise = float(y[1, 0] - y[0, 0])
    for ball_x, ball_y, ball_z, radius in near:
        reach = float(np.sqrt(max(radius**2 - (ball_z - z) ** 2, 0.1)))
        columns = _span(ball_x, reach, float(x[0, 0]), step, x.shape[1])
        rows = _span(ball_y, reach, float(y[0, 0]), rise, x.shape[0])
        patch = (rows, columns)
        hit = (_ellipse(x[patch], y[patch], (ball_x, ball_y), (reach, reach)) < 1.0) & inside[patch]
        density[patch][hit] = 60.0


def _span(middle: float, reach: float, start: float, step: float, count: int) -> slice:
    first = int((middle - reach - start) / step)
    return slice(max(0, first), min(count, first + int(2 * reach / step) + 3))


def _draw_lesion(density: Array, x: Array, y: Array, z: float, lesion: Lesion) -> None:
    radius = lesion.diameter / 2.0
    across = radius**2 - (z - lesion.center[2]) ** 2
    if across > 0:
        ball = _ellipse(x, y, lesion.center[:2], (float(np.sqrt(across)),) * 2)
        density[ball < 1.0] = lesion.density


def smooth(density: Array) -> Array:
    """Return the slice as a detector of finite size sees it: edges softened."""
    padded = np.pad(density, 1, mode="edge")
    rows = padded[:-2] + 2.0 * padded[1:-1] + padded[2:]
    softened: Array = (rows[:, :-2] + 2.0 * rows[:, 1:-1] + rows[:, 2:]) / 16.0
    return softened


def noise(shape: tuple[int, int], seed: tuple[int, int]) -> Array:
    """Return noise with the grain of filtered back projection: little at low frequencies."""
    random = np.random.default_rng(seed)
    spectrum = np.fft.rfft2(random.standard_normal(shape, dtype=np.float32))
    up = np.fft.fftfreq(shape[0])[:, None]
    across = np.fft.rfftfreq(shape[1])[None, :]
    frequency = np.hypot(up, across)
    grain = np.fft.irfft2(spectrum * frequency * np.exp(-((frequency / 0.28) ** 2)), shape)
    return np.asarray(grain * (_NOISE / grain.std()), dtype=np.float32)
