"""Words for kinds of organisations: school, clinic, bank; and the words that make no kind a name."""

from __future__ import annotations

from relcode.deid.lists import word_set

# Words that end, or stand in, the name of an organisation.
KINDS = word_set(
    "school elementary college university academy polytechnic seminary hospital infirmary clinic surgery "
    "pharmacy hospice "
    "church chapel cathedral temple mosque masjid synagogue shul tabernacle parish ministries ministry gurdwara "
    "mandir abbey "
    "bank union insurance mutual assurance group associates partners systems solutions technologies technology "
    "industries "
    "foundation trust society institute center centre counseling counselling therapy psychology psychiatry "
    "wellness health "
    "healthcare medical medicine pediatrics paediatrics dental dentistry orthopedics cardiology oncology "
    "recovery rehab library "
    "gazette times press logistics freight trucking construction plumbing roofing landscaping bakery cafe café "
    "diner restaurant "
    "grill tavern pub brewery motors foods market grocers hardware salon spa nails llp llc ltd inc company corp "
    "corporation "
    "council agency club gym studio studios theatre nursery preschool daycare kindergarten kitchen collective "
    "services shelter "
    "sons daughters bros regional shield analytics electronics pharmaceuticals pharma laboratories labs "
    "software media "
    "airlines airways energy telecom engineering manufacturing steel textiles fabrics furniture holdings "
    "ventures consulting "
    "supermarket stores outfitters bookshop books coffee inn hotel lodge manor care primary secondary prep "
    "montessori "
    "playgroup fellowship congregation assembly baptist lutheran presbyterian methodist jobcentre firm chambers "
    "estates realty "
    "properties lettings veterinary vets kennels stables garage tyres tires autos transport haulage couriers "
    "lines plant mill "
    "works brewers distillery farm farms dairy cooperative co-op homes house housing association league "
    "federation network "
    "alliance initiative project program programme prison jail charity general memorial correctional "
    "penitentiary home plan "
    "high gallery museum savings electric "
    "barbers barbershop tattoo dealership depot warehouse bureau courthouse precinct "
    "deli bistro patisserie butchers florist opticians optometry chiropractic paediatric pediatric maternity "
    "rehabilitation practice federal"
)
# What firms do: kinds only beside a word that is no ordinary one ("Brackwater Family Law"), or after "at", "with".
NARROW = word_set(
    "title law legal hearing vision data barbell fitness financial finance digital boxing brokers solicitors "
    "accountants attorneys staffing optical audiology wholesale colliery quarry foundry ironworks steelworks shipyard "
    "brickworks dockyard refinery cannery sawmill"
)
# What firms make or do.
TRADES = word_set("rentals supply supplies castings earthmoving excavations scaffolding joinery removals catering")
NARROW |= TRADES
KINDS |= NARROW
# Kinds that stand after towns and invented words without more: "raritan memorial", "lomond health".
AFTER_TOWNS = NARROW | word_set("health savings memorial regional insurance systems technology logistics healthcare")
# Kinds that no one says of anything but a firm: "pelican mutual".
FIRM_ONLY = word_set("mutual llp llc ltd inc")
# Kinds that are named after a street or a hill: "north road surgery", "sunset hills kindergarten".
AFTER_STREETS = word_set(
    "surgery kindergarten preschool nursery primary secondary elementary school college academy church chapel mosque "
    "temple synagogue practice pharmacy clinic hospital hospice medical dental dentistry centre center library baptist "
    "methodist daycare care title bank gym pediatrics paediatrics veterinary vets montessori"
)
# Kinds that are as well ordinary words or ends of place names: only with a capital, or with an unknown word before them.
LOOSE = word_set(
    "prison jail general memorial correctional home plan high gallery savings electric tattoo depot warehouse deli "
    "maternity times press market co house "
    "works lines plant mill farm farms manor lodge inn care group union trust society project program "
    "programme network league books coffee kitchen nursery homes primary secondary prep steel energy media "
    "garage club council "
    "sons daughters bros company services hotel health medical medicine recovery therapy counseling counselling "
    "psychology "
    "surgery housing association charity nails spa gym restaurant pub diner construction transport technology "
    "engineering "
    "regional shield electronics software insurance center centre shelter studio stores systems solutions partners "
    "associates firm agency library foods furniture salon bakery grill cafe hardware theatre assembly plumbing "
    "roofing "
    "landscaping manufacturing consulting estates properties wellness psychiatry daycare preschool kindergarten rehab "
    "practice federal"
)
LOOSE |= NARROW
# Kinds that stay part of the name although written small: "the Thistledown clinic".
SMALL_KINDS = word_set(
    "hospital clinic school elementary church college university academy bank hospice pharmacy mosque temple "
    "synagogue chapel"
)
# Words that make no kind a name: "the Catholic church", "community college", "a mental health clinic".
GENERIC = word_set(
    "catholic christian baptist methodist lutheran presbyterian anglican episcopal pentecostal orthodox "
    "evangelical mormon jewish muslim hindu "
    "community public private local state city county high middle elementary junior senior primary secondary "
    "grammar nursery graduate grad "
    "law medical med mental behavioral behavioural health dental emergency urgent care day night summer sunday "
    "boarding "
    "business art music drama film nursing vet veterinary animal women's womens men's mens children's childrens "
    "family teen youth general "
    "psychiatric psych eating sleep pain fertility abortion methadone rehab inpatient outpatient physical group "
    "couples art talk trauma "
    "occupational speech national international american british english spanish indian chinese italian mexican "
    "thai french greek insurance "
    "trade credit labor labour student teachers food blood job shopping fitness leisure sports sport swim yoga "
    "book country night "
    "health-care homeless domestic violence special catholic online driving home big small good bad new old "
    "whole nice car tech "
    "fast mega main local real life term total private cancer heart center centre support social community "
    "treatment house retirement "
    "assisted living detox crisis walk-in walkin cash child marriage couple cognitive dialectical exposure "
    "behavior behaviour massage schema "
    "narrative gestalt play equine solution solutions research higher further adult continuing early head start "
    "office post police fire "
    "train bus gas power filling radio tv space subway metro reproductive sexual public mental drug alcohol "
    "addiction va dbt cbt emdr iop "
    "regular normal weekly daily free cheap posh fancy busy village town parish state-run charter magnet "
    "catholic prep public "
    "reform same different another every weekend evening art coffee pet flower shoe clothing book grocery "
    "corner thrift "
    "hardware department dollar liquor candy toy paint auto body repair adolescent soccer football band basketball "
    "baseball choir target driving building housing "
    "swimming rowing sailing running cycling bowling climbing angling"
)
HEADS = word_set(
    "university bank church college school hospital institute academy ministry department diocese city bank "
    "society house order sisters"
)
