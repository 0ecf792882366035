"""Which provider did the operator choose for the root key?

`SAFELIGHT_ROOT_KEY_PROVIDER` is "file" (`SAFELIGHT_ROOT_KEY_FILE`), "environment"
(`SAFELIGHT_ROOT_KEY`, 64 hexadecimal digits; chosen where that is set and nothing is said)
or "kms": then the file holds the root key wrapped by the key `SAFELIGHT_KMS_KEY` of the
service at `SAFELIGHT_KMS_URL` in `SAFELIGHT_KMS_REGION`. `SAFELIGHT_KMS_CA` names
certificates to trust instead of the system's.
"""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured

from safelight.config.environment import Environment
from safelight.platform.keys.kms import Kms
from safelight.platform.keys.roots import (
    VARIABLE,
    EnvironmentRoot,
    FileRoot,
    KmsRoot,
    RootProvider,
)


def root_provider(environment: Environment) -> RootProvider:
    """Return the provider that was chosen.

    Raises:
        ImproperlyConfigured: there is none of that name.
    """
    is_said = VARIABLE in os.environ and "SAFELIGHT_ROOT_KEY_FILE" not in os.environ
    chosen = environment.text("root_key_provider", "environment" if is_said else "file")
    if chosen == "file":
        return FileRoot(environment.root_key_file, beside=environment.data)
    if chosen == "environment":
        return EnvironmentRoot()
    if chosen == "kms":
        kms = Kms(
            environment.text("kms_url"),
            environment.text("kms_key"),
            environment.text("kms_region", "us-east-1"),
            environment.text("kms_ca"),
        )
        return KmsRoot(environment.root_key_file, beside=environment.data, kms=kms)
    raise ImproperlyConfigured("SAFELIGHT_ROOT_KEY_PROVIDER is file, environment or kms")
