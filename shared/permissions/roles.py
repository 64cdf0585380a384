from enum import StrEnum


class Role(StrEnum):
    """What a client or a person is to the programme. What follows from it is said by the matrix."""

    PROGRAMME_ADMIN = "programme_admin"
    COORDINATOR = "coordinator"
    PROVIDER = "provider"
    TRAINER = "trainer"
    ENTERPRISE = "enterprise"
    BUYER = "buyer"
    DONOR = "donor"
    AUDITOR = "auditor"


# who works for the programme; to all others what tells of too few is not told
STAFF = frozenset({Role.PROGRAMME_ADMIN, Role.COORDINATOR, Role.PROVIDER, Role.TRAINER, Role.AUDITOR})
