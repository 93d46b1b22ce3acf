"""What a provider of identities must do for us, and how it fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Asked:
    """What we keep of a question until its answer comes: nobody who does not know it can bring an answer of their own."""

    address: str  # where the browser is sent
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class SignedOn:
    """Whom the provider vouches for. `subject` never changes and is never given to another; `name` is their log-in name there."""

    issuer: str
    subject: str
    name: str
    token: str = field(
        default="", compare=False, repr=False
    )  # by which the provider knows its own session again
    # What else it vouches for (a real name, an ID number, a credit code), by our names; what it does not is left out.
    vouched: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Leaving:
    """Where the browser goes to end its session at the provider, and the state that it brings back."""

    address: str
    state: str


class SignOnError(RuntimeError):
    """Nobody was signed on. `zh` and `en` are whole sentences for people."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh, self.en = zh, en
        super().__init__(f"{zh} {en}")


class ProviderUnreachableError(SignOnError):
    """The provider cannot be reached now, or answers nothing that can be read."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            zh=f"现在联系不上统一身份认证（{detail}）；请稍后再试，或用本系统的登录名和密码登录。",
            en=f"The single sign-on cannot be reached now ({detail}); try again later, or use your name and password here.",
        )


class SignOnRefusedError(SignOnError):
    """The provider let nobody in: the person gave up, or is not known there."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(
            zh=f"统一身份认证没有完成（{code}）；请重新登录。",
            en=f"The single sign-on was not completed ({code}); please sign in again.",
        )


class SignOnUntrustedError(SignOnError):
    """The answer is not one that we can trust: another one's, an old one, or not signed by the provider."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            zh=f"统一身份认证的答复核验不通过（{detail}），没有登录；请重新登录，再次出现时请联系系统管理员。",
            en=f"The answer of the single sign-on does not verify ({detail}); nobody was signed in. Try again; if it recurs, tell your administrator.",
        )


class LevelTooLowError(SignOnError):
    """The provider vouches for somebody, but not as surely as this installation asks for."""

    def __init__(self, level: str) -> None:
        self.level = level
        shown = level or "—"
        super().__init__(
            zh=f"统一身份认证里的实名等级（{shown}）不够，没有登录；请先在那里完成实名认证，或者带身份证到服务窗口开设账号。",
            en=f"The level of assurance at the single sign-on ({shown}) is too low; nobody was signed in. Have your identity verified there, or come to a counter with your ID card.",
        )


class LevelsNotNamedError(SignOnError):
    """This installation does not say how surely somebody must be known: then nobody is let in by a vouched number."""

    def __init__(self) -> None:
        super().__init__(
            zh="系统没有写明接受哪些实名等级，不能用统一身份认证登录；请系统管理员设置 JIUYE_PUBLIC_SIGN_ON_LEVELS。",
            en="This installation does not say which levels of assurance it takes; its administrator names them in JIUYE_PUBLIC_SIGN_ON_LEVELS.",
        )


class SignOn(Protocol):
    """A provider of identities."""

    def ask(self, *, back: str) -> Asked:
        """Where to send the browser, which the provider sends on to `back`. Raises ProviderUnreachableError."""

    def answer(self, asked: Asked, *, back: str, code: str) -> SignedOn:
        """Who it was, of the code that the browser brought back.

        Raises ProviderUnreachableError, SignOnRefusedError, SignOnUntrustedError, LevelTooLowError.
        """

    def leave(self, *, token: str, back: str) -> Leaving | None:
        """Where to end the session that `token` is of, from where the browser is sent on to `back`; None where no such place is offered.

        Raises ProviderUnreachableError, SignOnUntrustedError.
        """
