//! The English lexicon, in the notation of the Dutch one. Own work, from general knowledge; British
//! and American spelling.

/// Words that carry a feeling by themselves.
pub const WORDS: &[(f32, &str)] = &[
    (0.35, "
        tastier kinder fresher"),
    (-0.5, "
        nastier poorer angrier unhappier dirtier"),
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
    (0.9, "
        glorious|ly unreal mindblowing unparalleled unrivalled unmatched legendary magical mesmerising mesmerizing
        epic euphoric faultless|ly peerless exquisite|ly immaculate|ly smashing supercalifragilistic knockout
        lifesaving lifesavers "),
    (0.7, "
        brill fab lush belter chuffed gratitude hearted kindest friendlier kindly cutest loveliest sweetest finest
        classy   gem|s  angel|s saviour savior rockstar superstar|s respect commendable
        commend|ed|ing superior prestigious wholesome uplifting inspiring inspired inspirational empowering
        heartfelt dreamy glowing raving rave raved dazzled dazzling exhilarating exhilarated jubilant rejoice
        congratulate congratulated exceed|ed|s exceeding excel|s excelled adoring thrill thrills elegantly
        topnotch unstoppable fantastical wonders wowed awestruck worthy yess goated"),
    (0.5, "
        nifty snazzy slick groovy peachy dandy jolly merry cracking corking intuitively sleek polished crisp
        neatly cleanly considerately attentively helpfully reliably efficiency convenience politeness friendliness
        professionalism courtesy honesty generosity patience swift|ly speedy pronto painless|ly frictionless
        mannered diligence conscientious competent capable savvy resourceful proactive|ly responsively warmth
        humour humor comfort comforts   bargain|s winner|s recommending loyal loyalty trusted trusting
        trusts satisfying satisfaction  gladly appreciation rewarded  outdid blessing|s cherished
        cherish hug|s xoxo sociable personable approachable relatable"),
    (0.35, "
        functional smoother cleaner quieter economical competitive sensibly respectable adequate|ly satisfactory
        pleasing positive|ly optimistic decently orderly organised organized prepared peaceful calmly"),
    (-0.9, "
        appalled abhorrent deplorably disgraced disgusted heinous horrifying horrified hideous monstrous odious
        scandalous|ly scandal scandals shite shitshow shitstorm shambolic shittest  cowboys cowboy ripoffs
        swindling extortionate extortionately thieving scumbag|s scum bastards bastard arsehole|s asshole|s
        dickheads wankers wanker prick|s twats bullcrap horseshit dogshit trashy diabolically woeful|ly lamentable
        farcical catastrophic calamity debacle trainwrecks dumpster unforgivable unconscionable unspeakable
        barbaric inhuman predatory exploitative exploited sleazy slimiest nightmarish cursed accursed detest|ed|s
        detestable despise|d|s abominable abomination atrocity"),
    (-0.7, "
        gutted fumes fume irate seething raging outraged outrage infuriated infuriates incensed dismayed dismay
        disheartened disheartening disillusioned dejected demoralised demoralizing discouraging discouraged aghast
        tragic|ally woe dire dismal|ly feeble pisspoor subpar substandard tacky naff shabby grubby grimy filthiest
        stinking stank stinky stench nauseous grossly yuck yucky eww ew vomit puke disrespected disrespects
        belittled belittling patronised rudest ruder arrogance ignorance ignorant inconsiderate thoughtless
        heartless callous cruel malicious spiteful vindictive snotty snooty stroppy moody sulky sour unapologetic
        dishonesty untruthful untrustworthy incompetents incompetently bungling hopelessly uselessness pointless
        pointlessly futile idiocy stupidity stupidly lunacy insanity ludicrous|ly preposterous laughably absurdly
        nonsensical baloney crapola crappiest screwed screws screwing shafted stiffed duped hoodwinked
        overcharging overcharge gouging gouged fleeced fleecing missold mislead misleads botch botches cockup
        bollocksed borked buggered knackered kaput crummy cruddy cringe cringeworthy embarrassed embarrassingly
        humiliation shamefully shaming regrettable regretted regretting regretful resent resentful hating
        dislike|d|s disliking unliked loathing annoyance|s irritates irritate irksome peeved miffed vexed vexing
        rage rant ranting tantrum mayhem havoc debilitating excruciating|ly agonising agonizing torture torturous
        tortured tormented crushing shattering smashed mangled crushed  busted wrecking ruining spoiled spoilt
        spoils unacceptably unprofessionalism unprofessionally unhelpfully unsympathetic unreliability
        infuriatingly joker|s muppets muppet numpty numpties imbecile|s buffoon|s halfwits twit|s nitwits fools
        fool incapable ineptitude incompetencies dodgier"),
    (-0.5, "
        sluggish|ly glacial|ly lengthy tedious|ly longwinded cumbersome arduous laborious convoluted wearisome
        disorganised disorganized disorderly messier unkempt unhygienic unsanitary muddled mishandled mismanaged
        mistreated mistreat mistreatment misbehaved misrepresented misdelivered misdirected mismatch nonexistent
        unhelped unheeded unsatisfactory unsatisfying unimpressed unimpressive uninspired uninterested
        disinterested unfocused unintuitive unwieldy uncooperative uncommunicative unaccountable uncontactable
        unprepared untidy unpolished unhealthy disadvantage disadvantaged dissatisfaction discontent disgruntled
        displeased displeasure discomfort disgruntlement distrust mistrust dread dreaded dreading downtime
        backlog|s bottleneck interruptions intermittent spotty patchy choppy pixelated lagged froze hangs 
        stuttered overheating overheats overheated overdue belated delaying stalled stalling stranded neglect
        neglecting dumped tossed chucked flung squashed soaked drenched tampered chipped faded discoloured
        discolored frayed peeling warped wonky lopsided defects deficiencies deficiency deficient shortcoming|s
        sham ploy gimmick gimmicky clickbait intrusive invasive unsettling troubling troubled troublesome
        problematic detrimental unfortunate regrettably alas disconnecting cutoff excuse|s blame|d blaming
        bickering argumentative defensive denial refusing refusal whinge whining moaning griping gripe|s
        grievance|s dispute|s disputed penalised penalized penalties surcharge|s profiteering moneygrabbing"),
    (-0.35, "
        fussy fiddly finicky tricky cluttered   stuffy chilly draughty drafty musty   murky
        uninformative unspecific scripted canned robotic repetitive monotonous uneventful forgettable lacklustre
        lackluster middling pricier dearer costlier costly hike|s creeping inflated"),
    (0.7, "
        shoutout"),
    (0.0, "
        condolences alright"),
    (-0.5, "
        ffs rammed"),
    (-0.7, "
        ombudsman"),
];

/// Verbs and adjectives that say little as they are and much when negated: weight, weight when negated.
pub const VERBS: &[(f32, f32, &str)] = &[
    (0.1, -0.6, "work worked working function functions functioning help helping"),
    (0.0, -0.5, "
        load loads loading respond responds responded responding reply replies replied answer answers answered
        listen listens listened care cares deliver delivered delivers arrive arrived arrives received receive
        turned showed connect connects open opens callback shipped refund"),
    (0.3, -0.5, "liked"),
    (-0.3, 0.1, "lose"),
    (0.05, -0.35, "understand get like heard login usable acceptable ready available reachable"),
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
    (1.3, "
        undoubtedly seriously honestly simply downright thoroughly plain outright thoroughly exceedingly immensely
        tremendously enormously"),
    (1.5, "
        stupidly criminally shockingly wickedly wicked stunningly staggeringly astonishingly scandalously
        obscenely appallingly painfully hellishly crazy insane mighty fantastically phenomenally extraordinarily
        unbelievable epically monumentally spectacularly disgustingly"),
];

/// What went wrong before in the sentence is over.
pub const RESOLVERS: &str = "solved resolved fixed sorted repaired restored";

/// `never such`: a comparison, no negation.
pub const COMPARERS: &str = "such so this more better happier nicer easier smoother friendlier kinder faster quicker \
    tastier fresher cleaner safer cheaper simpler worse ruder slower poorer unhappier angrier sadder dirtier nastier";

/// After these the rest of the sentence weighs more.
pub const CONTRASTS: &str = "but however except nevertheless nonetheless";

/// The part that begins with these weighs less.
pub const CONCESSIONS: &str = "although though despite while whilst";

/// What happens to people, which they may just ask about.
pub const EVENTS: &str = "
    blocked broken bug bugs bullying canceled cancelled cold complain complaining complaint complaints
    complicated con concern cracked crash crashed crashes cut damage damaged dangerous dead declined defective
    defects deficiency delay delayed delays denied dent dents difficult disconnected dispute disputed
    disruption disruptions disturbance downtime empty error errors expensive expired fake fault faults faulty
    fee fees fine forgot forgotten fraud fraudulent freezes frozen grievance hack hacked harassment hard heavy
    incomplete incorrect intermittent interrupted interruptions invalid issue issues late leak leaked leaking
    leaks limit limited locked lose loss lost loud mice misplaced missed missing mould noise outage outages
    overcharged overdue pain penalties penalty phishing problem problems queue queues rejected rust scam scams
    scratched sick slow snapped spam stained stolen stranded stuck surcharge surcharges tampered theft torn
    unavailable unfortunate unpaid unsafe vandalism wait waiting wrong
";
