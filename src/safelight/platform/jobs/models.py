"""How does work wait in the database?"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from safelight.kernel.ids import new_id


class State(models.TextChoices):
    """Where a job stands."""

    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"


class Job(models.Model):
    """One piece of work: a task's name and ids, never content and never an error's text.

    `run_at` is application time. `lease_until` is the database's own time, so that
    workers on several machines agree on it. `epoch` grows with every claim: who
    writes a result must name the epoch of its claim.
    """

    job_id = models.UUIDField(primary_key=True, default=new_id)
    name = models.CharField(max_length=64)
    version = models.PositiveSmallIntegerField(default=1)
    ids = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.READY)
    run_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField()
    epoch = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=64, default="")
    error = models.CharField(max_length=64, default="")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["state", "run_at"], name="jobs_due"),
            models.Index(
                fields=["lease_until"],
                name="jobs_leases",
                condition=models.Q(state="running"),
            ),
        ]


class Tick(models.Model):
    """One turn of a schedule: inserted with its job, so that no turn is taken twice."""

    schedule = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["schedule", "at"], name="jobs_one_job_a_tick")
        ]
