"""The words beside a name, a place or an organisation that give it away."""

from __future__ import annotations

from relcode.deid.lists import word_set

TITLES = word_set(
    "dr drs mr mrs ms miss mx professor prof doctor nurse officer judge pastor father sister brother rabbi coach "
    "principal "
    "detective aunt auntie uncle aunty sir sergeant sgt captain lieutenant reverend rev imam sheikh counselor "
    "counsellor "
    "deacon bishop cousin tia tio tía mister missus madam madame señora senora señor lady lord mama papa "
    "sheriff deputy fr sensei grandma grandpa granny gran nana nan grandad granddad grandmother grandfather "
    "nanny abuela oma opa"
)
SURE_TITLES = word_set(
    "dr drs mr mrs ms mx professor prof doctor nurse officer pastor mister missus rabbi detective reverend"
)
RELATIONS = word_set(
    "sister brother husband wife partner friend boyfriend girlfriend daughter son boss supervisor foreman "
    "cousin aunt "
    "auntie uncle neighbor neighbour ex fiance fiancé fiancee fiancée roommate flatmate housemate coworker colleague "
    "nephew niece stepdad stepmom stepmum stepfather stepmother stepson stepdaughter stepbrother stepsister "
    "therapist "
    "counselor counsellor psychiatrist sponsor manager landlord landlady dog cat puppy baby twin twins teacher tutor "
    "advisor lawyer solicitor mate bestie bff buddy pal grandson granddaughter grandmother grandfather mother "
    "father mom "
    "mum dad godmother godfather kid boy girl child guy man woman bloke lady named called nanny babysitter midwife "
    "doctor nurse hubby bf gf husband's colleague caseworker groomer trainer kids girls boys sons daughters "
    "sisters brothers friends"
)
# What belongs to someone: "destinys brother", "marks house".
OWNED = RELATIONS | word_set(
    "name house place birthday funeral wedding room car apartment flat phone mum mom dad parents family voice death grave "
    "hair bedroom bike school homework baby"
)
# Before what is driven: "a white tacoma".
COLOURS = word_set("white black red blue green silver grey gray yellow brown orange beige")
GREETINGS = word_set("hi hey hello thanks bye goodbye morning afternoon evening welcome sorry dear okay ok oh")
TALK_TO = word_set(
    "told asked saw met miss missed love loved hate hated text texted rang phoned married dating dated with "
    "from to for "
    "and or than about like tell ask see meet call called visit visited help helped trust trusted thank hugged "
    "kissed "
    "by at without between let makes made marry date divorced hit pushed forgive forgave invited watched heard hear "
    "believe told introduced emailed messaged facetimed dumped raised adopted lost buried"
)
PERSON_VERBS = word_set(
    "says said lives lived told came called thinks thought wants wanted knows knew went works worked left died "
    "moved got "
    "gets goes asked asks tells calls texted comes has had loves loved hates hated took takes made makes gave "
    "gives keeps "
    "kept started looks looked sent brought brings didn't doesn't wasn't isn't won't never always used passed "
    "didnt doesnt wasnt walked drove drives laughed cried yelled screamed stayed showed found felt feels seems "
    "seemed "
    "grabs grabbed does did rang phoned needs needed married helped hit threw put sat stood ran turned picked sings"
)
# Not after "I": "told me", "may I". What follows an auxiliary that is no name.
AFTER_AUXILIARY = word_set("i you he she it we they the a an this that there your my his her our their not be do")
STATES = word_set(
    "alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho "
    "illinois indiana iowa "
    "kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi missouri montana "
    "nebraska nevada "
    "ohio oklahoma oregon pennsylvania tennessee texas utah vermont virginia wisconsin wyoming ontario quebec "
    "alberta manitoba "
    "saskatchewan queensland tasmania england scotland wales ireland india nigeria ghana mexico canada "
    "australia kenya "
    "pakistan france germany spain italy poland jamaica"
)
# Names that are seasons, hours and virtues.
ABSTRACT = word_set(
    "autumn summer winter spring dawn grace hope faith joy destiny melody harmony serenity trinity patience "
    "charity mercy"
)
# Names of people that are as well states, countries or faiths.
CONTESTED = word_set("santa georgia virginia carolina dakota israel alberta christian india asia jordan heaven")
BEFORE_VOCATIVES = word_set(
    "you sorry thanks care morning afternoon evening hi hey hello okay ok so well yes no today now right "
    "welcome goodbye bye "
    "here again please there this week"
)
# Verbs that only people are the subject of.
PERSONAL_VERBS = word_set(
    "says said told texted called asked asks tells calls texts thinks thought wants wanted knows knew lives "
    "lived died married "
    "moved owes goes cooked prayed hates loves laughed cried yelled screamed drinks drank smokes drove drives "
    "rang phoned "
    "emailed proposed apologized apologised snores cheated graduated divorced retired teaches taught sings sang "
    "swears "
    "swore lied lies cooks cries laughs yells uses believes moved texted bought paid stole ate bit"
)
# Verbs that follow the one who does it, so that a word before them without an article is a name.
FINITE = (
    PERSON_VERBS
    | PERSONAL_VERBS
    | word_set(
        "is was has had were wasn't isn't hasn't doesn't didn't won't can't couldn't wouldn't wasnt isnt hasnt "
        "doesnt didnt wont cant "
        "couldnt wouldnt goes paid bit stole drew wrote spoke ate drank flew slept wore won quit hurt shut beat "
        "bought caught "
        "taught fought built fed grew hid led lent lit meant read rode sold shook shot spent stuck swam woke fell "
        "broke chose "
        "forgot forgave froze hung knelt laid lay pays helps hurts eats sleeps talks walks sits stands smiles lets "
        "puts plays "
        "reads writes runs turns tries buys sells sees hears starts stays stops stole sends keeps"
    )
)
# Verbs that only people are the object of.
SPEAKING_TO = word_set(
    "told asked texted rang phoned married dating dated met hugged kissed divorced emailed messaged facetimed"
)
AUXILIARIES = word_set("will may can so do in an see my art mark hope love bless chase pat drew rob sue bill rose dear")
PLACE_BEFORE = word_set(
    "in near outside around from to into toward towards through past via across of visiting visited at"
)
SURE_PLACE_BEFORE = word_set("in near outside around through")
# Before "in", "to", "from": verbs of living and moving.
LIVING = word_set(
    "live lives lived living moved moving move born grew raised up out over down back stayed stay staying based "
    "flat house apartment "
    "drove drive driving flew fly flying travelled traveled relocate relocated come comes came coming went go "
    "going gone is am was "
    "he's she's i'm im hes shes were they're theyre from settled it's its job hospital school college home "
    "place office"
)
WORKING = word_set(
    "work works worked working job shift shifts employed volunteer volunteers volunteered volunteering intern "
    "interned "
    "drives drove driving drive hired manager cashier nurse teacher teaches taught teaching cleaner boss shop "
    "bank banks study studies studied "
    "enrolled bartend cook cooks clerk internship driver drivers guard waitress waiter server barista mechanic "
    "accountant secretary receptionist plumber electrician engineer technician paramedic porter carer carpenter"
)
FUNCTION = word_set(
    "the a an my your his her our their its this that these those some any no every each all both i you he she "
    "it we they "
    "me him us them and or but so if when while because as than then there here who what which where why how is "
    "am are "
    "was were be been being have has had do does did will would can could should may might must shall not to of "
    "in on at "
    "by for with from into about like up down out over under off after before again still just only even also "
    "too very "
    "really well now never always ever i'm i've it's that's he's she's im ive dont thats its hes shes one go "
    "goes going went "
    "gone get gets got getting see sees saw seen say says said tell tells told know knows knew think thinks "
    "thought near "
    "called call calls work works worked working volunteer volunteered teach teaches taught start started "
    "starting join "
    "joined attend attends attended leave left love loved like liked hate hated through per until till since during "
    "outside inside between around without against toward towards around near past behind beside old new "
    "another other "
    "local big little nice whole same first second last next because bank study studied visit visited apply applied"
)
