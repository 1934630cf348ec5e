"""Number-like and formal identifiers: exact findings with a near miss beside each, written, spoken and as recognised."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.deid.recognisers import find_patterns
from relcode.deid.spoken import UNITS, digits_of

Marked = list[tuple[str, str]]

DATES: list[tuple[str, Marked]] = [
    ("We buried him on the 4th of June.", [("DATE", "4th of June")]),
    ("He was the fourth of six.", []),
    ("My birthday is August 9th.", [("DATE", "August 9th")]),
    ("My birthday is in the fall.", []),
    ("It happened March the third, nineteen eighty-four.", [("DATE", "March the third, nineteen eighty-four")]),
    ("It happened in nineteen eighty-four.", []),
    ("She was born on the fourteenth of the second.", [("DATE", "fourteenth of the second")]),
    ("It is half of the second helping.", []),
    ("We closed on the twenty-third of July, twenty nineteen.", [("DATE", "twenty-third of July, twenty nineteen")]),
    ("We closed on the house in twenty nineteen.", []),
    ("He moved out in October.", [("DATE", "October")]),
    ("He moved out in autumn.", []),
    ("I go back in May, I think.", [("DATE", "May")]),
    ("I may go back, I think.", []),
    ("It was the end of March.", [("DATE", "March")]),
    ("They march on and on.", []),
    ("Can we do the sixteenth instead?", [("DATE", "sixteenth")]),
    ("She is in the sixteenth percentile.", []),
    ("The stone says 3 May 1944.", [("DATE", "3 May 1944")]),
    ("The stone may weigh 3 tons.", []),
    ("It is dated 9 Jan 2004.", [("DATE", "9 Jan 2004")]),
    ("It is dated by 9 janitors.", []),
    ("The hearing moved to 12 March at noon.", [("DATE", "12 March")]),
    ("The hearing made 12 march on the town hall.", []),
    ("So next time is the twenty-first, same hour.", [("DATE", "twenty-first")]),
    ("It was her twenty-first birthday.", []),
    ("My date of birth is three four eighty-four.", [("DATE", "three four eighty-four")]),
    ("We had three or four, maybe eighty, people.", []),
    ("Date of birth is oh three, oh four, eighty-four.", [("DATE", "oh three, oh four, eighty-four")]),
    ("I was born 12/09/1987.", [("DATE", "12/09/1987")]),
    ("I feel 50/50 about it, and it is a 24/7 thing.", []),
    ("The hearing is 5/14 at ten.", [("DATE", "5/14")]),
    ("I would say 9/10 for pain.", []),
    ("He died on Christmas Day.", []),
    ("It was September 11 again.", [("DATE", "September 11")]),
    ("The paper says 2019-04-30.", [("DATE", "2019-04-30")]),
    ("I was there from 2011 to 2014.", []),
    ("Since last December it has been bad.", [("DATE", "December")]),
    ("Since last Tuesday it has been bad.", []),
    ("It was early January when she rang.", [("DATE", "January")]),
    ("It was the first of November.", [("DATE", "first of November")]),
    ("It was the first of many.", []),
    ("The surgery was July 12.", [("DATE", "July 12")]),
    ("It starts on the 3rd.", [("DATE", "3rd")]),
    ("I live on the 3rd floor.", []),
    ("I came in 3rd.", []),
    ("In May or June we decide.", [("DATE", "May"), ("DATE", "June")]),
    ("It was the second time in a week.", []),
    ("Rent is due the third of the month.", [("DATE", "third")]),
    ("She is the third of the sisters.", []),
    ("We can do 4/9 or 4/16.", [("DATE", "4/9"), ("DATE", "4/16")]),
    ("She was born in April of eighty-six.", [("DATE", "April of eighty-six")]),
    ("She was one in a class of eighty-six.", []),
    ("See you on the 14th, one last thing.", [("DATE", "14th")]),
    ("See you on the third floor.", []),
    ("It's three years this May, he would have laughed.", [("DATE", "May")]),
    ("For two years this may be the worst.", []),
    ("She rings on the day, the eighth, thinking of him.", [("DATE", "eighth")]),
    ("She rings on the eighth morning of the trip.", []),
    ("He left, it was March 2016.", [("DATE", "March 2016")]),
    ("It was a march 2000 miles long.", []),
]
AGES: list[tuple[str, Marked]] = [
    ("Grandma is ninety-three.", [("AGE", "ninety-three")]),
    ("Grandma is seventy-three.", []),
    ("She'd be a hundred and one now.", [("AGE", "a hundred and one")]),
    ("It was a hundred and one degrees.", []),
    ("He lived to 97.", [("AGE", "97")]),
    ("I scored 97 on it.", []),
    ("My uncle turned ninety last week.", [("AGE", "ninety")]),
    ("We waited ninety minutes.", []),
    ("She is 102 years old.", [("AGE", "102")]),
    ("He died at ninety-eight.", [("AGE", "ninety-eight")]),
    ("He drives at ninety-eight miles an hour.", []),
    ("At age ninety-two she still drove.", [("AGE", "ninety-two")]),
    ("I am ninety percent sure.", []),
    ("The house is a hundred years old.", []),
    ("I gave it a hundred and ten percent.", []),
    ("He is 95 and sharp.", [("AGE", "95")]),
    ("He's what, ninety-one?", [("AGE", "ninety-one")]),
    ("He's what, sixty-one?", []),
    ("When you're ninety you can say it.", [("AGE", "ninety")]),
    ("When you're ninety percent done you can say it.", []),
    ("My aunt is pushing ninety.", [("AGE", "ninety")]),
    ("My aunt is pushing ninety pounds around.", []),
    (
        "He was ninety-seven. They say, oh, ninety-seven, as if that helps.",
        [("AGE", "ninety-seven"), ("AGE", "ninety-seven")],
    ),
    ("He was ninety-seven. It was ninety-seven degrees, and I paid 97 dollars.", [("AGE", "ninety-seven")]),
    (
        "My nan is a hundred and two. Think of it, a hundred and two.",
        [("AGE", "a hundred and two"), ("AGE", "a hundred and two")],
    ),
    ("My nan is a hundred and two. I scored a hundred and three.", [("AGE", "a hundred and two")]),
    ("He was ninety-four and people said he had his time.", [("AGE", "ninety-four")]),
    ("It was ninety-four people in one room.", []),
    ("It was grandpa's ninety-fifth birthday.", [("AGE", "ninety-fifth")]),
    ("It was the ninety-fifth day of it.", []),
    ("They're both ninety-one now.", [("AGE", "ninety-one")]),
    ("They're both ninety percent done.", []),
    ("My dad hit ninety last spring.", [("AGE", "ninety")]),
    ("My dad hit ninety patients with a bill.", []),
    ("Ninety-three he was, and never sick.", [("AGE", "Ninety-three")]),
    ("Ninety-three people he was with.", []),
    ("Since ninety-eight he was the dean.", []),
    ("You don't get to ninety-one without losing people.", [("AGE", "ninety-one")]),
    ("You don't get to ninety sessions without losing heart.", []),
    ("You're not bad for 93.", [("AGE", "93")]),
    ("She's spry for ninety-one.", [("AGE", "ninety-one")]),
    ("The tablet is good for ninety days.", []),
]
NUMBERS: list[tuple[str, Marked]] = [
    ("Call me on 312-555-0147.", [("PHONE", "312-555-0147")]),
    ("Call me at 3:15 or 4:15.", []),
    (
        "It's three one two, five five five, oh one four seven.",
        [("PHONE", "three one two, five five five, oh one four seven")],
    ),
    ("It's one, two, three, four, five, six, seven, and breathe.", []),
    (
        "Three one two, five five five, um, oh one, uh, four seven.",
        [("PHONE", "Three one two, five five five, um, oh one, uh, four seven")],
    ),
    ("Two or three, um, four of us.", []),
    (
        "My cell is triple five, oh one double four.",
        [("PHONE", "triple five, oh one double four")],
    ),
    ("My cell is always on double time.", []),
    (
        "You can ring nine hundred, five five five, twenty-two forty.",
        [("PHONE", "nine hundred, five five five, twenty-two forty")],
    ),
    ("You can earn nine hundred, maybe a thousand.", []),
    ("Text her at five five five, four fifteen two.", [("PHONE", "five five five, four fifteen two")]),
    ("We met at four fifteen.", []),
    ("Their fax is 312 555 0190.", [("FAX", "312 555 0190")]),
    ("I never saw a fax with 3 pages.", []),
    (
        "Fax it to three one two, five five five, oh one nine oh.",
        [("FAX", "three one two, five five five, oh one nine oh")],
    ),
    ("My number is +44 7700 900123.", [("PHONE", "+44 7700 900123")]),
    ("My number one rule is rest.", []),
    ("The office is 020 7946 0018, extension 12.", [("PHONE", "020 7946 0018, extension 12")]),
    ("The office has 20 desks.", []),
    ("I got her on 03 9010 4567.", [("PHONE", "03 9010 4567")]),
    ("My social is 219-55-0143.", [("SSN", "219-55-0143")]),
    ("My social anxiety is at 8 out of 10.", []),
    (
        "The social is two one nine, fifty-five, oh one four three.",
        [("SSN", "two one nine, fifty-five, oh one four three")],
    ),
    ("The last four are six six two oh.", [("SSN", "six six two oh")]),
    ("The last four weeks were hard.", []),
    ("The last four of my social, that's 6620.", [("SSN", "6620")]),
    ("My chart number is KT-4471902.", [("MRN", "KT-4471902")]),
    ("The chart in 2019 said so.", []),
    ("The medical record number is four four seven one nine oh two.", [("MRN", "four four seven one nine oh two")]),
    ("It broke every record in nineteen ninety-nine.", []),
    ("Chart number M B dash zero zero four eight.", [("MRN", "M B dash zero zero four eight")]),
    ("My MRN is 55 201 88.", [("MRN", "55 201 88")]),
    ("Member ID is XQF 208 66191.", [("PLAN_ID", "XQF 208 66191")]),
    ("I was a member for 12 years.", []),
    (
        "Policy number B as in boy, seven seven, tango, four one two.",
        [("PLAN_ID", "B as in boy, seven seven, tango, four one two")],
    ),
    ("The policy is two strikes.", []),
    ("The group number is 00417.", [("PLAN_ID", "00417")]),
    ("There were 14 in the group.", []),
    ("My account is 5501 2284 71.", [("ACCOUNT", "5501 2284 71")]),
    ("On no account would I pay 500 dollars.", []),
    ("The card ending in four four one nine.", [("ACCOUNT", "four four one nine")]),
    ("He sent a card ending in love.", []),
    ("My card is 4111 1111 1111 1111.", [("ACCOUNT", "4111 1111 1111 1111")]),
    (
        "The routing number is zero two one, zero zero zero, zero two one.",
        [("ACCOUNT", "zero two one, zero zero zero, zero two one")],
    ),
    ("My bank account had 200 dollars in 2008.", []),
    ("My nursing license is RN 330-41-772.", [("LICENSE", "RN 330-41-772")]),
    ("I got my license at 16.", []),
    (
        "The driver's license is D four four oh, seven one two, nine.",
        [("LICENSE", "D four four oh, seven one two, nine")],
    ),
    ("My passport number is 512880417.", [("LICENSE", "512880417")]),
    ("My passport ran out in 2018.", []),
    ("The plate was 8 TRK 551.", [("VEHICLE", "8 TRK 551")]),
    ("I broke a plate in 2 pieces.", []),
    ("The plate is seven K L M two oh four.", [("VEHICLE", "seven K L M two oh four")]),
    ("They ran the VIN, 1HGCM82633A004352.", [("VEHICLE", "1HGCM82633A004352")]),
    ("The serial number is TX-9910-443.", [("DEVICE", "TX-9910-443")]),
    ("I binged a serial, 3 episodes.", []),
    ("My pacemaker is number PK 771 204.", [("DEVICE", "PK 771 204")]),
    ("My pacemaker went in 10 years ago.", []),
    ("The fingerprint file is FPX-2209-1.", [("BIOMETRIC", "FPX-2209-1")]),
    ("He left fingerprints on 3 cups.", []),
    ("The case number is CV-2021-00318.", [("OTHER_ID", "CV-2021-00318")]),
    ("In case 2 people come.", []),
    ("His badge was 40771.", [("OTHER_ID", "40771")]),
    ("He got a badge in 2010.", []),
    ("My student ID is nine oh two, four four one.", [("OTHER_ID", "nine oh two, four four one")]),
    ("I was a student in room 9.", []),
    ("My employee number is 00915.", [("OTHER_ID", "00915")]),
    ("The NHS number is 943 476 5919.", [("MRN", "943 476 5919")]),
    ("They use the last four, nine nine one seven.", [("SSN", "nine nine one seven")]),
    ("I am client number 4471-B in there.", [("OTHER_ID", "4471-B")]),
    ("It is number 4471 of those.", []),
    ("My pump has a lot number, PMP-0077-B.", [("DEVICE", "PMP-0077-B")]),
    ("There were a lot, 40 or so.", []),
    ("UnitedHealthcare ID 912 004 417 B.", [("PLAN_ID", "912 004 417 B")]),
    ("Nine one one came, and nine eight eight was no help.", []),
    ("I called 911 and then 9-1-1 again, and 988.", []),
    ("I work nine to five.", []),
    ("It is a twelve-step group.", []),
    ("The PHQ was 14, and the GAD-7 was 11.", []),
    ("I take 50 milligrams, then 100, then 150.", []),
    ("It cost two hundred dollars, two hundred.", []),
    ("In four, hold seven, out eight.", []),
    ("Ten, nine, eight, seven, six, five, four, three, two, one.", []),
    ("I get up at six, six thirty, seven.", []),
    ("Twenty, thirty, forty, fifty times a day.", []),
    ("He ran 10, 20, 30 miles.", []),
    ("It was 1998, 1999, 2000.", []),
    ("I had 1500 calories and 12000 steps.", []),
    ("Her brother's shield is 2207.", [("OTHER_ID", "2207")]),
    ("Her Blue Shield paid in 2207 ways.", []),
    ("The lady typed it, TV-PALM-7718.", [("BIOMETRIC", "TV-PALM-7718")]),
    ("My palm hurt like TV static.", []),
    ("They have me on file, TWIC print 6614-RT.", [("BIOMETRIC", "TWIC print 6614-RT")]),
    ("They have print 1500 times over.", []),
    ("There is a print file, FP-ROSWALD-0077.", [("OTHER_ID", "FP-ROSWALD-0077")]),
    ("There is a file about Roswald.", []),
    ("My code is SOC BIO 3309 882.", [("BIOMETRIC", "SOC BIO 3309 882")]),
    ("Wait, it's the picture. QVH 0093 8815 A.", [("OTHER_ID", "QVH 0093 8815 A")]),
    ("It is 4417 a month.", []),
    ("He had to post it. MORGA 657054 SM9IJ.", [("LICENSE", "MORGA 657054 SM9IJ")]),
    ("They wrote S530-4606-0174-22 on it.", [("LICENSE", "S530-4606-0174-22")]),
    ("We sat in rows of 530, then 460.", []),
    ("It came out of the printer. MM 33 80071 R.", [("OTHER_ID", "MM 33 80071 R")]),
    ("It came at 3 PM, and 20 of them left.", []),
    ("She wrote on my arm. AC 417 9920.", [("OTHER_ID", "AC 417 9920")]),
    ("She wrote that we need AC in 2 rooms.", []),
    ("He read it out. QQ 12 34 56 C. And that was that.", [("SSN", "QQ 12 34 56 C")]),
    ("My NI number is JT 40 11 86 A.", [("SSN", "JT 40 11 86 A")]),
    ("My odds are 40 to 11, and I got 86 a go.", []),
    ("It waits till the hearing. 24 DR 007719.", [("OTHER_ID", "24 DR 007719")]),
    ("It waits till the spring, 24 weeks.", []),
    ("The guard says I'm GATE-TP-40117 now.", [("OTHER_ID", "GATE-TP-40117")]),
    ("The guard says I'm at the gate now.", []),
    ("They had me enroll. KX-BIO-40021.", [("BIOMETRIC", "KX-BIO-40021")]),
    ("They had me write a bio of 400 words.", []),
    ("My call sign was Kilo Seven Tango.", [("OTHER_ID", "Kilo Seven Tango")]),
    ("My call was a sign, seven times.", []),
    ("The tenant number is TN 40218.", [("OTHER_ID", "TN 40218")]),
    ("The tenant came 4 times.", []),
    ("The fingerprint card number is 40-2281-T.", [("BIOMETRIC", "40-2281-T")]),
    ("That's my supplement, that's IDX 55 204 7719.", [("PLAN_ID", "IDX 55 204 7719")]),
    ("It's written on the strap, AC 208-KL-44, I think.", [("OTHER_ID", "AC 208-KL-44")]),
    ("We came at 3 PM, 40 of us.", []),
    ("They cloned the numberplates. two one nine, K R F, if you want.", [("VEHICLE", "two one nine, K R F")]),
    ("They cloned the numberplates, two or three times.", []),
    ("He has a vanity plate, it's MILA 82, for his daughter.", [("VEHICLE", "MILA 82")]),
    ("He has a full plate, it's about 82 by now.", []),
    ("On the plate it says 20 grams.", []),
    ("They used my call sign. Nobody's said it since. Cobalt Six Tango.", [("OTHER_ID", "Cobalt Six Tango")]),
    ("They used my call sign. It was in room six, tango class.", []),
]
PLACES: list[tuple[str, Marked]] = [
    ("I live at 4410 Wicklow Lane.", [("LOCATION", "4410 Wicklow Lane")]),
    ("I walked down memory lane for 10 minutes.", []),
    ("It's twenty-two oh seven Wicklow Court.", [("LOCATION", "twenty-two oh seven Wicklow Court")]),
    ("It's twenty-two of us in court.", []),
    ("We are at 18 Orchard Street, apartment four b.", [("LOCATION", "18 Orchard Street, apartment four b")]),
    ("We have an apartment for four.", []),
    ("She lives at forty-one Alder.", [("LOCATION", "forty-one Alder")]),
    ("She stopped at forty-one.", []),
    ("The zip is four seven four oh one.", [("LOCATION", "four seven four oh one")]),
    ("The zip on my coat has 2 teeth.", []),
    ("My zip code is 60614.", [("LOCATION", "60614")]),
    ("The postcode is SW1A 4ZZ.", [("LOCATION", "SW1A 4ZZ")]),
    ("We were in Ohio, 43017.", [("LOCATION", "43017")]),
    ("He sends it to P.O. Box 418.", [("LOCATION", "P.O. Box 418")]),
    ("He got a box of 48.", []),
    ("I was two blocks down the street.", []),
    ("I drove one way.", []),
    ("It's N7719 Tamarack Ridge Road.", [("LOCATION", "N7719 Tamarack Ridge Road")]),
    ("It's W220 N1500 Tamarack Lane.", [("LOCATION", "W220 N1500 Tamarack Lane")]),
    ("It's 4420 Larkwell Bend Way, apartment 31.", [("LOCATION", "4420 Larkwell Bend Way, apartment 31")]),
    ("The car slid on County Road QQ.", [("LOCATION", "County Road QQ")]),
    ("The county road was bare.", []),
    ("We turned off State Route 23 there.", [("LOCATION", "State Route 23")]),
    ("The state highway department rang.", []),
    ("It happened on Highway 61 north.", [("LOCATION", "Highway 61 north")]),
    ("It happened on the highway 3 times.", []),
    ("They work on route nine.", [("LOCATION", "route nine")]),
    ("I was en route 9 hours.", []),
    ("We live in lot four now.", [("LOCATION", "lot four")]),
    ("We lost a lot four years ago.", []),
    ("It comes to post office box 88.", [("LOCATION", "post office box 88")]),
    ("The post office had a box.", []),
    ("It's W6380 State Road 33.", [("LOCATION", "W6380 State Road 33")]),
    ("She's on Rural Route 3.", [("LOCATION", "Rural Route 3")]),
    ("She takes the rural route home.", []),
]
ONLINE: list[tuple[str, Marked]] = [
    ("Write to ola.trent@postbox.org please.", [("EMAIL", "ola.trent@postbox.org")]),
    ("Write to me at work.", []),
    ("It's o trent at postbox dot org.", [("EMAIL", "o trent at postbox dot org")]),
    ("I was at the net, dot dot dot.", []),
    ("My email is jay dot smith at gmail dot com.", [("EMAIL", "jay dot smith at gmail dot com")]),
    ("I connect the dots at home.", []),
    ("It's j smith ninety-two at yahoo.", [("EMAIL", "j smith ninety-two at yahoo")]),
    ("She works at Yahoo.", []),
    ("Her email is red underscore kite at hotmail dot com.", [("EMAIL", "red underscore kite at hotmail dot com")]),
    ("Look at www dot paper lantern dot org.", [("URL", "www dot paper lantern dot org")]),
    ("Look at the dot on the wall.", []),
    ("It's on paperlantern.org/hours now.", [("URL", "paperlantern.org/hours")]),
    ("It's on paper.", []),
    ("The login came from 192.0.2.44.", [("IP", "192.0.2.44")]),
    ("The login came at 10.44.", []),
    (
        "The IP was one nine two dot zero dot two dot forty-four.",
        [("IP", "one nine two dot zero dot two dot forty-four")],
    ),
    ("I'm red_kite_77 on there.", [("OTHER_ID", "red_kite_77")]),
    ("I'm @redkite on there.", [("OTHER_ID", "@redkite")]),
    ("I'm red in the face.", []),
    ("It's at kito dot reads underscore mid.", [("OTHER_ID", "at kito dot reads underscore mid")]),
    ("It had a dot and an underscore and more.", []),
    ("It says 2001 colon db8 colon 7c colon colon 52 there.", [("IP", "2001 colon db8 colon 7c colon colon 52")]),
    ("We met at ten colon thirty, it said.", []),
    ("I was Badger One and she was Badger Two.", [("OTHER_ID", "Badger One"), ("OTHER_ID", "Badger Two")]),
    ("It was day one and then day two.", []),
    ("I was number one and she was number two.", []),
    ("He goes, log off, zubiku. That's what he calls me.", [("OTHER_ID", "zubiku")]),
    ("He goes, log off, honey. That's what he calls me.", []),
    ("And there he wrote Captain Teapot. That's what he calls you.", [("OTHER_ID", "Captain Teapot")]),
    ("And there he wrote Big Mama. That's what he calls you.", []),
    ("They called me Zubiku Ledger. Mrs. Ledger!", [("OTHER_ID", "Zubiku Ledger"), ("OTHER_ID", "Mrs. Ledger")]),
    ("They called me again yesterday.", []),
    ("So now I'm Ten Minute Terry to all.", [("OTHER_ID", "Ten Minute Terry")]),
    ("So now I take a ten minute break.", []),
    ("It was a two minute grace period, Terry.", []),
    (
        "It's on stillwater dot example slash terms of service.",
        [("URL", "stillwater dot example slash terms of service")],
    ),
    ("I looked at www dot fernlea dot org.", [("URL", "www dot fernlea dot org")]),
    ("I looked at the dot on the page.", []),
    ("Our email is ann and tom at fernlea dot org.", [("EMAIL", "ann and tom at fernlea dot org")]),
    ("I met ann and tom at the farm.", []),
    ("They're fern.owl.collector, and we play chess.", [("OTHER_ID", "fern.owl.collector")]),
    ("I was like, wait.no.what.", []),
    ("He is wren.kettle9 on there.", [("OTHER_ID", "wren.kettle9")]),
    ("I was late.so I left.", []),
    ("She calls me Turnip Pie Sheriff, still.", [("OTHER_ID", "Turnip Pie Sheriff")]),
    ("She calls me every night, Sheriff.", []),
    ("My username is quietfern.", [("OTHER_ID", "quietfern")]),
    ("My username is broken.", []),
]
# As a recogniser never gives them, or where only capitals and marks tell.
WRITTEN: list[tuple[str, Marked]] = [
    ("March was cold.", [("DATE", "March")]),
    ("March him out of here.", []),
    ("September. That was it.", [("DATE", "September")]),
    ("The plate says GRAN 4EVA.", [("VEHICLE", "GRAN 4EVA")]),
    ("The account is GB82 WEST 1234 5698 7654 32.", [("ACCOUNT", "GB82 WEST 1234 5698 7654 32")]),
    ("The router is 00:1B:44:11:3A:B7.", [("DEVICE", "00:1B:44:11:3A:B7")]),
    ("It was 2001:db8::8a2e, I think.", [("IP", "2001:db8::8a2e")]),
    ("And then [inaudible 00:02:32] at 10:15:20.", []),
    ("[NAME_1] came from [LOCATION_22] at [PHONE_3].", []),
    ("(312) 555-0147 is his.", [("PHONE", "(312) 555-0147")]),
    ("It's 312.555.0147.", [("PHONE", "312.555.0147")]),
    ("It weighs 312.55 grams.", []),
    ("In 2010, 5,280 people came.", []),
    ("It went up to $1,250,000.", []),
    ("See https://paperlantern.example/a?b=1 for it.", [("URL", "https://paperlantern.example/a?b=1")]),
    ("She is 5'10\" and 140 lbs.", []),
]


def found(text: str) -> Marked:
    return [
        (label, text[s:e]) for s, e, label, probability, _ in find_patterns(text, text.lower()) if probability >= 0.5
    ]


def plain(text: str) -> str:
    """As a recogniser gives it: lower case; marks stay only inside addresses of the net and dates of digits."""
    text = re.sub(r"['’]", "", text.lower())
    return " ".join(" ".join(_plain_word(word) for word in text.split()).split())


def _plain_word(word: str) -> str:
    word = word.strip(',.;:!?()"')
    if "@" in word or re.search(r"\w\.\w\w", word) or "//" in word:
        return word
    return re.sub(r"[^\w/:]+", " ", word)


# Addresses of the net that a recogniser took the signs of.
WITHOUT_SIGNS: list[tuple[str, Marked]] = [
    ("just email me at jane doe example com and wait", [("EMAIL", "jane doe example com")]),
    ("just email me at work and com back to me", []),
    ("my email is marcus lindqvist 88 at gmail com", [("EMAIL", "marcus lindqvist 88 at gmail com")]),
    ("send it to p hadley at brookside clinic org please", [("EMAIL", "p hadley at brookside clinic org")]),
    ("send it to the people at our org please", []),
    ("i read it on www harborsupport org last night", [("URL", "www harborsupport org")]),
    ("i read it on the org chart last night", []),
    ("the page is mytidepool com they post there", [("URL", "mytidepool com")]),
    ("on the page there is a good example", []),
    ("it was on harborsupport org slash groups i think", [("URL", "harborsupport org slash groups")]),
    ("it was on for example a slash", []),
    ("its tina okafor example com for the forms", [("EMAIL", "tina okafor example com")]),
    ("its the example company for the forms", []),
    ("there is a page gofundme com slash helpfortess", [("URL", "gofundme com slash helpfortess")]),
    ("there is a net gain on the page", []),
    ("he uses coach bello aol com", [("EMAIL", "coach bello aol com")]),
    ("he is in the dot com business", []),
    ("my ip is 198 51 100 23 today", [("IP", "198 51 100 23")]),
    ("my ip is fine and i have 3 kids", []),
    ("its n i a at lowell dot example", [("EMAIL", "n i a at lowell dot example")]),
    ("i post as throwaway wren 12 there", [("OTHER_ID", "throwaway wren 12")]),
    ("i post as often 12 times", []),
    ("its reg is y e one nine k z t", [("VEHICLE", "y e one nine k z t")]),
    ("they call her pierogi princess", [("OTHER_ID", "pierogi princess")]),
    ("they call her a drama princess", []),
    ("on the radio i was rubber duke", [("OTHER_ID", "rubber duke")]),
    ("on the radio i was saying things", []),
    ("im at flat 2 1 88 braeburn now", [("LOCATION", "flat 2 1 88 braeburn")]),
    ("my flat cost 2 times 88 pounds", []),
    ("its at sleepdiaryhub example start no sign up", [("URL", "sleepdiaryhub example start")]),
    ("go to carerstogether org login and read", [("URL", "carerstogether org login")]),
    ("it was an unforgettable example start to finish", []),
    ("on the forum im tin kettle 41 on there", [("OTHER_ID", "tin kettle 41")]),
    ("on the forum im like number 41 on there", []),
    ("theres an account brisket teapot 77 on that board", [("OTHER_ID", "brisket teapot 77")]),
    ("theres an account i opened 20 years ago online", []),
    ("discord me im turnip cascade there", [("OTHER_ID", "turnip cascade")]),
    ("online im always happy there", []),
    ("its a call sign nobodys called me by", []),
    ("brett gate tp 40118 right under me", [("OTHER_ID", "gate tp 40118")]),
    ("brett left the gate at 4 and right under me", []),
]

# What was said just before, the turn, and what is found in it.
ANSWERS: list[tuple[str, str, Marked]] = [
    ("And the last four of your social?", "Eight eight oh two.", [("SSN", "Eight eight oh two")]),
    ("And how many were there?", "Eight, eight or two.", []),
    ("What is your date of birth?", "Nine, twenty-two, eighty-eight.", [("DATE", "Nine, twenty-two, eighty-eight")]),
    ("How would you rate it?", "Nine, twenty-two, eighty-eight.", []),
    ("How old is she now?", "Ninety-four, and sharp.", [("AGE", "Ninety-four")]),
    ("How hot was it?", "Ninety-four, and humid.", []),
    ("Is your mother still living?", "Ninety-four. She bowls.", [("AGE", "Ninety-four")]),
    ("Are you still living alone?", "Ninety-four days now.", []),
    ("What is the member number?", "K L 0091 4472.", [("PLAN_ID", "K L 0091 4472")]),
    ("Is there a fax?", "Try 312-555-0188.", [("FAX", "312-555-0188")]),
    ("Is there a desk?", "Try 312-555-0188.", [("PHONE", "312-555-0188")]),
    ("It's two six nine. Mm-hm.", "Five five five.", [("PHONE", "Five five five")]),
    ("I see. Mm-hm.", "Five five five.", []),
    ("What is the zip?", "Two eight four oh three.", [("LOCATION", "Two eight four oh three")]),
    ("What is the time?", "Two to three.", []),
]
# Ages that were said elsewhere in the session.
SAID_AGAIN: list[tuple[str, Marked]] = [
    ("That's the trouble with ninety-one.", [("AGE", "ninety-one")]),
    ("That's the trouble with eighty-one.", []),
    ("At 91 you forget.", [("AGE", "91")]),
    ("The kids behave for ninety-one, never for me.", [("AGE", "ninety-one")]),
    ("I got it for ninety-one, the lamp.", []),
    ("I took bus 91 and paid 91 dollars for 91 tickets.", []),
    ("I got a 91 on the test.", []),
]
TABLE = DATES + AGES + NUMBERS + PLACES + ONLINE


@pytest.mark.parametrize(("text", "expected"), TABLE + WRITTEN)
def test_findings_as_written(text: str, expected: Marked) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_findings_as_a_recogniser_gives_them(text: str, expected: Marked) -> None:
    assert found(plain(text)) == [(label, plain(words)) for label, words in expected]


@pytest.mark.parametrize(("text", "expected"), WITHOUT_SIGNS)
def test_findings_in_words_without_signs(text: str, expected: Marked) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(("before", "text", "expected"), ANSWERS)
def test_answers_are_read_with_their_question(before: str, text: str, expected: Marked) -> None:
    for version in (str, plain):
        now = version(text)
        findings = find_patterns(now, now.lower(), version(before))
        assert [(f[2], now[f[0] : f[1]]) for f in findings if f[3] >= 0.5] == [
            (x, version(w).strip(".")) for x, w in expected
        ]


@pytest.mark.parametrize(("text", "expected"), SAID_AGAIN)
def test_an_age_is_found_where_it_is_said_again(text: str, expected: Marked) -> None:
    for version in (str, plain):
        now = version(text)
        findings = find_patterns(now, now.lower(), ages=frozenset({"91"}))
        assert [(f[2], now[f[0] : f[1]]) for f in findings] == [(x, version(w)) for x, w in expected]


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("two six oh", "260"),
        ("double five, triple nought", "55000"),
        ("twenty-two forty", "2240"),
        ("nine hundred", "900"),
        ("four fifteen two", "4152"),
        ("five five five, um, o one", "55501"),
        ("M B dash zero zero 4 eight", "0048"),
        ("dash", ""),
    ],
)
def test_the_digits_of_what_is_said(said: str, digits: str) -> None:
    assert digits_of(said) == digits


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "5 ",
        "five ",
        "1-",
        "A-",
        "one, ",
        "dot com ",
        "a.b_",
        "AB 12 ",
        "a.b@",
        "a.b.c ",
        "im tin kettle ",
        "ann and tom ",
        "called me zub kub ",
        "he was cat one and ",
    ],
)
def test_a_very_long_turn_is_read_to_its_end(piece: str) -> None:
    text = piece * (20_000 // len(piece)) + " and ring 312-555-0147."
    assert ("PHONE", "312-555-0147") in found(text)


@given(st.text(max_size=200), st.text(max_size=60))
def test_findings_lie_in_the_text_in_order_and_apart(text: str, before: str) -> None:
    end = 0
    for start, stop, label, probability, reason in find_patterns(text, text.lower(), before):
        assert end <= start < stop <= len(text)
        assert 0 < probability <= 1
        assert label.replace("_", "").isupper()
        assert reason
        end = stop


@given(
    st.lists(st.sampled_from(list("023456789")), min_size=10, max_size=10).filter(lambda digits: len(set(digits)) > 4),
    st.sampled_from([" ", ", ", ", um, ", " - "]),
)
def test_ten_digits_said_in_any_way_are_found(digits: list[str], between: str) -> None:
    names = {digit: word for word, digit in UNITS.items() if word not in ("zero", "nought", "naught")}
    groups = [" ".join(names[digit] for digit in group) for group in (digits[:3], digits[3:6], digits[6:])]
    said = between.join(groups)
    text = f"You can reach me at {said} any day."
    assert found(text) == [("PHONE", said)]
