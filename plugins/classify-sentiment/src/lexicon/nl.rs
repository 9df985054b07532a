//! The Dutch lexicon: words and phrases with weights, -1 to 1. Own work, from general knowledge.
//!
//! `stem|e|er` stands for stem, steme and stemer. Phrases are divided by `;`. Weight 0 makes a
//! phrase neutral whose words would not be (`vriendelijke groet`). Words that mean two things in
//! customer service are left out (`bezorgd`: delivered, or worried).

/// Words that carry a feeling by themselves.
pub const WORDS: &[(f32, &str)] = &[
    (0.9, "
        fantastisch|e geweldig|e uitstekend|e perfect|e geniaal geniale briljant|e subliem|e fenomenaal
        fenomenale grandioos grandioze weergaloos magnifiek|e voortreffelijk|e uitmuntend|e wauw wow
        topservice topper|s toppie topkwaliteit topzaak topbedrijf dolblij dolgelukkig superblij superfijn
        superleuk|e supertof|fe superlekker superservice superlief supergoed|e supersnel|le superaardig|e
        hulde love awesome amazing ongeëvenaard
        razendsnel|le bliksemsnel|le vliegensvlug|ge verbluffend|e meesterlijk|e wereldklasse
        paradijs droomvakantie superbedankt overweldigend|e"),
    (0.7, "
        prachtig|e heerlijk|e schitterend|e super top blij|e tevreden enthousiast|e verrukkelijk|e zalig|e
        trots behulpzaam behulpzame attent|e lief lieve schattig|e vakkundig|e deskundig|e professioneel
        professionele klantvriendelijk|e gastvrij|e complimenten compliment complimentje aanrader genieten
        genoten geniet genoot dankbaar dankbare gefeliciteerd proficiat hoera joepie jippie bravo chapeau
        indrukwekkend|e liefdevol|le favoriet|e smullen gesmuld verrassend|e
        vlekkeloos vlekkeloze wonderbaarlijk held|en engel|en yes yess
        enthousiasme vrolijk|e feestelijk|e stralend|e straal straalt stralen opgetogen verguld
        verliefd ontroerd ontroerend|e onmisbaar onmisbare feilloos feilloze adembenemend|e
        betoverend|e sfeervol|le verrukt vakman vakmanschap toewijding hartverwarmend|e
        zielsgelukkig|e voorbeeldig|e onberispelijk|e rijkelijk aanbevelen aanbevolen raadzaam
        aangeraden dolenthousiast|e smaakvol|le zonnetje|s uitmunten"),
    (0.5, "
        goed|e mooi|e|er|st|ste leuk|e|er|st|ste fijn|e|er|st|ste lekker|e|der tof|fe gaaf vriendelijk|e
        aardig|e bedankt dankjewel dankuwel thanks thx vlot|te soepel|e handig|e prima netjes keurig|e
        betrouwbaar betrouwbare gezellig|e comfortabel|e cool chill|e nice knap|pe opgelost geholpen gelukt
        hielp meegedacht meedenken meedenkend|e meedacht waardeer waarderen gewaardeerd waardering geduldig|e
        zorgzaam zorgzame begripvol|le meelevend|e klasse plezier plezierig|e puik vriendelijkheid
        behulpzaamheid gelukkig|e genot lof geslaagd|e warm|e smakelijk|e spotgoedkoop verrast mazzel
        great happy lovely kanjer|s schat|ten feestje verwend uitgebreid|e
        prettig|e aangenaam aangename beleefd|e hoffelijk|e welwillend|e oplettend|e zorgvuldig|e
        secuur secure goedgekeurd gelachen vermakelijk|e spannend|e bekwaam bekwame accuraat
        accurate hulpvaardig|e hulpvaardigheid sympathiek|e hartelijk|e hartelijkheid gewonnen
        winnen feest opgelucht opluchting ontspannen ontspannend|e degelijk|e stevig|e uitblinken
        attentie gastvrijheid vriendelijkste aardigste bewonder bewonderen bewondering
        applaus kwaliteit fan fans dankbaarheid heugelijk|e geruststellend|e gerustgesteld
        ideaal ideale kundig|e meegewerkt meegekregen sappig|e romig|e knapperig|e vlotjes
        sierlijk|e vredig|e geinig|e puntgaaf tiptop piekfijn goedgemutst"),
    (0.35, "
        snel|le|ler dank beter makkelijk|e gemakkelijk|e eenvoudig|e overzichtelijk|e duidelijk|e correct|e
        eerlijk|e rustig|e schoon schone slim|me sterk|e verbeterd verbetering vooruitgang interessant|e
        voordelig|e betaalbaar betaalbare goedkoop goedkope succes vertrouwen waard nette kek|ke vers|e
        hersteld verholpen lachen grappig|e leerzaam leerzame nuttig|e veilig|e ruim|e zuinig|e
        stijlvol|le hip|pe compleet stipt gunstig|e welkom zonnig|e fris|se sportief
        helder|e zachte licht|e gerust bruikbaar bruikbare haalbaar haalbare geschikt|e origineel
        originele creatief creatieve modern|e goedgelukt luchtig|e begrijpelijk|e vanzelfsprekend
        toegankelijk|e aantrekkelijk|e verstandig|e behouden vrijwillig korting extraatje bonus
        lachend glimlach welverdiend|e verhelderend|e"),
    (-0.9, "
        waardeloos waardeloze afschuwelijk|e walgelijk|e schandalig|e belachelijk|e bespottelijk|e
        onacceptabel|e ontoelaatbaar ontoelaatbare bagger kut klote kutzooi klotezooi kutbedrijf teringzooi
        oplichter|s oplichting oplichterij opgelicht woedend|e razend|e furieus haat haten walg
        misselijkmakend|e drama dramatisch|e rampzalig|e ramp ellende ellendig|e schande diefstal dieven
        bedrog bedriegers bedrogen misleid misleidend|e misleiding leugen|s leugenaar|s gelogen liegen liegt
        onbeschoft|e asociaal asociale respectloos respectloze schofterig|e nachtmerrie aanfluiting
        afgrijselijk|e afrader mensonterend|e wanprestatie wanbeleid hufters vreselijk|e verschrikkelijk|e
        hopeloos hopeloze wantoestand|en
        minachtend|e onmenselijk|e mensonwaardig|e crimineel criminele criminelen afpersing
        woekeraars misdadig|e schoftenstreek maffia wanstaltig|e abominabel|e erbarmelijk|e infaam
        weerzinwekkend|e walgelijkste kwalijk|e leugenachtig|e tering klotebedrijf kutapp
        kutservice klerezooi gadverdamme discriminatie discriminerend|e gediscrimineerd racistisch|e
        racisme"),
    (-0.7, "
        slecht|e|er|st|ste boos boze kwaad kwade teleurgesteld|e teleurstellend|e teleurstelling
        onbetrouwbaar onbetrouwbare frustrerend|e gefrustreerd|e frustratie|s irritant|e geïrriteerd
        irritatie|s ergernis onprofessioneel onprofessionele onvriendelijk|e klantonvriendelijk|e
        onbehulpzaam arrogant|e ongeïnteresseerd|e onverschillig|e kapot|te beschadigd|e gestolen vies vieze
        smerig|e goor gore ranzig|e oneetbaar onzin dom|me stom|me idioot idiote idioten debiel mislukt|e
        mislukking prutsers knoeiers beunhazen sukkels amateurs amateuristisch|e puinhoop chaos chaotisch|e
        zooi troep rotzooi rot flut prut crap fail worst ontevreden triest|e treurig|e bedroevend|e
        belazerd genaaid afgezet afzetterij afzetters woekerprijzen beu spuugzat kotsbeu beschamend|e
        beledigend|e lachertje shit fuck wtf moedeloos wanhopig|e radeloos nalatig|e minachting beschimmeld|e
        bedorven nutteloos nutteloze laks|e dieptriest verpest verziekt onfatsoenlijk|e onverantwoord|e
        schandelijk|e
        chagrijnig|e nors|e bot|te lomp|e kortaf onbeleefd|e onaardig|e snauwt snauwde snauwen
        gesnauwd afgesnauwd afgescheept afgepoeierd afgewimpeld weggestuurd genegeerd negeren
        negeert onverantwoordelijk|e ondeskundig|e incompetent|e onbekwaam onbekwame onkundig|e
        onwaar afgebekt vernederd vernederend|e vernedering gekwetst kwetsend|e beledigd belediging
        bedonderd opgezadeld gesloopt verwoest kapotgegaan stukgegaan onbruikbaar onbruikbare
        waterig|e verbrand|e aangebrand|e rauw|e oudbakken muf|fe stinkend|e vuil|e goorste
        kakkerlak|ken muizen schimmel vergiftigd voedselvergiftiging verziekend ziekmakend
        verafschuw achterlijk|e debielen loser|s waardeloosheid wantrouwen gechanteerd
        bedreigd bedreiging geweigerde wangedrag verwaarloosd|e gammel|e ondraaglijk|e
        onuitstaanbaar onuitstaanbare pisnijdig nijdig|e pissig|e witheet ziedend|e laaiend spijt
        betreurenswaardig|e uitgelachen oplichten afzetten afzet"),
    (-0.5, "
        jammer vervelend|e traag trage sloom slome langzaam langzame storing|en gecrasht crasht crash
        vastgelopen hapert haperen kwijt kwijtgeraakt vermist zoekgeraakt defect|e weigert weigerden geweigerd
        onbereikbaar onbereikbare onvoldoende tegenvaller tegenvallend|e lelijk|e sneu zielig|e balen baal
        bah gadver getver gedoe geklooi gezeik gezeur zinloos zinloze onterecht|e oneerlijk|e schade vals|e
        nep nepsite spam spammen gevaarlijk|e onveilig|e huilen janken verdrietig|e ongelukkig|e lek|ke
        fout|e|en foutmelding|en verkeerd|e vertraging|en vertraagd|e uitgevallen uitval geannuleerd saai|e
        onduidelijk|e verwarrend|e rommelig|e rommel pijn bang angstig|e mankementen gebrekkig|e krakkemikkig|e
        onbegrijpelijk|e schrok geschrokken hekel ergerlijk|e verspild verspilling misser|s
        blunder|s flater puinzooi jammerlijk|e zuur zure opdringerig|e benadeeld gedupeerd|e gemist
        ondermaats|e karig|e brutaal brutale vertrouwensbreuk miskoop
        ontbreekt ontbreken ontbrak ontbraken onvolledig|e incompleet incomplete versleten
        gescheurd|e gebarsten gekrast|e krassen deuk|en verroest|e roest lekkage|s lekt lekte gelekt
        afgebroken breekt brak gebroken haperende trager traagste vermoeiend|e vermoeid uitputtend|e
        slepend|e eindeloos eindeloze eeuwig|e eeuwigheid zoveelste afhaken afgehaakt misbruik
        misbruikt bedenking bedenkingen twijfel|s onzeker|e ongerust|e zorgelijk|e zorgwekkend|e
        paniek stress gestrest stressvol|le stressen hinder hinderlijk|e overlast geluidsoverlast
        storend|e stoort ergeren ergert gedwongen dwang onnodig|e onkunde ongeduldig|e ongemak|ken
        ongemakkelijk|e ongepast|e onredelijk|e onvindbaar onvindbare onleesbaar
        onleesbare ongeldig|e verlopen weggevallen wegvalt uitvalt vastloopt bevriest bevroren
        haperingen nadeel nadelen verlies gestopt klagend doodziek huilend troosteloos troosteloze
        grauw|e smakeloos smakeloze flauw|e zompig|e slap|pe vettig|e plakkerig|e lawaaiig|e
        overvol|le mislopen opgelaten bureaucratie bureaucratisch|e kastje rompslomp afwachtend
        nonchalant|e slordig|e slordigheid verkloot verneukt verknald verprutst vertrapt gemopper
        mopperen klaagt onbeantwoord|e onvoltooid nalaten nagelaten"),
    (-0.35, "
        helaas probleem problemen klacht|en bug|s verloren vergeten wachten wachttijd|en wachtrij|en
        ingewikkeld|e onhandig|e omslachtig|e onmogelijk|e matig|e duur dure koud|e kil taai|e lauw|e zonde
        zucht pff moe lastig|e boete aanmaning incasso onlogisch|e ongewenst|e zorgen gevallen
        alweer ziek verslechterd achteruit achteruitgegaan duurder minder krap|pe klagen mis misgaat misging
        misgegaan loze droevig|e vreemd|e raar rare oneens beperkt|e gedonder zeuren bedenkelijk|e
        foutief foutieve wachtend verouderd|e lawaai herrie stank stinkt stonk vlekken
        leeg lege zwaar zware druk gehannes gepuzzel onverwacht|e onverwachts gemiste missend mist
        missen onwennig|e tegenslag tegenzin stroef stroeve oppervlakkig|e eentonig|e
        prijzig|e aarzel aarzelend verbaasd verbazingwekkend vaag vage blokkeert geblokkeerd
        opgehouden ophouden verplicht piept piepen kraakt kraken trillen trilt bezwaar bezwaren
        verbaast afgekeurd afgewezen afwijzing geschorst beschuldigd wanhoop scheef scheve foutje|s
        haast"),
];

/// Verbs that say little as they are and much when negated, before or after (`werkt niet`):
/// weight, weight when negated.
pub const VERBS: &[(f32, f32, &str)] = &[
    (0.1, -0.6, "werkt werken werkte werkten gewerkt functioneert functioneren functioneerde helpt lukt lukte"),
    (0.0, -0.5, "
        klopt kloppen klopte reageert reageren reageerde reageerden antwoordt antwoorden luistert luisteren
        laadt laden bereikbaar bereiken terugbellen teruggebeld nagekomen geregeld opdagen
        geleverd bezorgd ontvangen aangekomen gekomen verstuurd verzonden teruggestort terugbetaald"),
    (0.05, -0.35, "snap snapt begrijp begrijpt snappen begrijpen inloggen openen gehoord"),
    (0.4, -0.6, "bevalt bevallen beviel vertrouw vertrouwt"),
];

/// Phrases; the longest that fits goes first, and its words don't count apart.
pub const PHRASES: &[(f32, &str)] = &[
    (0.9, "
        niets dan lof; niks dan lof; beste ooit; kan niet beter; kon niet beter; helemaal top; duizendmaal dank;
        boven verwachting; overtreft mijn verwachtingen"),
    (0.7, "
        petje af; aan te raden; een aanrader; ga zo door; dik tevreden; in de wolken; heel erg bedankt;
        super bedankt; dikke duim; goed geholpen; snel geholpen; top geholpen; snel opgelost; goed opgelost;
        blij mee; onder de indruk; kom graag terug; komen graag terug; komen zeker terug; kom zeker terug;
        lekker bezig geweest; met plezier;
        niet anders dan goed; raad ik iedereen aan; raad dit
        iedereen aan; raad het iedereen aan; raad ze iedereen aan; iedereen aanraden; steekt met kop
        en schouders; een lust voor het oog; in no time; boffen we maar; echte vakmensen"),
    (0.5, "
        de beste; het beste; niks te klagen; niets te klagen; geen klachten; duim omhoog; dank je wel;
        dank u wel; dank jullie wel; dank je; dank u; hartelijk dank; hartelijk bedankt; stuk beter;
        veel beter; goed idee; geen enkel probleem; doet het weer; doen het weer; werkt weer; werkt nu weer;
        helemaal goed; met een glimlach; netjes op tijd; hart onder de riem; zo blij; meer dan waard;
        goed voor elkaar; loopt als een trein; snelle reactie; snelle levering; goede service;
        nam echt de tijd; nam de tijd; nemen de tijd; alle tijd genomen; alle lof; alle begrip; alle
        begrip voor; een verademing; de moeite waard; zeker de moeite; goed aangekomen; netjes
        aangekomen; heel aangekomen; veel plezier; blij verrast; kom terug; komen terug; goed te
        doen; thuis gevoeld; voel me thuis; op mijn gemak; staat als een huis; goed verzorgd; werkt
        als een zonnetje; werkt perfect; werkt prima; werkt goed; in goede handen; snel gereageerd;
        met een lach"),
    (0.35, "
        op tijd; niet slecht; niet verkeerd; niet gek; niet mis; lang niet gek; niks mis mee; niets mis mee;
        valt mee; viel mee; valt reuze mee; geen probleem; geen problemen; de volgende dag al; zin in;
        kan niet wachten; goed nieuws; komt goed; alles in orde; in orde; geen gedoe; zonder problemen;
        zonder gedoe; geen vertraging;
        niet duur; niet te duur; helemaal niet duur; wel grappig; niets op aan te merken; weinig op
        aan te merken; nooit problemen; nooit een probleem; nooit klachten; binnen een dag; binnen
        een uur; kon niet missen"),
    (0.05, "
        alvast bedankt; alvast dank; bij voorbaat dank; bij voorbaat bedankt; fijne dag; fijne avond;
        fijn weekend; fijne dag verder; fijne avond verder; prettig weekend; prettige dag; goed weekend;
        goede reis; bedankt voor het wachten"),
    (0.0, "
        vriendelijke groet; vriendelijke groeten; met vriendelijke groet; met vriendelijke groeten;
        goede morgen; goede middag; goede avond; goede vraag; opgelost zou zijn; opgelost zou worden; zou opgelost zijn; wordt opgelost; zou fijn zijn; zou wel fijn zijn; zou mooi zijn;
        zou leuk zijn; zou handig zijn; zou goed zijn; zou top zijn; zou super zijn; zou geweldig zijn;
        een stuk; hoe snel; zo snel mogelijk; hoe goed; net zo goed; even goed; niet alleen; maar ook;
        hoe laat; meer of minder; min of meer; bel me terug; goed gelezen; goed begrijp; goed voor;
        zonder meer; niets bijzonders; lieve mensen; beste mensen; lekker weer; goed of fout;
        werken bij; ik werk; hoe duur; niet nodig; in goede staat; wens je succes; veilig inloggen;
        te wachten staat; maakt niet uit;
        in verlies; verlies van; hoe zwaar; te zwaar voor; druk op; druk je; klikken op; licht op;
        licht aan; kwaliteit van; fan van; mist er; het leeg; ik mis; vuil water; koude dranken;
        rode kool; welke kwaliteit; koud water; winnen van; kans op; kan winnen; winnen met; stevige
        regen; hoe moeilijk; licht of donker"),
    (-0.35, "
        te laat; te klein; te groot; te weinig; in de wacht; kan niet inloggen; laat maar; pas op; geld terug;
        hoe kan dit; hoe kan dat; niet meer; geen idee; geen zin; niks; niet oke; niet zo best; stap over;
        nog niks; nog niets; niet thuis; zomaar; weer niet; weer geen; stopt ermee; hangt steeds;
        niet vrolijk; niet leuk meer; niet leuk; weinig keus; beetje jammer; geen keus; had meer
        verwacht; had beter verwacht; meer verwacht; beter verwacht; anders verwacht; niet wat ik
        verwachtte; niet als verwacht; duurt lang; zo lang; duurt al; hoe vaak nog; hoe vaak moet;
        al maanden; nog eens bellen; voor de derde keer; voor de vierde keer; voor de tweede keer;
        al drie keer; al twee keer; al vier keer"),
    (-0.5, "
        alleen jammer; wacht al; wachten al; wacht nog steeds; geen reactie; geen antwoord; geen gehoor; geen respons; geen bericht; geen hulp; geen internet;
        geen verbinding; geen bereik; niks gehoord; niets gehoord; niks ontvangen; niets ontvangen;
        nog steeds niet; nog steeds geen; nog steeds niks; nog steeds niets; nog altijd niet; nog altijd geen;
        kwam niet opdagen; komt niet opdagen; niet komen opdagen; niemand gezien; doet het niet;
        doet het weer niet; doet het nog steeds niet; doet het niet meer; doen het niet; doet niks; doet niets; te duur; te lang; veel te lang; veel te duur;
        te traag; te langzaam; ligt eruit; ligt er uit; ligt plat; ligt eraf; viel tegen; valt tegen;
        vallen tegen; valt me tegen; viel me tegen; kan niet waar zijn; kan echt niet; kan toch niet;
        uur wachten; uren wachten; dagen wachten; weken wachten; lang wachten; zonder reden; zonder bericht;
        zonder overleg; niet normaal; niet ok; niet oké; geen excuus; dubbel betaald; dubbel afgeschreven;
        twee keer afgeschreven; zonde van; hoe is het mogelijk; laat maar zitten; te wensen over;
        neemt niet op; neemt niemand op; nemen niet op; neemt op; geen idee waar; op z'n kop; wordt niks;
        wordt er niet beter op; schiet niet op; spoorloos; nergens te vinden; hangt op; opgehangen;
        al weken; nul reactie; slecht bereikbaar; niet bereikbaar; stuk gegaan; is stuk; alles stuk; weer stuk; nu al stuk;
        houdt ermee op; de dupe; loopt vast; zit vast; valt uit; valt steeds uit; mijn geld terug;
        valt weg; valt steeds weg; vallen weg; valt elke; niet kunnen; kan dit niet; niet waard;
        geld niet waard; duurt dat lang; duurt het lang; duurt veel te lang; duurt eeuwen; duurt
        uren; nul antwoord; nul hulp; geen gehoor gegeven; wordt niet opgelost; niet opgelost; niet
        nagekomen; niet gelukt; word niet geholpen; niet geholpen; nog nooit geholpen; komt niet;
        kwam niet; neemt niet; houdt geen; niets van terecht; van slechte kwaliteit; slechte
        kwaliteit; geen cent waard; komt niks van; niks van terecht; niet thuisgeven; ondanks
        herhaaldelijk; niets mee gedaan; niks mee gedaan; doen er niks aan; doen er niets aan; geen
        oplossing; geen moeite; mag niet baten; met een kluitje; voor gek; word er moe van; moe van;
        komt maar niet; blijft hangen; loopt steeds vast; uit elkaar; nu al kapot; weer kapot; lek
        geslagen; hangt er maar bij; smaakte nergens naar; smaakt nergens naar; te koud; te zout; te
        hard; te krap"),
    (-0.7, "
        veel te laat; nooit meer; nooit weer; slaat nergens op; om te huilen; om te janken; onder de maat;
        beneden peil; de druppel; ben het zat; zo zat; helemaal zat; klaar mee; ben er klaar mee; zoek het uit;
        zoek het maar uit; spijt van; niet aan beginnen; nooit aan beginnen; geen service; aan het lijntje;
        niet te doen; blijf weg; blijf er weg; in de steek gelaten; geld kwijt; trap er niet in; weggegooid geld;
        weggegooid; wat een grap; houd het voor gezien; nul service; nul komma nul; niet te vreten;
        kan er niet bij; te gek voor woorden; doe normaal; ik word gek; word er gek van; nergens goed voor;
        het laatste wat; weg ermee; stelletje; daar trap ik niet in;
        voor geen meter; word niet goed; ik trek dit niet; ben er ziek van; word er ziek van; je
        bekijkt het maar; jullie bekijken het maar; bekijk het maar; lak aan; schijt aan; de schuld
        geven; stank voor dank; niet serieus genomen; niet serieus; niet klantvriendelijk; kom hier
        nooit; kom er nooit; laatste keer; voor de laatste keer; de laatste keer dat; nog slechter;
        steeds slechter; alleen maar slechter; alleen maar problemen; niets dan problemen; niks dan
        ellende"),
    (-0.9, "
        eens maar nooit weer; een keer maar nooit weer; bedankt voor niks; bedankt voor niets; dank voor niks;
        dank je voor niks; niet aan te raden; van het kastje naar de muur; slechtste ooit; ver onder de maat;
        te triest voor woorden; te belachelijk voor woorden; nooit en te nimmer"),
    (0.8, "te gek; te leuk; onwijs bedankt"),
];

/// Words that turn round what they belong to.
pub const NEGATORS: &str =
    "niet nie nooit geen gn niemand zonder noch nauwelijks amper allerminst nergens geenszins";

/// Words that make the next one stronger or weaker.
pub const FACTORS: &[(f32, &str)] = &[
    (1.5, "
        super mega ontzettend ontzettende enorm enorme onwijs extreem extreme waanzinnig waanzinnige ongelofelijk
        ongelooflijk ongelofelijke ongelooflijke verschrikkelijk vreselijk vreselijke verdomd kei gigantisch
        intens onvoorstelbaar hartstikke ontiegelijk bloedje bizar"),
    (1.3, "heel hele erg zeer echt zo totaal absoluut bijzonder uiterst compleet volledig behoorlijk volkomen flink"),
    (1.15, "wel helemaal steeds weer zeker"),
    (0.5, "beetje enigszins ietwat lichtelijk matig"),
    (0.75, "vrij redelijk best nogal tamelijk wat"),
];

/// Phrases that do the same; beside a feeling they are no feeling themselves.
pub const FACTOR_PHRASES: &[(f32, &str)] = &[
    (0.5, "een beetje; een tikje"),
    (1.5, "niet normaal; heel erg; te gek"),
];

/// What went wrong before in the sentence is over.
pub const RESOLVERS: &str = "opgelost verholpen hersteld gerepareerd gemaakt rechtgezet";

/// `nooit zo goed`: a comparison, no negation.
pub const COMPARERS: &str = "zo zo'n zulke zulk";

/// After these the rest of the sentence weighs more.
pub const CONTRASTS: &str = "maar echter desondanks niettemin";

/// The part that begins with these weighs less.
pub const CONCESSIONS: &str = "hoewel ondanks ofschoon";
