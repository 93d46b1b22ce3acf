"""From the name or code of a place to the division, with what is wrong where there is none or more than one."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Literal

from jiuye.office.registry.models import Division

_SEPARATORS = re.compile(r"[\s\-—_/\\>,，、|·]+")
_PROVINCE = re.compile(r"^[\u4e00-\u9fff]{2,8}?(?:省|自治区)")
Fault = Literal["", "unknown", "unlike", "ambiguous", "closed"]


@dataclass(frozen=True, slots=True)
class Place:
    """One answer: a division's code, or a fault with its particulars (the nearest name, the candidates, the date)."""

    code: str = ""
    fault: Fault = ""
    detail: str = ""


class Gazetteer:
    """All divisions by code and by name, read once for an import."""

    def __init__(self, divisions: list[tuple[str, str, str, str | None, date | None]], on: date) -> None:
        self.kinds = {code: kind for code, _, kind, _, _ in divisions}
        self.names = {code: name for code, name, _, _, _ in divisions}
        self._parents = {code: parent for code, _, _, parent, _ in divisions}
        self._closed = {
            code: closed for code, _, _, _, closed in divisions if closed is not None and closed <= on
        }
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for code, name, _, _, _ in divisions:
            self._by_name[name].append(code)
        self._longest = max((len(name) for name in self._by_name), default=0)

    @classmethod
    def load(cls, on: date) -> Gazetteer:
        rows = Division.objects.order_by("code").values_list("code", "name", "kind", "parent_id", "closed")
        return cls(list(rows), on)

    def path(self, code: str) -> str:
        """The names from the county down: 广陵区东关街道琼花观社区. The city stands only for itself."""
        chain: list[str] = []
        here: str | None = code
        while here is not None and (self._parents[here] is not None or not chain):
            chain.append(self.names[here])
            here = self._parents[here]
        return "".join(reversed(chain))

    def find(self, text: str) -> Place:
        """The division that `text` means: a code of any level (trailing zeros allowed), a name, or a path of names."""
        plain = unicodedata.normalize("NFKC", text).strip()
        if re.fullmatch(r"\d{4,12}", plain):
            return self._by_code(plain)
        plain = _PROVINCE.sub("", _SEPARATORS.sub("", plain))
        candidates = self._candidates(plain)
        still_open = [code for code in candidates if code not in self._closed]
        if len(still_open) == 1:
            return Place(still_open[0])
        if len(still_open) > 1:
            shown = "、".join(self.path(code) for code in still_open[:3])
            return Place(fault="ambiguous", detail=shown + ("…" if len(still_open) > 3 else ""))
        if candidates:
            return Place(fault="closed", detail=self._closed[candidates[0]].isoformat())
        return self._nearest(plain)

    def _by_code(self, digits: str) -> Place:
        for length in (12, 9, 6, 4):
            code = digits[:length]
            if len(code) == length and code in self.names and not digits[length:].strip("0"):
                if code in self._closed:
                    return Place(fault="closed", detail=self._closed[code].isoformat())
                return Place(code)
        return Place(fault="unlike")

    def _candidates(self, plain: str) -> list[str]:
        """Divisions whose name ends the text and whose ancestors, each or none of them, make up what stands before."""
        for length in range(min(len(plain), self._longest), 0, -1):
            name, before = plain[-length:], plain[:-length]
            found = [code for code in self._by_name.get(name, ()) if self._made_of_ancestors(before, code)]
            if found:
                return found
        return []

    def _made_of_ancestors(self, text: str, code: str) -> bool:
        here = self._parents[code]
        while here is not None and text:
            for name in (self.names[here], re.sub(r"[市区县镇乡]$", "", self.names[here])):
                if len(name) >= 2 and text.endswith(name):
                    text = text[: -len(name)]
                    break
            here = self._parents[here]
        return not text

    def _nearest(self, plain: str) -> Place:
        close = difflib.get_close_matches(plain, self._by_name, n=1, cutoff=0.6)
        if not close:  # the end of a long address may hold a mistyped name
            tails = {plain[-length:] for length in range(3, min(len(plain), 9))}
            scored = [
                (difflib.SequenceMatcher(None, tail, near[0]).ratio(), near[0])
                for tail in tails
                if (near := difflib.get_close_matches(tail, self._by_name, n=1, cutoff=0.75))
            ]
            close = [max(scored)[1]] if scored else []
        return Place(fault="unknown", detail=close[0]) if close else Place(fault="unlike")
