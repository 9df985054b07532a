//! The English lexicon, in the notation of the Dutch one. Own work, from general knowledge; British
//! and American spelling.

/// Words that carry a feeling by themselves.
pub const WORDS: &[(f32, &str)] = &[
    (0.9, "
        fantastic|ally amazing|ly awesome excellent|ly outstanding|ly perfect|ly brilliant|ly superb|ly
        phenomenal|ly magnificent|ly exceptional|ly incredible wonderful|ly marvellous marvelous flawless|ly
        love|d|s|ing adore|d|s wow stellar sublime impeccable unbeatable lifesaver kudos ecstatic
        thrilled overjoyed delighted delightful|ly
        extraordinary breathtaking divine heavenly masterful magnificence
        bliss godsend unforgettable"),
    (0.7, "
        great|est best lovely beautiful|ly happy|ily happier happiest pleased satisfied impressed impressive
        grateful thankful appreciative enjoy|ed|ing|s enjoyable excited exciting favourite favorite friendly
        friendliest helpful knowledgeable professional courteous caring kind|ness delicious tasty gorgeous
        stunning congrats congratulations bravo cheers yay hooray woohoo legend|s star|s hero|es recommend|ed|s
        compliment|s praise spotless seamless|ly effortless|ly super superfast joy proud blessed terrific
        splendid rocks
        cheerful beaming radiant joyful joyous elated charmed touched touching heartwarming adorable
        cute compassionate accommodating dedicated dedication expert|ise masterpiece thrilling
        treasure|d remarkable remarkably admirable exemplary indispensable celebrate|d celebrating
        applause amused hospitality hospitable scrumptious mouthwatering crispy comforting comforted
        sensational spectacular tremendous fabulous ace stoked "),
    (0.5, "
        good nice|ly|r|st thanks thank thx ty tysm appreciate|d|s polite|ly efficient|ly smooth|ly cool neat
        reliable trustworthy comfortable comfy cosy cozy glad fun resolved solved sorted helped improved
        improvement|s improving better attentive patient|ly thoughtful generous pleasant|ly charming welcoming
        responsive handy convenient|ly lucky success successful|ly yummy fresh elegant prompt|ly bless
        smile|s smiling enthusiastic hilarious sweet stylish sturdy pleasure
        rewarding worthwhile solid
        approved relieved relief relaxing relaxed reassuring reassured considerate respectful
        gracious graciously cordial diligent careful|ly precise thorough|ly skilled skilful skillful
        tasteful fan fans won winning win admire|d encouraging supportive supported sparkling juicy
        creamy durable robust stable quality entertaining amusing civil refreshing ideal perfecting
        sympathetic understanding grin grinning laughed laughing thankyou unbeaten hearty lively
        tops reasonable"),
    (0.35, "
        fast|er|est quick|ly|er easy|ily easier clear|ly safe|ly clean affordable cheap|er useful interesting
        fair|ly correct|ly fixed refunded works okay fine decent worth clever smart bright calm warm|ly punctual
        hopeful timely straightforward intuitive quiet|ly accurate tidy trust yes yep value
        soft light bonus discount original creative modern spacious bigger suitable lovable
        attractive sensible beneficial harmless balanced honest|ly transparent genuine clearer
        simpler brighter safer cosier healthy"),
    (-0.9, "
        awful|ly terrible terribly horrible horribly horrendous horrific atrocious appalling|ly abysmal|ly
        disgusting|ly disgrace|ful|fully outrageous|ly unacceptable despicable worst pathetic|ally scam|s
        scammed scammer|s scamming fraud|s fraudulent ripoff thief thieves stole steal stealing
        robbery robbed liar|s lied lying hate|d|s furious fuming livid enraged nightmare|s disaster|s
        disastrous catastrophe useless worthless shambles joke garbage trash rubbish crap|py shit|ty bullshit
        fuck|ing|ed wtf shameful shameless diabolical inexcusable deplorable dreadful|ly vile ghastly
        farce travesty
        criminal|s crook|s extortion swindle|d swindlers conned racist racism discrimination
        discriminated inhumane evil hellish hell horrid repulsive revolting sickening nauseating
        loathe loathsome contempt contemptible junk bollocks godawful trainwreck"),
    (-0.7, "
        bad|ly worse poor|ly poorest angry angrily disappointed disappointing|ly disappointment|s disappoints
        frustrated frustrating|ly frustration|s annoyed annoying|ly annoys unprofessional rude|ly|ness arrogant
        dismissive incompetent incompetence unreliable unhelpful unfriendly broken damaged stolen ridiculous|ly
        laughable absurd stupid dumb idiot|s idiotic moron|s clueless fail|s failure|s failing sucks
        sucked suck dirty filthy gross inedible mouldy moldy rotten misleading misled deceptive dishonest
        unfair|ly insult|ing|ed upset unhappy dissatisfied unsatisfied miserable sad|ly sadder ruined ruins
        wasted waste mess messed messy chaos chaotic infuriating irritating irritated regret|s ashamed
        embarrassing embarrassment neglected ignored ignores ignoring careless sloppy shoddy flimsy faulty defective
        overpriced disrespectful hopeless fobbed ghosted lousy unbearable unusable pissed damn
        grumpy impolite discourteous surly snarky hostile condescending patronising patronizing
        bullied harassed harassment humiliated humiliating offended offensive unkind unwelcoming
        snapped yelled shouting shouted lazy indifferent negligent negligence sabotage destroyed
        destroy burnt rancid infested cockroaches mice mould mold poisoning poisoned sickened
        tiresome aggravating maddening exasperating exasperated enraging deceit deceived deceiving
        betrayed betrayal bogus unjust unjustified unethical illegal threat threatened threatening
        abusive abuse abused insufferable intolerable heartbroken devastated depressing depressed
        grim wrecked wreck trashed bricked unlawful ghosting stonewalled unwilling inept amateurish
        amateurs amateur clowns clown doomed"),
    (-0.5, "
        slow|ly|er|est late lost missing wrong|ly error|s bug|s buggy glitch|es glitchy crash|es|ed|ing freezes
        frozen outage|s delay|s delayed cancelled canceled refused refuses refuse reject|ed
        unfortunately confusing confused unclear inconvenient inconvenience boring ugly dangerous unsafe fake
        spam spammed spamming spammy hassle unavailable unreachable unresponsive unanswered mistake|s
        incorrect|ly inaccurate overcharged complain|ed|ing complaint|s stuck struggling struggle hurt|s
        painful pain stressful stress stressed worried worrying scared afraid shocked shocking
        lacking lacks mediocre underwhelming underwhelmed tasteless bland stale smelly stinks noisy leak|s
        leaking leaked dead unwanted unsolicited meh ugh argh facepalm worn torn scratched
        cracked shattered ripped bent unfinished incomplete rushed pushy greedy nonsense abandoned
        cheated tricked fooled misplaced ruin
        tiring exhausting exhausted forever endless endlessly drops dropped dropping dropouts lags
        lag lagging laggy freezing stuttering jams jammed malfunction|s malfunctioning malfunctioned
        misses omitted unpaid unused unreadable illegible invalid expired declined denied denies
        deny blocked locked unreasonable unnecessary unnecessarily unwell uncomfortable unsettled
        unstable uneasy unpleasant unattractive unsuitable inadequate insufficient inferior dull
        dreary bored drab rusty rust stained stain|s dented dent|s scratch|es dusty sticky slimy
        rubbery chewy lukewarm tepid watery undrinkable overcrowded cramped noise panic panicked
        anxious anxiety nervous distress distressed distressing grief disturbed disturbing
        disturbance disruption|s disrupted disruptive hinder hindered obstacle bureaucracy
        bureaucratic nag nagging moan shortage lies loses losing loss disagree disapprove disbelief
        suspicious dodgy shady sketchy misinformed uninformed undelivered unresolved unsolved
        uncaring unheard underpaid overbooked overbooking clumsy botched bungled bodged fiasco
        blunder|s setback inexperienced interrupted"),
    (-0.35, "
        problem|s issue|s expensive pricey difficult complicated wait|ed|ing|s queue|s queueing queuing cold
        sigh shame pity tired missed forgot forgotten weird odd strange impossible hard unexpected|ly fee|s
        penalty limited lack worry concern|ed|s doubt|s doubtful loud tight outdated clunky awkward|ly
        inconsistent disconnect|ed|s overcooked undercooked soggy greasy salty fault|s unlucky
        bother|ed|ing bothersome lame
        heavy empty sore muddy vague hesitant steep stingy skimpy flawed flaw|s drawback|s
        downside|s downgrade|d scarce strict creaks squeaks squeaky rattles wobbly crooked biased
        needless sadness umpteenth bugging unlikely"),
];

/// Verbs and adjectives that say little as they are and much when negated: weight, weight when negated.
pub const VERBS: &[(f32, f32, &str)] = &[
    (0.1, -0.6, "work worked working function functions functioning help helping"),
    (0.0, -0.5, "
        load loads loading respond responds responded responding reply replies replied answer answers answered
        listen listens listened care cares deliver delivered delivers arrive arrived arrives received receive
        turned showed connect connects open opens callback shipped refund"),
    (0.05, -0.35, "understand get like heard login usable acceptable ready available reachable"),
];

/// Phrases; the longest that fits goes first, and its words don't count apart.
pub const PHRASES: &[(f32, &str)] = &[
    (0.9, "
        nothing but praise; second to none; best ever; couldn't be happier; could not be happier; hats off;
        above and beyond; over the moon; couldn't be better; could not be better; five stars; 10 out of 10;
        blown away; can't recommend enough; cannot recommend enough; can't fault"),
    (0.7, "
        well done; great job; good job; nice work; thank you so much; thanks so much; many thanks; thanks a lot;
        highly recommend; highly recommended; would recommend; thumbs up; top notch; top service;
        very happy; so happy; keep it up; keep up the good work; made my day; will be back; worth every penny;
        in love; looking forward; can't wait; cannot wait; like new; works a treat; a treat; day maker;
        went the extra mile; go the extra mile; extra mile; what a treat; thumbs up
        to; credit to; big thanks; huge thanks; thanks again; thanks for the help; thank you again;
        how it should be; exactly what i needed; exactly what i wanted; just what i wanted; love
        this; love it; like a charm; works like a charm; job well done; more than happy; happy
        customer; you rock; guys rock; keep it going; on point; can only recommend; i recommend; we
        recommend; good experience; great experience"),
    (0.5, "
        thank you; i like; really like; no complaints; can't complain; cannot complain; no trouble at all;
        works again; working again; back up and running; up and running; much better; good news; a pleasure;
        as promised; ahead of schedule; well made; spot on; good value; great value; well organised; well organized; works fine; works well;
        works perfectly; works great; worked fine; worked well; quick reply; fast reply;
        took her time; took his time; took their time to; took the time; pleasantly surprised; back
        to normal; worth it; worth the money; worth the wait; worth a visit; good job done; felt at
        home; felt welcome; in good hands; well deserved; well packed; well cared; well looked
        after; good quality; great quality; first class; ten minutes later it worked; nicely done;
        neatly done; safe and sound; like a dream; i'll be back; we'll be back; back soon; come back
        soon; pretty good; right on time"),
    (0.35, "
        not bad; not too bad; not bad at all; not half bad; nothing wrong; no problem; no problems; no worries;
        no issues; on time; in time; no hassle; no fuss; without a problem; without any problems; without issues;
        hassle free; no delays; pain free; problem solved; issue resolved; problem fixed; issue fixed;
        not expensive; not expensive at all; no fault; wasn't expensive; isn't expensive; never
        disappoints; never disappointed; never any trouble; never a problem; never had a problem;
        never had any problems; never had any trouble; never had any issues; no trouble; ahead of
        time; as expected; without any fuss; without fuss; without a hitch; within the hour; good to
        know; nothing to complain about"),
    (0.05, "
        thanks in advance; thank you in advance; have a nice day; have a good day; have a great day;
        have a good one; have a nice weekend; have a great weekend; have a good weekend"),
    (0.0, "
        kind regards; best regards; warm regards; best wishes; good morning; good afternoon; good evening;
        good night; good question; would be fixed; be fixed by; would be solved; would be resolved; be resolved by; would be nice; would be great; would be good; would be lovely;
        would be helpful; would be fantastic; it'd be nice; it would be nice; not only; not just; but also;
        kind of; sort of; what kind; which kind; this kind; any kind; some kind; as well; as well as; as good as; no matter; at the latest;
        best way; best time; any good; how fast; how quick; how good; wait and see; trust pilot; good for;
        how late; late night; open late; until late; customer care; value for; fine print; easy to find;
        what is the best; no need; fair enough; like to know; would like; i'd like; like to; anything like;
        get the best; working day; working days; working hours; value date; is it safe; hard drive;
        hard copy; wait for the; star rating; cold drinks; best before; fun fact; care to; work for; work at;
        terms of quality; quality of; light on; fan of; how heavy; drop off; drop it off; drop by;
        drop in; heavy duty; empty the; light or dark; forever grateful; loss of; free to win; can i
        win; to win; win a; noise cancelling; soft drinks; dent in; raw material; hot or cold; cold
        water; forever stamp; approved by; how durable; careful with; quality time; is it normal;
        blocked number"),
    (-0.35, "
        no idea; money back; my money back; on hold; pay attention; be careful; what happened; not great;
        not ideal; not so good; not sure; not ok; not okay; never mind; nevermind; could be better;
        could have been better; so so; not the best; bit much; to be desired; anymore; switch to; what gives;
        no wonder; expected more; expected better; expected more from; a let down; let down by; not
        what i expected; not as expected; not good enough; third time; second time; fourth time;
        umpteenth time; one more time; how many times; how often; times already; so long; this long;
        at the last minute; hidden costs; hidden fees; still on hold; done with; not funny; not
        cool; not fun; had to chase; no longer; takes ages; so much trouble; not nice; doubt it;
        could do better"),
    (-0.5, "
        no reply; no response; no answer; no help; no luck; no show; no update; no updates; no signal;
        no internet; no connection; no explanation; no apology; no communication; nobody answers;
        no one answers; nobody replied; no one replied; still no; still not; still nothing; still waiting;
        still hasn't; still haven't; still isn't; still doesn't; still can't; yet to arrive; never arrived;
        never came; never received; never showed; never turned up; never showed up; didn't show; no sign of;
        too late; too long; too slow; too expensive; too small; too big; too many times; hours on hold;
        hung up; hang up; keeps hanging; let down; let me down; fell apart; falls apart; falling apart;
        fed up; gave up; given up; giving up; charged twice; double charged; charged me twice; is down;
        are down; went down; down again; goes down; out of order; out of service; can't log in; cannot log in;
        can't login; cannot login; can't access; unable to; not worth; not what i ordered; not as described;
        not as advertised; how is this possible; at your own risk; left waiting; kept waiting; keep waiting;
        for weeks; for hours; stopped working; stops working; doesn't work; does not work; not working;
        nowhere to be found; a shame; such a shame; at fault; fall short; falls short; fell short; cut off;
        goes wrong; went wrong; gone wrong; wasn't home; think twice; locked out; worn out; brushed off;
        run around; runaround; no stock; left on read;
        so done with; done with you; done with this; done with them; zero answers; zero answer; zero
        response; zero communication; took forever; takes forever; taking forever; drops every;
        keeps dropping; keeps crashing; keeps failing; keeps happening; keeps freezing; keep
        getting; no way to reach; nobody cares; no one cares; nobody picks up; no one picks up; no
        one told; nobody told; nobody came; no one came; not delivered; not there; not resolved; not
        solved; not fixed; isn't worth; wasn't worth; poor quality; bad quality; low quality; fallen
        apart; came apart; come apart; hole in; fed up with; left in the dark; in the dark; passed
        around; passed from pillar to post; wild goose chase; no solution; no effort; heard nothing;
        hear nothing; got nothing; at my wits end; half empty; past its date; out of date; no longer
        works; no longer working; broke down; breaks down; breaking down; broke after; already
        broke; died after; dies after; battery dies; ran out; runs out; the hard way; in vain; wrong
        size; wrong colour; wrong item; sent the wrong; too salty; too cold; too hard; too loud; too
        tight; not acceptable at all; gets worse; got worse; getting worse; tasted of nothing;
        tastes of nothing; taste of nothing; no taste; stood us up; stood me up"),
    (-0.7, "
        never again; rip off; ripped off; waste of time; waste of money; stay away; steer clear; avoid;
        not acceptable; sick of; sick and tired; sick of it; had enough; enough is enough; last straw;
        beyond a joke; what a joke; bad joke; makes no sense; can't believe; cannot believe; sort it out;
        get your act together; shame on you; for nothing; do better; total mess; last time; lost a customer;
        losing a customer; taking my business elsewhere; take my business elsewhere; going elsewhere;
        not impressed; not happy; do not buy; don't buy; don't bother; do not bother; not recommend;
        wouldn't recommend; would not recommend; can't recommend; cannot recommend; sucks big; drives me crazy;
        driving me crazy; driving me mad; zero stars; one star; zero help; zero support; couldn't care less;
        don't care; doesn't care; don't give a;
        i give up; had it with; had it up to; go bankrupt; out of my mind; slap
        in the face; utter nonsense; a rip; sue you; my lawyer; consumer rights; not fit for; unfit
        for; nothing but trouble; nothing but problems; cancel my subscription now; hate it; i hate;
        won't be back; will not be back; won't be coming back; never coming back; never come back;
        never going back; never use; never order; never buy; lost my money; lost all my money; kiss
        my; go to hell; good riddance; drives me mad; drives me nuts; it's a scandal; gone downhill;
        going downhill; down the drain; money grabbing; not again"),
    (-0.9, "
        thanks for nothing; thank you for nothing; worst ever; customer service from hell; an absolute joke;
        absolute joke; absolute disgrace; complete joke; never ever again; daylight robbery; bunch of crooks"),
];

/// Words that turn round what they belong to; those that end in `n't` are known by that.
pub const NEGATORS: &str = "
    not no never without hardly barely scarcely neither nor nobody none nothing nowhere cannot cant dont doesnt
    didnt wont isnt arent wasnt werent couldnt wouldnt shouldnt havent hasnt hadnt aint rarely seldom lacks zero
";

/// Words that make the next one stronger or weaker.
pub const FACTORS: &[(f32, &str)] = &[
    (1.5, "
        extremely incredibly insanely ridiculously unbelievably super mega hugely massively terribly awfully
        horribly bloody fucking freaking damn utterly outrageously amazingly exceptionally wildly ultra"),
    (1.3, "very really so absolutely totally completely highly truly such especially deeply particularly genuinely entirely"),
    (1.15, "quite pretty rather definitely always again even too"),
    (0.5, "slightly somewhat bit little mildly kinda marginally"),
    (0.75, "fairly reasonably relatively mostly"),
];

/// Phrases that do the same; beside a feeling they are no feeling themselves.
pub const FACTOR_PHRASES: &[(f32, &str)] = &[
    (0.5, "a bit; a little; a tad; kind of; sort of"),
    (1.5, "the most"),
];

/// What went wrong before in the sentence is over.
pub const RESOLVERS: &str = "solved resolved fixed sorted repaired restored";

/// `never such`: a comparison, no negation.
pub const COMPARERS: &str = "such so";

/// After these the rest of the sentence weighs more.
pub const CONTRASTS: &str = "but however except nevertheless nonetheless";

/// The part that begins with these weighs less.
pub const CONCESSIONS: &str = "although though despite while whilst";
