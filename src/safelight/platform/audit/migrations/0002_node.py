"""Keep hashes of the trail's tree, so that proofs need few reads; make those of what is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_AT_ONCE = 5000


def keep_those_of_what_is_there(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Compute the tree once from the entries' texts."""
    from safelight.platform.audit.merkle import Frontier, leaf_hash  # noqa: PLC0415
    from safelight.platform.audit.tree import place  # noqa: PLC0415 (it needs the models)

    entry, node = apps.get_model("audit", "Entry"), apps.get_model("audit", "Node")
    using = editor.connection.alias

    def nodes() -> Iterator[Any]:
        frontier = Frontier()
        placed = entry.objects.using(using).filter(seq__isnull=False).order_by("seq")
        for text in placed.values_list("text", flat=True).iterator(chunk_size=2000):
            for level, index, root in frontier.append(leaf_hash(text.encode())):
                yield node(place=place(level, index), hash=root)

    kept: list[Any] = []
    for each in nodes():
        kept.append(each)
        if len(kept) == _AT_ONCE:
            node.objects.using(using).bulk_create(kept)
            kept.clear()
    node.objects.using(using).bulk_create(kept)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Node",
            fields=[
                ("place", models.BigIntegerField(primary_key=True, serialize=False)),
                ("hash", models.BinaryField(max_length=32)),
            ],
        ),
        migrations.RunPython(keep_those_of_what_is_there, migrations.RunPython.noop),
    ]
