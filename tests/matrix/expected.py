"""What may each actor do with each object in each state? Written by hand, apart from the code.

A cell that names nothing is refused, and refused exactly like something that does not exist.
Two tables: what an address asks for, and who has it.
"""

from __future__ import annotations

from typing import Final

# --- What may be done with an exam -------------------------------------------------------------
LOOK, FILE, COPY, HISTORY, SHARE, REMOVE = "look", "file", "copy", "history", "share", "remove"
BRING_BACK, MARK, PASS_ON, ASK = "bring back", "mark as sensitive", "pass on", "ask the patient"
BY_WHICH, TRY = "learn by which consent to pass on", "be told that it is not theirs to give"
# Whoever looks is told what they may not give: they know of the exam.
MINE: Final = {LOOK, FILE, COPY, HISTORY, SHARE, MARK, REMOVE, TRY}
TAKE = "take it on, or hand it to a colleague"
SEEN: Final = {LOOK, ASK, TRY}
# Somebody of an institution, who may see it by whichever way.
AT_WORK: Final = SEEN | {TAKE}

EXAMS: Final[dict[str, dict[str, set[str]]]] = {
    "kept to oneself": {"owner": MINE},
    "shared to look": {"owner": MINE, "recipient": SEEN},
    "shared with copies": {"owner": MINE, "recipient": SEEN | {FILE, COPY}},
    "shared to be passed on": {"owner": MINE, "recipient": SEEN | {PASS_ON, BY_WHICH}},
    "share over": {"owner": MINE},
    "share taken back": {"owner": MINE},
    "share paused": {"owner": MINE},
    "share not begun": {"owner": MINE},
    "marked after it was shared": {"owner": MINE},
    "shared with a group": {"owner": MINE, "member": SEEN},
    "shared with a desk": {"owner": MINE, "desk": AT_WORK},
    "published to a hospital": {
        "owner": MINE,
        "desk": AT_WORK,
        "treats": AT_WORK,
        "colleague": AT_WORK,
        "officer": AT_WORK,
        "administrator": AT_WORK,
    },
    "removed": {"owner": {BRING_BACK}, "helper who manages": {BRING_BACK}},
    # Its own care team reads its files there; taking a copy away is another matter (L41).
    "kept by a hospital": {"treats": {LOOK, FILE, ASK, TRY, TAKE}},
}
# Whoever acts for the owner gets of every exam in the owner's vault what the owner said.
HELPERS: Final[dict[str, set[str]]] = {
    "helper who looks": {LOOK, TRY},
    "helper who shares": {LOOK, HISTORY, SHARE, MARK, TRY},
    "helper who manages": {LOOK, FILE, COPY, HISTORY, REMOVE, TRY},
}
NOT_THE_OWNERS: Final = {"removed", "kept by a hospital"}

# --- What may be done with a consent and its share ---------------------------------------------
READ, PAPER, EXTEND, END, PAUSE = "read", "paper", "extend", "end", "pause"
LET_IN, INVITE, SHOWN, OPENED = "let in", "invite", "shown", "opened"
RECEIPT, ENDED = "receipt", "learn how it ended"
PAST = "learn that there is nothing to invite to"
TOO_LATE = "learn that it is too late to let somebody in"
GIVEN: Final = {READ, PAPER, EXTEND, END, PAUSE, INVITE}
OVER: Final = GIVEN - {INVITE} | {PAST}
# A helper who shares, or looks after things, ends for the owner what the owner gave.
ENDS: Final[dict[str, set[str]]] = {
    "helper who shares": {END, PAUSE},
    "helper who manages": {END, PAUSE},
}

CONSENTS: Final[dict[str, dict[str, set[str]]]] = {
    "sent": ENDS | {"owner": GIVEN, "entrant": {SHOWN}},
    "waits to be let in": ENDS | {"owner": GIVEN | {LET_IN}, "entrant": {SHOWN}, "guest": {SHOWN}},
    "opened": ENDS
    | {"owner": GIVEN | {LET_IN}, "entrant": {SHOWN}, "guest": {SHOWN, OPENED, RECEIPT}},
    "taken with an account": ENDS
    | {"owner": GIVEN | {LET_IN}, "entrant": {SHOWN}, "recipient": {PAPER}},
    "taken back": ENDS | {"owner": OVER | {TOO_LATE}, "entrant": {ENDED}, "guest": {ENDED}},
    "turned down": ENDS | {"owner": OVER | {TOO_LATE}, "entrant": {ENDED}, "guest": {ENDED}},
    "over": ENDS | {"owner": OVER},
}

# --- The other objects -------------------------------------------------------------------------
CHANGE, SIGNED, ONWARD = "change", "learn that it was signed", "go on passing on"
ANSWER = "answer"
WITHDRAW, KEEP = "withdraw", "keep"
ACCEPT, DISAGREE, FOLLOW = "accept", "disagree", "follow"
VERIFY, BLOCK, SETTLE = "verify", "close at once", "settle"
FOLLOW_ALL = "follow what happens to all they have"

DRAFTS: Final[dict[str, dict[str, set[str]]]] = {
    "begun": {"owner": {CHANGE}},
    "shown": {"owner": {CHANGE}},
    "begun by a helper": {"helper who shares": {CHANGE}},
    "signed": {"owner": {SIGNED}},
    "thrown away": {},
}
REQUESTS: Final[dict[str, dict[str, set[str]]]] = {
    # Whoever may share for the owner answers in the owner's stead.
    "waiting": {"owner": {ANSWER}, "helper who shares": {ANSWER}, "recipient": {WITHDRAW}},
    "said no to": {},
    "taken back": {},
    "not answered in time": {},
}
GROUPS: Final[dict[str, dict[str, set[str]]]] = {
    "kept": {"owner": {KEEP}},
    "of somebody else": {"member": {KEEP}},
}
DELIVERIES: Final[dict[str, dict[str, set[str]]]] = {
    "open": {"owner": {FOLLOW}},
    "finished": {"owner": {FOLLOW}},
}
# Who acts for the member, as it stands: a helper they chose, who manages, or a parent whom two
# staff verify. The parent may only look, and so follows nothing; the one in dispute may share.
REPRESENTATIVES: Final[dict[str, dict[str, set[str]]]] = {
    "invited": {"stranger": {ACCEPT}, "member": {END}},
    "helping": {"recipient": {END, DISAGREE, FOLLOW_ALL}, "member": {END, DISAGREE}},
    "helped": {},
    "asked of the hospital": {
        "left the group": {END},
        "desk": {VERIFY, END},
        "officer": {VERIFY, END, BLOCK},
    },
    "verified": {
        "left the group": {END, DISAGREE},
        "member": {DISAGREE},
        "desk": {VERIFY, END},
        "officer": {VERIFY, END, BLOCK},
    },
    # Settled by who raised it, or by the house; nobody settles what was raised about them.
    "in dispute": {
        "left the group": {END, DISAGREE, FOLLOW_ALL, SETTLE},
        "member": {DISAGREE},
        "desk": {VERIFY, END, SETTLE},
        "officer": {VERIFY, END, BLOCK, SETTLE},
    },
    "blocked": {"desk": {VERIFY, END}, "officer": {VERIFY, END, BLOCK}},
}
# One's own account is looked after before everything else is in order.
CREDENTIALS: Final[dict[str, dict[str, set[str]]]] = {
    "in use": {
        "owner": {KEEP},
        "owner with one factor": {KEEP},
        "owner without the statement": {KEEP},
    },
    "ended": {},
}
