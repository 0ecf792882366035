"""Does nobody alone get the root key out, and do two put it together again?"""

from __future__ import annotations

import pytest

from powers import a_wish, admin, approved, security_officer
from safelight.exchange.access.powers.errors import ApprovalMissingError
from safelight.governance.keys.errors import SharesRefusedError
from safelight.governance.keys.sharing_root import (
    Splitting,
    deed_of,
    export_shares,
    import_shares,
    root_from_shares,
)
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError
from safelight.platform.audit.models import Entry
from safelight.platform.keys.ring import KeyRing, ring
from safelight.platform.keys.root import RootKey

from shamir_mnemonic import generate_mnemonics  # isort: skip

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_two_people_together_get_the_root_key_in_shares_and_only_once() -> None:
    ring().create_vault_key(admin().person.account.pk)
    splitting = Splitting(2, 3)
    with pytest.raises(ApprovalMissingError):
        export_shares(splitting, actor="operator", at=clock.now())
    approved(admin("Eve Example"), security_officer(), a_wish(deed_of(splitting)))
    with pytest.raises(ApprovalMissingError):
        export_shares(Splitting(2, 4), actor="operator", at=clock.now())

    shares = export_shares(splitting, actor="operator", at=clock.now())

    with pytest.raises(ApprovalMissingError):
        export_shares(splitting, actor="operator", at=clock.now())
    assert Entry.objects.filter(kind="key.exported").count() == 1
    assert len(set(shares)) == 3
    expected = ring().sealing_root()
    for pair in ((0, 1), (1, 2), (2, 0)):
        typed = [shares[each].upper().replace(" ", "   ") for each in pair]
        assert root_from_shares(typed) == expected
    import_shares(shares[:2], actor="operator", at=clock.now())
    assert Entry.objects.filter(kind="key.imported").count() == 1


def test_shares_that_do_not_make_this_key_are_refused() -> None:
    root = ring().sealing_root()
    KeyRing(root).instance_key("start-check")  # writes down which root key the store needs
    (good,) = generate_mnemonics(1, [(2, 3)], root.material)
    (again,) = generate_mnemonics(1, [(2, 3)], root.material)
    (other,) = generate_mnemonics(1, [(2, 3)], RootKey.of(bytes(range(64, 128, 2))).material)
    (guessed,) = generate_mnemonics(1, [(2, 3)], bytes(range(32)))
    mistyped = good[0].replace(good[0].split()[7], good[0].split()[8])

    for wrong in ([good[0]], [good[0], again[1]], [good[0], other[1]], [mistyped, good[1]], []):
        with pytest.raises(SharesRefusedError, match="do not make a key"):
            root_from_shares(wrong)
    (strange,) = generate_mnemonics(1, [(2, 3)], KeyMaterial)
    with pytest.raises(SharesRefusedError, match="not the one of this data"):
        root_from_shares(strange[:2])
    with pytest.raises(Exception, match="counts up or down"):
        root_from_shares(guessed[:2])


KeyMaterial = bytes.fromhex("c70e1f52b8a39d6440e57b1c82f9063dae54d71b6f8822c3095ab7e41d38f690")


@pytest.mark.parametrize(("needed", "shares"), [(1, 3), (3, 2), (2, 17), (0, 0)])
def test_one_share_alone_is_never_enough(needed: int, shares: int) -> None:
    with pytest.raises(InvalidFieldError):
        Splitting(needed, shares)
