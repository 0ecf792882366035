"""What is the full viewer told? Where exams are, and how it shall behave."""

from __future__ import annotations

import json
from typing import Any, Final

_NAMESPACE: Final = "@ohif/extension-default.dataSourcesModule.dicomweb"
# Frames ahead are asked for a few at a time, so that the one that is looked at comes first.
_AT_ONCE: Final = {"interaction": 20, "thumbnail": 4, "prefetch": 8}


def settings_script(*, base: str, root: str) -> str:
    """Return the script with the viewer's settings.

    Args:
        base: the path below which the viewer's own pages stand.
        root: the DICOMweb root that is all it can reach.
    """
    source: dict[str, Any] = {
        "friendlyName": "Safelight",
        "name": "safelight",
        "qidoRoot": root,
        "wadoRoot": root,
        "wadoUriRoot": f"{root}/wado",
        "qidoSupportsIncludeField": False,
        "supportsReject": False,
        "supportsStow": False,
        "supportsFuzzyMatching": False,
        "supportsWildcard": False,
        "imageRendering": "wadors",
        "thumbnailRendering": "wadors",
        "enableStudyLazyLoad": True,
        "staticWado": True,
        "singlepart": "bulkdata,video,pdf",
        "omitQuotationForMultipartRequest": True,
        "bulkDataURI": {"enabled": True},
    }
    asked = {
        "routerBasename": base,
        "extensions": [],
        "modes": [],
        "customizationService": {},
        "showStudyList": False,
        "maxNumberOfWebWorkers": 2,
        "showWarningMessageForCrossOrigin": False,
        "showCPUFallbackMessage": False,
        "strictZSpacingForVolumeViewport": True,
        "showErrorDetails": "production",
        "investigationalUseDialog": {"option": "never"},  # our own words stand above it always
        "maxNumRequests": _AT_ONCE,
        "defaultDataSourceName": "exam",
        "dataSources": [{"namespace": _NAMESPACE, "sourceName": "exam", "configuration": source}],
    }
    return f"window.config = {json.dumps(asked)};\n"
