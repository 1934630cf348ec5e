"""The word lists of the detectors, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_DATA = Path(__file__).with_name("data")


@cache
def words(name: str) -> frozenset[str]:
    """A list of `data/`, in lower case."""
    return frozenset((_DATA / f"{name}.txt").read_text(encoding="utf-8").split("\n")) - {""}


@cache
def clear_first_names() -> frozenset[str]:
    """First names that are no common word (`casimir`, not `will`)."""
    return words("first_names") - words("common_words") - NOT_NAMES - NAME_WORDS


# Names that are words; they need more than a capital at the start of a sentence.
NAME_WORDS = frozenset(
    "will hope grace may mark rich joy bill guy chase frank rose summer faith penny hunter dawn ivy pat art gene drew "
    "jean june april august gay dean sue miles rusty charity chance tiny dick rob nick jack josh grant wade ray dale "
    "christian love ease young long man king page lane cook baker hall hill wood stone price bell ball fish field brook "
    "ford park early major sterling hazel heather ginger olive pearl ruby amber crystal melody harmony destiny star "
    "angel baby candy cherry daisy holly iris jade lily misty robin sandy sky skip sonny storm sunny tag victor don ed "
    "al ben sam pam dee jo kit lee roy tony ty val mel max carol eve noel angie buck bud chip cliff clay dusty earnest "
    "ernest forest glen hank jay jesse ken lance lot lou mac major marine marshal martin miller mason merit mo moe nan "
    "noble norm otto pepper phil pierce queen reed rex rocky ross rowan royal rush scout shell sly stew sydney taylor "
    "terry tom trey trip tucker wally walker ward wes winter woody so an in see my ha chi do ma an la".split()
)
# Capitalised words that name no one here: calendar, peoples, countries and states, faiths, brands met as products,
# public figures of the field, diagnoses and medicines.
NOT_NAMES = frozenset(
    """i i'm i'll i've i'd god jesus christ lord bible quran torah allah buddha satan heaven easter christmas halloween
    thanksgiving ramadan hanukkah eid lent passover mass
    monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays
    mom mum mam mama mommy mummy dad daddy papa pa pop pops ma gran grandma grandpa granddad grandad nan nana nanna granny
    grandmother grandfather auntie aunt uncle mother father sister brother cousin mr mrs ms miss mister dr doc doctor sir
    madam ma'am professor reverend father pastor rabbi imam nurse officer judge coach captain sergeant
    english american british irish scottish welsh french german italian spanish polish russian chinese japanese korean
    vietnamese indian mexican canadian australian african asian european latino latina hispanic jewish christian catholic
    muslim protestant methodist baptist mormon hindu sikh buddhist greek turkish dutch swedish ghanaian nigerian jamaican
    america usa us uk england britain scotland wales ireland france germany italy spain poland russia china japan korea
    vietnam india mexico canada australia africa asia europe ghana nigeria jamaica ukraine iraq iran israel egypt brazil
    alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho illinois indiana
    iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi missouri montana nebraska
    nevada hampshire jersey carolina dakota ohio oklahoma oregon pennsylvania tennessee texas utah vermont virginia
    washington wisconsin wyoming
    freud jung winnicott bowlby klein lacan rogers beck ellis erikson obama trump biden shakespeare einstein elvis
    tv pc ok okay dna it hr va er ed icu adhd ptsd ocd cbt dbt emdr aa na gp nhs irs cps hiv aids cpap vin cdl ptsd a&e
    google facebook instagram tiktok twitter youtube netflix amazon zoom skype whatsapp uber ikea tesco walmart target
    costco starbucks nike apple iphone android spotify xbox playstation nintendo lego barbie wi-fi wifi fitbit medicare
    medicaid honda toyota ford subaru kia civic prius lexapro prozac zoloft wellbutrin valium xanax adderall ritalin
    tylenol advil ambien trazodone sertraline alzheimer alzheimer's parkinson parkinson's asperger hepatitis
    instead yeah yes no oh well so and but okay right mm mhm hmm um uh er huh mm-hm uh-huh ha hey hi hello bye thanks
    sorry sure good great fine maybe because if when what who why how where which""".split()
)
