"""Never the same thing twice: the last result of a submission, and which of its verdicts still stand.

Kept under the fingerprint of the execution is an *account* (the fingerprints the verdicts were made with, and the
class's entry), and apart from it the result. As long as nothing has changed, only the account is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from grader.batch.prints import Prints
from grader.cache import Cache
from grader.entries import Entry, Identity
from grader.results import CheckResult, Result, Status


@dataclass(frozen=True, kw_only=True)
class Account:
    """What a kept result was made with, and its entry."""

    whole: str
    common: str
    functions: Mapping[str, str]
    entry: Entry


ACCOUNTS = TypeAdapter(Account)
AGAIN = (Status.ERROR, Status.NOT_REACHED)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A result from before."""

    account: Account
    cache: Cache
    key: str

    @property
    def result(self) -> Result | None:
        """The result, read now; None when it is damaged or gone."""
        try:
            return Result.model_validate_json(self.cache.get(_beside(self.key)) or b"")
        except ValidationError:
            return None

    def stands(self, prints: Prints) -> bool:
        """Whether nothing has changed since."""
        return self.account.whole == prints.whole

    def verdicts_stand(self, prints: Prints) -> bool:
        """Whether no verdict has to be worked out again."""
        return self.account.common == prints.common and self.account.functions == prints.functions

    def known(self, prints: Prints) -> dict[str, CheckResult]:
        """Return the verdicts that still stand, by the checks' ids.

        A broken check is asked again, and so is one that was not reached: another one may have been in its way.
        """
        if self.account.common != prints.common:
            return {}
        before, now = self.account.functions, prints.functions
        same = {name for name, own in now.items() if before.get(name) == own}
        checks = self.result.checks if self.result else ()
        return {check.id: check for check in checks if _function(check) in same and check.status not in AGAIN}


def kept(cache: Cache, prints: Prints, digest: str) -> Kept | None:
    """Return what is kept of a submission with that digest, None where there is nothing of use."""
    key = prints.of_execution(digest)
    try:
        return Kept(account=ACCOUNTS.validate_json(cache.get(key) or b""), cache=cache, key=key)
    except ValidationError:
        return None


def keep(cache: Cache, prints: Prints, entry: Entry, result: Result) -> None:
    """Keep a result, unless some of it is our own fault, or there is none: that may go better the next time."""
    if result.error or any(check.status is Status.ERROR for check in entry.checks):
        return
    entry = replace(entry, identity=Identity())
    account = Account(whole=prints.whole, common=prints.common, functions=dict(prints.functions), entry=entry)
    key = prints.of_execution(entry.digest)
    cache.put(_beside(key), result.model_dump_json().encode())
    cache.put(key, ACCOUNTS.dump_json(account))


def _beside(key: str) -> str:
    return f"{key}-result"


def _function(check: CheckResult) -> str:
    return check.id.partition("[")[0]
