from django.apps import AppConfig

from jiuye.office.staff.row_rules import ACCOUNT, EMPLOYER, PERSON, WHOLE_CITY, Open, Rows, in_places, through


class RegistryConfig(AppConfig):
    name = "jiuye.office.registry"
    label = "registry"
    verbose_name = "居民与单位"
    place_on_file = "jiuye.office.registry.places:is_on_file"
    erasing = "jiuye.office.registry.erasing"
    row_rules = {
        "Division": Open("places are nobody's data"),
        "Person": Rows(f"{in_places('residence_division_id')} OR id = {PERSON}"),
        "Household": Rows(in_places("division_id")),
        "HouseholdMembership": Rows(through("person_id", "registry_person")),
        "Employer": Rows(f"{in_places('division_id')} OR id = {EMPLOYER}"),
        # As `queries.visible_things`: where its resident lives, else where its employer is, else where it lies.
        "RegisteredThing": Rows(
            f"CASE WHEN person_id IS NOT NULL THEN {through('person_id', 'registry_person')} "
            f"WHEN employer_id IS NOT NULL THEN {through('employer_id', 'registry_employer')} "
            f"ELSE {in_places('division_id')} END"
        ),
        "RegisterDelivery": Open("which register delivered when and how many rows; no row itself"),
        # Of whom the rows are stands in the rows themselves, of several tables: only a post over the city reads what was delivered.
        "DeliveredRow": Rows(WHOLE_CITY),
        "ImportBatch": Rows(f"uploaded_by_id = {ACCOUNT}"),
    }
