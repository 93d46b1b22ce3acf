"""The synthetic city in memory: plain records that `loading` writes to the registry's tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

SOURCE = "演示城市（合成数据）"


@dataclass(slots=True)
class Village:
    code: str
    name: str
    name_en: str
    street: str  # code
    county: str  # code
    urban: bool


@dataclass(slots=True)
class Home:
    """A household."""

    pk: int
    village: Village
    monthly_income_fen: int | None = None


@dataclass(slots=True)
class Resident:
    """A person. `birth` is always known here; `birth_recorded` says whether the registry knows it."""

    pk: int
    name: str
    sex: str
    birth: date
    village: Village
    home: Home | None = None
    death: date | None = None
    birth_recorded: bool = True
    id_number: str = ""
    phone: str = ""
    bank_account: str = ""
    bank_name: str = ""
    hukou_kind: str = ""
    hukou_division: str | None = None  # code; None for people of other cities
    education: str = ""  # highest completed, or the one studied for
    registered_on: date = date(2022, 12, 31)
    children: list[Resident] = field(default_factory=list)  # of a mother, oldest first
    paid_until: date | None = None  # first month without contributions of the person's own share
    story: bool = False  # belongs to a fixed story: the volume leaves it alone

    def age(self, on: date) -> int:
        return on.year - self.birth.year - ((on.month, on.day) < (self.birth.month, self.birth.day))


@dataclass(slots=True)
class Firm:
    """An employer. The figures of the year are counted from the contributions at the end."""

    pk: int
    name: str
    kind: str
    industry: str
    county: str
    division: str  # code of the village or street
    credit_code: str
    size: str = ""
    founded_on: date | None = None
    closed_on: date | None = None
    bank_account: str = ""
    bank_name: str = ""
    dishonest: bool | None = False
    premium_arrears: bool | None = False
    traineeship_base: bool = False
    figures: tuple[int, ...] | None = None  # year, start, end, mean, retired, died, months, premium fen
    first_start: date | None = None


@dataclass(slots=True)
class Spell:
    """One employment, as the registry keeps it."""

    person: Resident
    firm: Firm | None
    kind: str
    start: date
    until: date | None = None
    contract_months: int | None = None
    wage_fen: int | None = None
    urban: bool = True
    transferred_in: bool = False
    ended_because: str = ""
    involuntary: bool | None = None
    insured: bool | None = None  # None: by chance, as often as such employers insure


@dataclass(slots=True)
class StatusRecord:
    person: Resident
    kind: str
    start: date
    until: date | None = None
    category: str = ""
    document: str = ""


@dataclass(slots=True)
class EducationRecord:
    person: Resident
    level: str
    school: str
    enrolled_on: date | None
    graduated_on: date | None
    full_time: bool = True


@dataclass(slots=True)
class Contribution:
    person: Resident
    firm: Firm | None
    payer: str
    start: date
    until: date | None
    base_fen: int
    premiums_fen: tuple[int, int, int, int, int]  # pension, medical, unemployment, injury, maternity


@dataclass(slots=True)
class BirthRecord:
    mother: Resident
    firm: Firm | None
    order: int
    day: date


@dataclass(slots=True)
class CertificateRecord:
    pk: int
    person: Resident
    kind: str
    number: str
    occupation: str
    level: str
    category: str
    shortage: bool | None
    training_subsidised: bool | None
    issued_on: date
    issuer: str


@dataclass(slots=True)
class TraineeshipRecord:
    person: Resident
    firm: Firm
    position: str
    start: date
    until: date
    stipend_fen: int
    accident_insured: bool | None
    outcome: str = ""
    retained_on: date | None = None


@dataclass(slots=True)
class ApprenticeshipRecord:
    person: Resident
    firm: Firm
    school: str
    occupation: str
    level: str
    start: date
    until: date
    certificate: CertificateRecord | None = None


@dataclass(slots=True)
class TrainingRecord:
    person: Resident
    course: str
    kind: str
    provider: str
    provider_kind: str
    subsidised: bool | None
    class_hours: int | None
    start: date
    finished_on: date | None
    certificate_kind: str = ""
    certificate: CertificateRecord | None = None


@dataclass(slots=True)
class City:
    """Everything, in the order in which it was made."""

    on: date
    villages: list[Village] = field(default_factory=list)
    homes: list[Home] = field(default_factory=list)
    residents: list[Resident] = field(default_factory=list)
    firms: list[Firm] = field(default_factory=list)
    spells: list[Spell] = field(default_factory=list)
    statuses: list[StatusRecord] = field(default_factory=list)
    educations: list[EducationRecord] = field(default_factory=list)
    contributions: list[Contribution] = field(default_factory=list)
    births: list[BirthRecord] = field(default_factory=list)
    certificates: list[CertificateRecord] = field(default_factory=list)
    traineeships: list[TraineeshipRecord] = field(default_factory=list)
    apprenticeships: list[ApprenticeshipRecord] = field(default_factory=list)
    trainings: list[TrainingRecord] = field(default_factory=list)
    people: dict[str, Resident] = field(default_factory=dict)  # of the fixed stories, by key
    employers: dict[str, Firm] = field(default_factory=dict)
