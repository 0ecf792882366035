"""How Django knows the questions that people set for themselves."""

from __future__ import annotations

from django.apps import AppConfig


class QuestionsConfig(AppConfig):
    """The label in migrations and tables."""

    name = "safelight.records.accounts.questions"
    label = "questions"
