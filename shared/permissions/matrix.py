"""The permission matrix, as data: what exists for which role, and what it may do.

Checks, row-level security, tests and the table in `docs/permissions.md` are made from it. `programme_admin` may do everything,
`auditor` read everything; neither is written here. What is not written does not exist (404) or is not allowed (403).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from shared.permissions.relations import Relation
from shared.permissions.roles import Role

WORDS = {
    "all": Relation.ALL,
    "countries": Relation.COUNTRIES,
    "within": Relation.WITHIN,
    "organisation": Relation.ORGANISATION,
    "provided": Relation.PROVIDED,
    "assigned": Relation.ASSIGNED,
    "itself": Relation.ITSELF,
    "party": Relation.PARTY,
    "opened": Relation.OPENED,
    "consented": Relation.CONSENTED,
}


def table(text: str) -> dict[str, dict[Role, Relation]]:
    """Rows of words under a head of roles; `-` is nothing."""
    head, *lines = [line.split() for line in text.strip().splitlines()]
    roles = [Role(word) for word in head[1:]]
    return {
        name: {role: WORDS[word] for role, word in zip(roles, words, strict=True) if word != "-"}
        for name, *words in lines
    }


VISIBLE = table("""
collection        coordinator  provider      trainer    enterprise  buyer         donor
organisations     all          all           all        all         party         party
programmes        all          all           all        all         all           all
phases            all          all           all        all         all           all
country_policies  all          all           all        all         all           all
enterprises       countries    provided      assigned   itself      consented     -
supply_links      countries    -             -          itself      organisation  -
partnerships      countries    party         -          itself      opened        opened
nominations       countries    -             -          itself      party         -
fees              countries    -             -          itself      party         -
consents          countries    -             -          itself      organisation  -
receipts          countries    -             -          itself      -             -
modules           all          all           all        all         all           all
trainers          countries    organisation  itself     -           -             -
cycles            countries    organisation  assigned   itself      party         -
participants      countries    provided      assigned   itself      -             -
attendances       countries    provided      assigned   itself      -             -
visits            countries    provided      assigned   itself      consented     -
indicators        all          all           all        all         all           all
exchange_rates    all          all           all        all         all           all
observations      countries    provided      assigned   itself      consented     -
savings           countries    provided      assigned   itself      consented     -
surveys           countries    provided      assigned   -           opened        opened
survey_responses  countries    -             -          -           -             -
data_quality      countries    provided      assigned   itself      -             -
clients           -            -             -          -           -             -
""")

# where writing reaches less far than reading, or further: whoever reads leaves a receipt
WRITABLE = table("""
collection        coordinator  provider      trainer    enterprise  buyer         donor
organisations     countries    -             -          -           organisation  -
partnerships      within       -             -          -           -             -
receipts          -            -             -          -           all           all
""")

READS = {
    "organisations": "list_organisations get_organisation",
    "programmes": "list_programmes get_programme",
    "phases": "list_phases get_phase",
    "country_policies": "list_country_policies get_country_policy",
    "enterprises": "list_enterprises get_enterprise",
    "supply_links": "list_supply_links get_supply_link",
    "partnerships": "list_partnerships get_partnership",
    "nominations": "list_nominations get_nomination",
    "fees": "list_fees get_fee",
    "consents": "list_consents get_consent",
    "receipts": "list_accesses",
    "modules": "list_modules get_module",
    "trainers": "list_trainers get_trainer list_trainer_changes",
    "cycles": "list_cycles get_cycle",
    "participants": "list_participants get_participant list_participant_changes",
    "attendances": "list_attendances get_attendance",
    "visits": "list_visits get_visit",
    "indicators": "list_indicators get_indicator",
    "exchange_rates": "list_exchange_rates get_exchange_rate",
    "observations": "list_observations get_observation list_observation_versions",
    "savings": "list_savings get_saving list_saving_versions",
    "surveys": "list_surveys get_survey",
    "survey_responses": "list_responses get_response",
    "data_quality": "list_findings get_finding",
    "clients": "list_clients get_client list_client_changes",
}

STAFF = "coordinator provider trainer"
REPORTERS = "coordinator provider trainer enterprise"
WRITES = {
    "organisations": {
        "register_organisation amend_organisation": "coordinator",
        "open_organisation shut_organisation": "coordinator buyer",
    },
    "programmes": {"start_programme amend_programme": ""},
    "phases": {"start_phase amend_phase": ""},
    "country_policies": {"amend_country_policy": ""},
    "enterprises": {
        "register_enterprise match_enterprise amend_enterprise assess_enterprise enrol_enterprise": "coordinator",
        "suspend_enterprise resume_enterprise complete_enterprise withdraw_enterprise close_enterprise": "coordinator",
        "merge_enterprise unmerge_enterprise": "coordinator",
    },
    "supply_links": {
        "propose_supply_link": "coordinator buyer",
        "amend_supply_link": "coordinator",
        "confirm_supply_link": "coordinator enterprise",
        "end_supply_link": "coordinator enterprise buyer",
    },
    "partnerships": {
        "draft_partnership amend_partnership sign_partnership activate_partnership close_partnership": "coordinator",
    },
    "nominations": {
        "nominate_enterprise cancel_nomination": "coordinator buyer",
        "accept_nomination decline_nomination": "coordinator enterprise",
    },
    "fees": {"agree_fee amend_fee cancel_fee": "coordinator"},
    "consents": {"grant_consent withdraw_consent": "coordinator enterprise"},
    "modules": {"define_module amend_module": ""},
    "trainers": {"register_trainer amend_trainer": "coordinator provider", "erase_trainer": "coordinator"},
    "cycles": {
        "draft_cycle amend_cycle plan_cycle open_cycle confirm_cycle start_cycle": "coordinator provider",
        "begin_visits_of_cycle begin_reporting_of_cycle close_cycle cancel_cycle": "coordinator provider",
    },
    "participants": {"register_participant amend_participant": STAFF, "erase_participant": "coordinator"},
    "attendances": {"record_attendance": STAFF},
    "visits": {
        "propose_visit amend_visit confirm_visit reschedule_visit visit_took_place report_visit cancel_visit": STAFF,
        "approve_visit return_visit": "coordinator provider",
    },
    "indicators": {"define_indicator amend_indicator": ""},
    "exchange_rates": {"record_exchange_rate amend_exchange_rate": ""},
    "observations": {
        "record_observation amend_observation submit_observation": REPORTERS,
        "approve_observation return_observation approve_observations": "coordinator",
    },
    "savings": {
        "record_saving amend_saving submit_saving": REPORTERS,
        "approve_saving return_saving approve_savings": "coordinator",
    },
    "surveys": {"announce_survey amend_survey": "coordinator"},
    "survey_responses": {"record_response": "coordinator"},
    "data_quality": {"accept_finding mend_finding": "coordinator"},
    "clients": {"register_client amend_client rotate_client_secret disable_client": ""},
}
IMPORTS = {
    "enterprises": "coordinator",
    "participants": STAFF,
    "attendances": STAFF,
    "visits": STAFF,
    "observations": REPORTERS,
    "savings": REPORTERS,
    "exchange_rates": "",
    "survey_responses": "coordinator",
}
IMPORT_WRITES = ("import_{0}", "cancel_{0}_import")
IMPORT_READS = ("list_{0}_imports", "get_{0}_import", "list_{0}_import_errors", "get_{0}_import_rejected")
OF_EVERYBODY = "get_me"  # no scope is wanted for it
# of what one sees, but not by all who see it
CLOSER_READS = {
    "enterprises": {"list_enterprise_changes list_held_identifiers": f"{STAFF} enterprise"},
    # of a partnership as a whole: for who has agreed on it
    "partnerships": {"get_partnership_progress": "coordinator provider buyer donor"},
}
EVERYBODY = "coordinator provider trainer enterprise buyer donor"
# computed for whoever asks, from what may be shown to them; and what forms choose from
COMPUTED = {
    # of many, and what is not staff's has its small cells suppressed
    "surveys": {"get_survey_results": "coordinator buyer donor"},
    "results": {"get_results": EVERYBODY},
    "reference": {
        "list_countries list_currencies list_languages list_isic": EVERYBODY,
        "list_identifier_schemes list_roles list_event_types": EVERYBODY,
    },
}

# the collection of the address, where it is another than that of the table
ADDRESSES = {
    "supply_links": "supply-links",
    "country_policies": "country-policies",
    "exchange_rates": "exchange-rates",
    "nominations": "partnerships",
    "fees": "partnerships",
    "receipts": "enterprises",
    "survey_responses": "surveys",
    "data_quality": "data-quality",
}


@dataclass(frozen=True)
class Operation:
    """`scope` is what a token must carry for it; `roles` may do it beside programme_admin (and, for reads, auditor)."""

    scope: str
    roles: frozenset[Role]
    collection: str = ""  # the matrix's word for what it is done to

    @property
    def reads(self) -> bool:
        return not self.scope.endswith(":write")


def operations() -> Iterator[tuple[str, Operation]]:
    for collection, names in READS.items():
        yield from rows(collection, "read", names, frozenset(VISIBLE[collection]))
    for collection, cells in (CLOSER_READS | COMPUTED).items():
        for names, roles in cells.items():
            yield from rows(collection, "read", names, roles_in(roles))
    for collection, cells in WRITES.items():
        for names, roles in cells.items():
            yield from rows(collection, "write", names, roles_in(roles))
    for collection, roles in IMPORTS.items():
        for kind, patterns in (("write", IMPORT_WRITES), ("read", IMPORT_READS)):
            yield from rows(collection, kind, " ".join(patterns).format(collection), roles_in(roles))
    yield from ((name, Operation("", frozenset(Role))) for name in OF_EVERYBODY.split())


def rows(collection: str, kind: str, names: str, roles: frozenset[Role]) -> Iterator[tuple[str, Operation]]:
    scope = f"{ADDRESSES.get(collection, collection)}:{kind}"
    return ((name, Operation(scope, roles, collection)) for name in names.split())


def roles_in(words: str) -> frozenset[Role]:
    return frozenset(Role(word) for word in words.split())


OPERATIONS = dict(operations())


def relation_of(role: str, one: Operation) -> Relation | None:
    """How `role` must be related to what it does it to; None where it may not, or where there is nothing to be related to."""
    if one.collection not in VISIBLE or role not in one.roles:
        return None
    seen = VISIBLE[one.collection]
    return (seen if one.reads else seen | WRITABLE.get(one.collection, {})).get(Role(role))


@cache
def writers_of(collection: str) -> frozenset[Role]:
    """Who may do anything at all that changes a row of it."""
    return roles_in(" ".join([*WRITES.get(collection, {}).values(), IMPORTS.get(collection, "")]))


def may_do(role: str, operation: str, reads: bool) -> bool:
    """Whether the matrix lets `role` do it at all; an operation it does not name is the administrator's alone."""
    if role == Role.PROGRAMME_ADMIN or (role == Role.AUDITOR and reads):
        return True
    return operation in OPERATIONS and role in OPERATIONS[operation].roles


def scopes_of(role: str) -> frozenset[str]:
    """What a client of this role may be given: `<collection>:read|write` wherever the matrix lets it do anything."""
    return frozenset(one.scope for name, one in OPERATIONS.items() if one.scope and may_do(role, name, reads=one.reads))
