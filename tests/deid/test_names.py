"""People, places and organisations in speech: invented sentences with their exact findings, near misses beside hits.

Marks: `<N name>`, `<L place>`, `<O organisation>`; a sentence without marks must stay whole. Those of `BOTH` are tried a
second time as a recogniser writes them: in lower case, without punctuation and apostrophes.
"""

from __future__ import annotations

import re

import pytest

from relcode.deid import detect
from relcode.records import Session, Turn

LABELS = {"N": "NAME", "L": "LOCATION", "O": "ORG"}
MARK = re.compile(r"<([NLO]) ([^>]+)>")

BOTH = """
My sister <N Bridget> never calls.
My sister never calls.
I told <N Oluwaseun> about the baby.
I told everyone about the baby.
<N Siobhan> and <N Declan> are getting married.
His name is <N Kwabena>.
His name is not important.
My ex, <N Dwayne>, has the kids at the weekend.
My ex has the kids at the weekend.
Thanks, <N Marguerite>.
Thanks, that helps.
I work with <N Nkechi> and <N Rajesh>.
Then <N Guadalupe> came over with soup.
Then grandma came over with soup.
My cousin <N Jedrzej> drove me.
<N Priyanka>'s mother was furious.
Auntie <N Folake> raised me.
My auntie raised me.
Dr. <N Abernathy> changed the dose.
The doctor changed the dose.
I saw Dr. <N Mukherjee> on it.
Mr. <N Petrov> is my landlord.
<N Xiomara> says I am too soft.
I am too soft with the kids.
I asked <N Bronwyn> to stay.
I asked him to stay.
We named her <N Saoirse>.
We named the dog in the end.
I called <N Tyrell> last night.
My boyfriend <N Marcus> left.
My boyfriend left.
My husband <N Terrence> snores.
<N Ifeoma Okonkwo> was my teacher.
I grew up in <L Scunthorpe>.
I grew up in a small town.
We moved to <L Tallahassee> when I was nine.
We moved to Texas when I was nine.
She lives near <L Poughkeepsie> now.
I was born in Nigeria.
He drove me to <L Albuquerque>.
I saw my therapist in <L Saskatoon>.
My mom lives in Florida.
We talked about CBT and EMDR.
I take Zoloft and Ativan for it.
I watched Netflix with my mom.
Freud would have loved that.
I prayed to Jesus every night.
I felt like Harry Potter under the stairs.
She is Irish and he is Polish.
I speak Spanish with my grandma.
We will see how it goes.
I hope you may come in the summer.
I feel a lot of joy and faith these days.
It was a rose from the garden at dawn.
He was frank with me, to be honest.
I had to chase him for miles.
The bill came and I paid every penny.
It left a mark on me.
He is so rich that he can sue anyone.
She danced with grace and hope.
I have no faith left in art.
She works at <O Larkmoor Elementary>.
She works at an elementary school.
I was admitted to <O Mercy Ridge Hospital>.
I was admitted to the hospital.
I go to <O Harbor Light Church> with my aunt.
I go to the Catholic church with my aunt.
I studied at the <O University of Tennerly>.
I studied at the university.
He teaches at <O Fenwick High School>.
He hated high school.
The mental health clinic called me back.
I called the insurance company.
I went to the community college for a while.
"""

CASED = """
<N Hope> lives out in <L Spokane>.
Hope is not a plan.
I hope so.
I saw <N Grace> on Monday.
Grace under pressure, that is me.
My name is <N Hope>.
My son <N Will> is six.
Will you call him?
I told <N Mark> to stop.
Mark my words.
My twins are <N April> and <N Joy>.
I asked <N Rich> for help.
So <N Bill> said no.
I went with <N Joy> to the lake.
I miss <N Penny>, I really do.
Then <N Chase> hit his brother.
She married <N Hunter> anyway.
And <N Summer>, my niece, sings.
It was summer when we met.
<N Ivy>, can you hear me?
It is <N Dawn> on the phone.
I woke at dawn.
Hi, <N Teddy>.
Hello, <N Bex>, come in.
Okay, <N Shaz>, let us stop there.
Bye, <N Mikey>!
Nan says it will pass.
My nan, my grandpa and Auntie came.
Mom and Dad were at Grandma's.
I told Mom, and Mom told Dad.
The <N Hendersons> next door are loud.
We had dinner at the <N Okonkwos>'.
The neighbours are loud.
It is spelled <N S-A-R-A>.
It is <N Sarah>, <N s-a-r-a-h>.
My name is spelled <N J, A, N, E, K>.
I asked <N J-Jake> to wait.
I-I'll ask him. W-We can wait.
Call me <N J.T.> if you like.
Mr. <N B.> never liked me.
I got a B in that class.
Nurse <N Adebayo> was kind.
The nurse was kind.
Father <N Kowalczyk> came by.
My father came by.
Coach <N Tran> benched me.
The coach benched me.
Uncle <N Desmond> drank.
My uncle drank.
Aunt <N Li> cooks for us.
I met <N Anneke van der Berg> there.
<N Sean O'Sullivan> is my sponsor.
I rang <N Fiona McAllister>.
We buried <N Abu Bakr> that week.
I met <N Rosa de la Cruz> there.
He is called <N Tariq al-Rashid>.
<N Mary-Kate> is my boss.
<N Jean-Luc> is my boss.
I see <N Ann>, <N Tom> and <N Li> on Sundays.
I am <N Casimir>, by the way.
This is <N Funmilayo>, hello?
He goes by <N Zeke>.
Her name's <N Wanjiru>.
It's <N Aoife>, she's back.
Everyone calls me <N Caz>.
Everyone calls me names.
Ms. <N Thornquist-Bello> sent the letter.
I yelled at <N Haggerty>.
I'm with Dr. <N Wu>, <N Helen Wu>, on Fridays.
Are you comfortable, <N Naomi>?
Are you comfortable, sir?
"<N Ravi>," I said, "sit down."
"Sit down," I said.
It was <N Nguyen> who called.
That's <N Femi>'s jacket.
That's God's plan.
Oprah said it better.
Like Batman, or Darth Vader.
I read Little Women as a kid.
The Bible says so, Job and Moses and all.
He has a PhD from there.
My GP gave me a PHQ and a GAD.
AA saved me, and NA saved him.
We did the DBT worksheet on Tuesday.
Christmas and Easter are hard.
He is Muslim, she is Jewish, I am nothing.
I bought it at Walmart on Black Friday.
We used Zoom and WhatsApp.
My iPhone died on Monday.
I moved from Ireland to Canada.
The French are like that.
I take Lexapro, twenty milligrams.
Anxiety is like that.
Everything is fine. Sometimes. Maybe. Honestly?
Breathing helps. Journaling helps. Walking, too.
Okay. Right. Sure. Yeah. Mm-hmm.
I live in <L Brackenport> now.
We moved out to <L Harrow Fell> last year.
She's from <L Ottermouth>.
He's back in <L Little Wenlock>.
I drove through <L Grinshill> on the way.
It's near <L Lake Ormsby>.
We walk at <L Tanner Park> on Sundays.
We walk in the park on Sundays.
I grew up in <L Dunleavy County>.
He got a flat in <L Shoreditch>.
She works downtown, in <L Northgate>.
We camped at <L Willow Creek>.
The house in <L St. Albans> was sold.
I like <L Dublin>.
<L Birmingham> was lonely.
My mother is from <L Cork>, well, <L Cobh>.
I flew to <L Lagos>, then <L Accra>.
My brother is in <L Pune>.
I want to go to France.
We drove up to Maine.
I work at <O Kestrel & Sons>.
I work for <O Tolliver Freight>.
I work for myself.
My mum is a cleaner at <O Bramley's>.
I got a job at <O Pemberton's>, the bakery.
My loan is with <O Harbor Light Credit Union>.
The credit union said no.
He goes to <O Saint Brigid's>.
Mass is at <O Our Lady of Sorrows>.
She goes to <O Westhaven High>.
My kids go to <O St. Malachy's Primary>.
I was at <O Rosewood Behavioral Health> for a week.
Behavioral health is on the second floor.
The <O Thistledown Clinic> called.
The clinic called.
I studied at <O Ormond College>.
I never went to college.
I bank with <O First Fenland Bank>.
She was seen at <O Mount Ridley Medical Center>.
Our church, <O Grace Chapel>, helped.
I have <O Anthem>, through work.
I have Medicare, through work.
She is at the <O Oakleaf Nursing Home>.
She is in a nursing home.
[NAME_1] went to [LOCATION_2] with [ORG_1].
T, C and the rest.
"""

# In lower case these need the words around them.
LOWERED = """
my sister <N hope> is in town
my name is <N will>
i hope you will
my boyfriend <N mark> hit me
dr <N wu> said so
mr <N brown> is my boss
the brown one is my coat
my friend <N joy> and i went out
there was so much joy
im <N casimir>
her name is <N summer>
in the summer we swam
i live in <L brackenport> now
shes from <L ottermouth>
i moved to <L boston> last year
i grew up in <L reading>
reading helps me
hes at <O kestrel elementary school> now
i saw <N david> and <N jennifer> at the party
i was thinking about <N michael smith> again
hi <N sarah> how are you
its spelled <N s a r a h>
"""


def sentences(table: str) -> list[str]:
    return [line for line in table.strip().split("\n") if line]


def unmarked(sentence: str) -> tuple[str, list[tuple[str, str]]]:
    return MARK.sub(r"\2", sentence), [(LABELS[kind], words) for kind, words in MARK.findall(sentence)]


def found(text: str) -> list[tuple[str, str]]:
    findings = detect(Session("S", (Turn(1, "C", text),)))
    kinds = set(LABELS.values())
    return [
        (finding.label, finding.text) for finding in findings if finding.probability >= 0.5 and finding.label in kinds
    ]


def recognised(sentence: str) -> str:
    """A sentence as a recogniser writes it; its marks stay."""
    bare = re.sub(r"[.,!?'’\"-]", "", sentence).split()
    return " ".join(word if re.fullmatch(r"<[NLO]", word) else word.lower() for word in bare)


@pytest.mark.parametrize("sentence", sentences(BOTH) + sentences(CASED) + sentences(LOWERED))
def test_findings_as_written(sentence: str) -> None:
    text, expected = unmarked(sentence)
    assert found(text) == expected


@pytest.mark.parametrize("sentence", sentences(BOTH))
def test_findings_as_a_recogniser_writes_them(sentence: str) -> None:
    text, expected = unmarked(recognised(sentence))
    if text.endswith("mother was furious"):  # an ending that was a possessive is part of the word
        expected = [("NAME", "priyankas")]
    assert found(text) == expected
