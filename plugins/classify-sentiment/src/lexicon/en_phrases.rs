//! English phrases; see the words of the language for the notation. Own work, from general knowledge.

/// Phrases; the longest that fits goes first, and its words don't count apart.
pub const PHRASES: &[(f32, &str)] = &[
    (0.9, "
        nothing but praise; second to none; best ever; couldn't be happier; could not be happier; hats off;
        above and beyond; over the moon; couldn't be better; could not be better; five stars; 10 out of 10;
        blown away; can't recommend enough; cannot recommend enough; can't fault"),
    (0.7, "
        this well; so well; kind of you; good of you; nice of you; sweet of you; lovely of you;
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
        how could you; how dare you; how dare they;
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
        blood is boiling; blood boil; makes my blood boil; makes me sick; makes me mad; makes me angry;
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
    (0.9, "
        once in a lifetime; best in the business; best in class; best thing ever; best purchase; best decision; by
        far the best; simply the best; the very best; the best ever; hands down the best; can't praise enough;
        cannot praise enough; can't thank you enough; cannot thank you enough; can't thank them enough; couldn't
        ask for more; could not ask for more; couldn't ask for better; could not ask for better; couldn't have
        asked for a better; couldn't have been better; could not have been better; couldn't have been nicer;
        couldn't have been kinder; could not have been kinder; could not have been nicer; couldn't have been more
        helpful; could not have been more helpful; couldn't have been easier; couldn't be easier; can't recommend
        this shop enough; can't recommend them enough; can't recommend you enough; can't recommend it enough;
        can't recommend highly enough; knocked it out of the park; out of this world; worth its weight in gold;
        worth every cent; worth every pound; a life saver; absolute legend; absolute legends; absolute star;
        absolute stars; absolute hero; absolute lifesaver; absolute gem; absolute pleasure; what a star; what a
        legend; what a hero; what a gem; what a team; what a guy; what a lady; what a service; better than ever;
        never been better; never better; never been easier; never been faster; never looked back; exceeded my
        expectations; exceeded expectations; exceeded all expectations; beyond expectations; beyond my
        expectations; 10 10; ten out of ten; 10 out of ten; five star; 5 star; 5 stars; full marks; top marks;
        nobody does it better; no one does it better; went above and beyond; goes above and beyond"),
    (0.7, "
        nobody does; thumbs way up; two thumbs up; big thumbs up; a big thumbs up; huge thumbs up; big up; shout
        out; shout out to; big shout out; shoutout to; hat tip; round of applause; credit where credit is due;
        credit where it's due; take a bow; kudos to; props to; big props; massive thanks; massive thank you; big
        thank you; a big thank you; huge thank you; heartfelt thanks; thanks a million; thanks a bunch for; thanks
        heaps; thank you kindly; much appreciated; really appreciate; greatly appreciated; really appreciated;
        much obliged; so grateful; very grateful; made my week; made my year; made my evening; made my morning;
        you're the best; you are the best; you guys are great; you guys are the best; the best bank; the best
        shop; keep up the great work; keep up the amazing work; keep being awesome; happy bunny; happy chappy;
        happy camper; tickled pink; on cloud nine; walking on air; in awe; in awe of; blew me away; blew us away;
        took my breath away; hit the nail; nailed it; smashed it; aced it; killing it; crushed it; saved my day;
        saved the day; saved my life; saved us; saved my bacon; a joy; a joy to use; such a joy; a delight; a
        dream; dream to use; a breeze; such a breeze; a doddle; piece of cake; plain sailing; smooth sailing;
        smooth as butter; went swimmingly; ran like clockwork; like clockwork; runs like a dream; works like a
        dream; does exactly what it says; does what it says; does the trick; did the trick; hits the spot; to die
        for; must have; a must; can't live without; couldn't live without; look forward to coming; will definitely
        be back; definitely be back; definitely coming back; will be ordering again; will order again; would order
        again; would buy again; will buy again; would use again; will use again; would definitely recommend; can
        highly recommend; can't go wrong; cannot go wrong; happily come back; gladly come back; happy to
        recommend; no hesitation in recommending; without hesitation; proved me wrong; knew his stuff; knew her
        stuff; know their stuff; knows his stuff; knows her stuff; knew their stuff; actually listens; actually
        listened; actually cares; actually care; truly cares; really cares; really listened; went out of his way;
        went out of her way; went out of their way; goes out of their way; pulled out all the stops; all the
        stops; of the highest standard; highest standard; high quality; highest quality; top quality; superb
        quality; excellent quality; excellent service; money well spent; well worth; well worth it; well worth the
        money; so worth it; good as gold; good as new; super comfy; so comfy; warm and fuzzy; my hero; my heroes;
        heroes all"),
    (0.5, "
        no issues at all; no problems at all; zero issues; zero problems; zero complaints; not a single issue; not
        a single problem; not a single complaint; never a single issue; never had a single issue; never had a
        single problem; never had an issue; never had a complaint; no complaints whatsoever; no complaints at all;
        no complaints here; nothing to fault; can't fault them; couldn't fault them; cannot fault them; couldn't
        fault; could not fault; hard to fault; day early; a day early; days early; came early; arrived early;
        arrived a day early; earlier than expected; sooner than expected; faster than expected; quicker than
        expected; better than expected; easier than expected; better than i expected; better than i hoped; quicker
        than i thought; pleasant surprise; nice surprise; lovely surprise; nice touch; lovely touch; great stuff;
        good stuff; good on you; good for you; fair play; fair play to; all good; all good now; all sorted; all
        sorted now; all fixed; now sorted; finally sorted; now fixed; finally fixed; back online; back on; works
        now; working now; all working now; works like new; no longer an issue; sorted in no time; in no time;
        within minutes; in minutes; same day; the same day; next day; restored our power; put my mind at ease; put
        me at ease; peace of mind; at ease; far from disappointed; anything but disappointed; not disappointed;
        wasn't disappointed; was not disappointed; weren't disappointed; didn't disappoint; did not disappoint;
        doesn't disappoint; does not disappoint; never disappoint; never let me down; never let us down; never
        fails; never failed me; does its job; gets the job done; got the job done; job done; thumbs up from me;
        big fan; huge fan; became a fan; won me over; loving it; loving this; loving the; i'm loving; so good; so
        nice; so kind; so helpful; so friendly; so lovely; so easy; so quick; so fast; how lovely of; how kind of;
        how kind; that was quick; that was fast; wow that was; beats the; beat the competition"),
    (0.35, "
        could be worse; could have been worse; not too shabby; not bad for; not too bad for; not the worst; not
        unhappy; not dissatisfied; not unpleasant; not terrible; not horrible; not awful; nothing to complain; no
        drama; no dramas; no stress; no trouble whatsoever; easy peasy; so far so good; fair enough price; as
        described; as advertised; exactly as described; just as described; no surprises; quick turnaround"),
    (0.0, "
        report a fault; report a problem; report a lost card; report a stolen card; report an outage; report an
        issue; report a leak; report a theft; report theft; report damage; report fraud; report a scam; report a
        missing parcel; report a broken; report a loss; report a lost; report a stolen; file a complaint; make a
        complaint; lodge a complaint; raise a complaint; submit a complaint; log a fault; raise a fault;
        complaints procedure; complaints department; complaint form; lost and found; lost property; lost property
        office; in case of; in the event of; cover theft; cover damage; cover loss; cover for theft; against
        theft; sorry for your loss; so sorry for your loss; deepest condolences; my condolences; our condolences;
        sincere condolences; condolences to; thoughts and prayers; rest in peace; late fee; late fees; late
        payment; pay late; paid late; late shift; night shift; get well soon; good luck; best of luck; happy
        birthday; happy new year; merry christmas; happy christmas; happy easter; happy holidays; happy friday;
        happy monday; happy weekend; happy hour; happy to help; happy to pay; happy to wait; happy to provide;
        happy to send; be happy to; be great if; be good if; be nice if; be lovely if; be helpful if; be awesome
        if; great britain; great western; good friday; best buy; good health; good will; right now; right away;
        right after; right before; right in; right at; right next; right here; right there; right of; right to;
        all right; human rights; free of charge; free delivery; dead end; dead line; dead zone; hot water; smart
        meter; smart watch; smart phone; smart tv; fast lane; fast food; fast train; fast charger; quick question;
        quick one; quick query; easy read; cheap flights; cheapest ticket; cheapest plan; cheapest way; fastest
        way; easiest way; best plan; best route; best deal; best phone; best price; bad weather; cold weather;
        warm weather; nice weather; nice day; lovely day; in pain; pain au; fine for; fine if; is it fine; okay
        if; is it okay; is it safe to; is it worth; worth it to; how difficult; how hard is; how easy; how long;
        how expensive; is it busy; is it expensive; too expensive to; too late to; too late for; is it too late;
        if i pay late; faulty smart meter; wrong number; dead battery; empty bottles; empty boxes; missed call;
        missed a call; low battery; delay repay; claim compensation; compensation for; love island; love actually;
        fail safe; angry customers; strange question; stupid question; silly question; dumb question; weird
        question; odd question"),
    (-0.35, "
        bit disappointed; a bit disappointed; slightly disappointed; a little disappointed; could do with; room
        for improvement; needs improvement; needs work; needs fixing; needs to improve; must do better; should do
        better; have to do better; needs to be better; not clear; not convenient; not helpful; not friendly; not
        clean; not easy; not reliable; not intuitive; not professional; not polite; not fair; not fast; not quick;
        not right; is not right; isn't right; wasn't right; not correct; isn't correct; doesn't add up; does not
        add up; doesn't match; does not match; doesn't fit; how hard can it be; not that hard; not rocket science;
        not good; isn't good; how much longer; same old story; same story; same excuse; every single time; every
        single day; every time i; time and again; time and time again; over and over; over and over again; yet
        again; once again; third time this; second time this; not a great; hit and miss; hit or miss; hidden
        charges; so called; nobody knows; no one knows; nobody seems to; no one seems to; nobody can tell; no one
        can tell; no sign; still not here; still waiting on; still on; logs me out; kicks me out; kicked me out;
        throws an error; keeps saying; keeps telling me; keeps asking; keeps logging; keeps cutting; keeps
        buffering; keeps stopping; in the rain; without warning; without notice; at the last; without asking"),
    (-0.5, "
        must be joking; you must be joking; you're joking; you are joking; are you kidding; are you kidding me;
        you're kidding; are you serious; are you for real; for crying out loud; give me strength; for god's sake;
        for goodness sake; for heaven's sake; for fuck's sake; here we go; takes the cake; takes the biscuit;
        takes the mick; taking the mick; taking the piss; taking the mickey; having a laugh; pull the other one;
        my patience; patience has run out; patience is wearing thin; wearing thin; running out of patience; run
        out of patience; lost my patience; losing my patience; losing patience; at the end of my tether; end of my
        tether; at my wit's end; wits end; wit's end; at a loss; lost for words; beggars belief; beyond belief;
        beyond words; beyond ridiculous; beyond frustrating; beyond frustrated; beyond annoyed; never picks up;
        never answers; never answered; never answer; never replied; never replies; never responded; never
        responds; never reply; never called back; never call back; never got back; never get back; never heard
        back; never heard from; never turns up; never shows up; never arrives; never comes; never on time; never helped; never listen; never listens; never rings; never knocked; never
        delivered; never refunded; never sent; never told; never fixed; never resolved; never ordered; i never
        ordered; nobody ever; no one ever; nobody turned up; no one turned up; nobody showed up; no one showed up;
        nobody responds; no one responds; nobody answered; no one answered; nobody helps; no one helps; nobody
        helped; no one helped; nobody listens; no one listens; nobody told us; no one told us; nobody wants to; no
        one wants to; no one picking up; not one reply; not a single reply; not a word; not a single word; not a
        peep; without a word; without any explanation; without an apology; not even an
        apology; not even a sorry; not so much as; didn't even; don't even; doesn't even; did not even; can't
        even; won't even; couldn't even; couldn't be bothered; can't be bothered; could not be bothered; don't
        seem to care; doesn't seem to care; didn't seem to care; do not care; does not care; didn't care; don't
        care about; doesn't care about; clearly don't care; don't give a damn; won't listen; won't help; won't
        refund; won't reply; won't answer; won't respond; refuse to help; refused to help; refuses to help; refuse
        to refund; refused to refund; refuses to refund; unable to help; not able to help; could not help;
        couldn't help; can't help; cannot help; no use; of no use; no good; no help at all; zero customer service;
        no customer service; lack of communication; lack of service; lack of support; lack of respect; poor
        service; poor communication; poor customer service; bad service; slow service; bad experience; poor
        experience; bad customer service; threw my parcel; threw the parcel; threw it over; over the fence; over
        the gate; left in the rain; left it in the rain; left outside; dumped outside; dumped on; wrong house;
        wrong address; to the wrong address; wrong person; wrong door; wrong order; wrong product; wrong amount;
        wrong bill; wrong price; wrong bus; wrong train; charged me for; charged for something; charged me again;
        charged twice for; overcharged me; owe me; owes me; want my money back; i want my money; give me my money;
        give me back my; want a refund; demand a refund; i demand; chasing you; been chasing; keep chasing; kept
        chasing; tired of chasing; tired of; tired of waiting; so tired of; sick of waiting; bored of; bored of
        waiting; done with waiting; smashed to bits; in bits; in pieces; arrived broken; arrived damaged; came
        broken; came damaged; arrived smashed; already broken; broke after one; broke within; stopped working
        after; fell to pieces; falls to pieces; fell off; came off; snapped off; no heating; no hot water; no
        water; no power; no electricity; no gas; no broadband; no wifi; without heating; without power; without
        water; without electricity; without internet; without broadband; without hot water; without phone; drops
        out; dropping out; cuts out; cutting out; keeps cutting out; out again; off again; down for; offline
        again; logs me; locks me out; drove past; drove straight past; just drove past; drove right past; sailed
        past; didn't stop; did not stop; refused to stop; packed like sardines; like sardines; standing room only;
        one till open; queue out the door; takes the fun; stuck in a loop; going round in circles; going around in
        circles; round in circles; going in circles; from pillar to post; pillar to post; passed from pillar; wild
        goose; on hold for; on hold and counting; and counting; on hold forever; on hold again; been on hold; for
        an hour; for ages; for days; for months; took ages; taken ages; taking ages; took weeks; took months; way
        too long; far too long; far too slow; far too late; far too expensive; way too slow; way too expensive;
        way too late; long overdue; overdue by; i regret; big mistake; my mistake was; mistake choosing; bad idea;
        bad decision; worst decision; worst mistake; less than impressed; less than helpful; less than happy; less
        than ideal; not happy with; not pleased; not satisfied; not amused; far from happy; far from satisfied;
        far from ideal; far from good; far from perfect; anything but helpful; anything but happy; anything but
        smooth; anything but; wasn't expecting this; not what i paid for; paid for nothing; for the worse;
        chocolate teapot; as useful as a; about as useful; chocolate fireguard; load of nonsense; load of rubbish;
        load of crap; load of bull; load of tosh; load of old; pile of junk; pile of rubbish; pile of crap; bunch
        of idiots; bunch of clowns; bunch of liars; bunch of amateurs; bunch of cowboys; piece of junk; piece of
        crap; piece of garbage; piece of rubbish; piece of shit; joke of a company; joke of a; what a mess; what a
        shambles; what a farce; what a disgrace; what a nightmare; what a disaster; what a waste; what a rip; what
        a palaver; what a faff; such a faff; a faff; right faff; kick in the teeth; slap in the; insult to injury;
        adding insult; add insult to injury; rubbing salt; bend over backwards to avoid; washing your hands;
        washed their hands; pass the buck; passing the buck; turned a blind eye; fobbed off; fobbing me off;
        palmed off; mugged off; stitched up; robbed blind; fleeced me; rip off merchants; legal robbery; highway
        robbery; day light robbery; lied to; was lied to; been lied to; lied to me; lying to me; lie to me; lies
        and more lies; all lies; full of lies; pack of lies; treated like; treat customers like; treat people
        like; treated us like; treated me like; talk down; talked down; talked down to; spoken to like; spoke to
        me like; talk to me"),
    (-0.7, "
        can't stand; cannot stand; can not stand; couldn't stand; can't bear; cannot bear; can't take it; can't
        take it anymore; can't take this; can't cope; can't deal with; cannot take this; can't do this anymore;
        stand this any longer; sick to death; sick and tired of; sick to the back teeth; had it up to here; had it
        with you; had it with this; had enough of; i've had enough; have had enough; ve had enough; i've had it;
        fed up to the back teeth; up to here; worst company; worst service; worst experience; worst customer
        service; worst airline; worst bank; worst provider; the worst; worst of the worst; absolutely the worst;
        hands down the worst; by far the worst; hate this; hate you; hate your; i hate this; i hate
        you; hate dealing with; wouldn't wish; would not wish; worst enemy; wouldn't trust; would not trust; don't
        trust; do not trust; can't trust; cannot trust; can't be trusted; cannot be trusted; never trust; lost all
        trust; lost all faith; lost faith; lost all respect; lost all confidence; avoid like the plague; avoid at
        all costs; avoid this; to be avoided; steer well clear; stay well clear; stay far away; keep away; give it
        a miss; give them a miss; not worth a; not worth the paper; not worth your; isn't worth a; waste of space;
        waste of my time; wasting my time; wasted my time; waste my time; wasting our time; waste of everyone's
        time; complete waste; total waste; utter waste; complete rubbish; utter rubbish; absolute rubbish; total
        rubbish; complete garbage; absolute garbage; complete shambles; absolute shambles; total shambles; utter
        shambles; complete nightmare; absolute nightmare; total nightmare; absolute farce; complete farce; utter
        farce; utter disgrace; total disgrace; complete disgrace; ruined our; ruined my; you've ruined; you
        ruined; have ruined; has ruined; spoiled our; spoilt our; wrecked our; reporting you; report you to; see
        you in court; take you to court; trading standards; small claims; i'm leaving; i'm done; i am done; we're
        done; so done; im done; i'm off; i'm switching away; switching provider; switching to your competitor;
        moving to a competitor; never flying; never flying with; never travel; never travelling; never shopping;
        never shop; never ordering; never ordering from; never buying; never buying from; never using; never using
        you; never going; never going there; never coming; never dealing; never deal; never recommend; never stay;
        never book; never booking; never fly; won't use; will not use; won't order; won't buy; won't be using;
        won't be ordering; won't be buying; won't be returning; will not be returning; will never; will never use;
        will never order; will never buy; will never return; will never fly; will never recommend; would never
        recommend; don't ever; thumbs down; two thumbs down; big thumbs down; 0 stars; 0 out of 10; zero out of
        ten; 1 star; 1 out of 10; one out of ten; minus stars; if i could give zero; beyond awful; beyond useless;
        beyond terrible; beyond poor; no shame; have you no shame; should be ashamed; ought to be ashamed; ashamed
        of yourselves; ashamed of yourself; hang your heads; hang your head in shame; a disgrace; an insult; a
        scandal; a scam; total scam; complete scam; utter scam; a con; complete con; sort yourselves out; sort
        your; get a grip; get it together; pull your finger out; wake up; do your job; do your jobs; not fit for
        purpose; unfit for purpose; not acceptable in; simply not acceptable; just not good enough; isn't good
        enough; simply not good enough; nowhere near good enough; no excuse; no excuses"),
];

/// Phrases that make the next feeling stronger or weaker; beside a feeling they are no feeling themselves.
pub const FACTORS: &[(f32, &str)] = &[
    (0.5, "a bit; a little; a tad; kind of; sort of"),
    (1.5, "the most"),
    (1.3, "
        without a doubt; without doubt; without any doubt; beyond any doubt; beyond a doubt; beyond doubt; no
        doubt; no doubt about it; hands down; by far; without question; no question; bar none; far and away;
        beyond question; to be honest; in all honesty"),
];

/// Phrases that turn round what they belong to.
pub const NEGATORS: &str = "
    far from; by no means; in no way; not at all; not exactly; nothing like; not remotely; not particularly;
    not really
";
