"""At which levels does DICOMweb answer: those of looking, and those that give whole files?"""

LEVELS = (
    "/studies?StudyInstanceUID={study}",
    "/studies/{study}/series",
    "/studies/{study}/instances",
    "/studies/{study}/metadata",
    "/studies/{study}/rendered",
    "/studies/{study}/thumbnail",
    "/studies/{study}/series/{series}/instances",
    "/studies/{study}/series/{series}/metadata",
    "/studies/{study}/series/{series}/rendered",
    "/studies/{study}/series/{series}/thumbnail",
    "/studies/{study}/series/{series}/instances/{instance}/metadata",
    "/studies/{study}/series/{series}/instances/{instance}/frames/1",
    "/studies/{study}/series/{series}/instances/{instance}/frames/1/rendered",
    "/studies/{study}/series/{series}/instances/{instance}/rendered",
    "/studies/{study}/series/{series}/instances/{instance}/thumbnail",
)
FILES = (
    "/studies/{study}",
    "/studies/{study}/series/{series}",
    "/studies/{study}/series/{series}/instances/{instance}",
)
# Asked as strangers in test_no_way_around.py, and by their own tests.
BESIDE = {
    "/wado",
    "/series",
    "/instances",
    "/studies/{study}/series/{series}/instances/{instance}/frames/{frames}/thumbnail",
    "/studies/{study}/series/{series}/instances/{instance}/bulkdata/{path:path}",
}
