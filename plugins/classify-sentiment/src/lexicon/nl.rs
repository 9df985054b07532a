//! The Dutch lexicon: words and phrases with weights, -1 to 1. Own work, from general knowledge.
//!
//! `stem|e|er` stands for stem, steme and stemer. Phrases are divided by `;`. Weight 0 makes a
//! phrase neutral whose words would not be (`vriendelijke groet`). Words that mean two things in
//! customer service are left out (`bezorgd`: delivered, or worried).

/// Words that carry a feeling by themselves.
pub const WORDS: &[(f32, &str)] = &[
    (0.35, "
        betere fijnere lekkerdere mooiere tevredener vriendelijkere prettiger|e leukere gelukkiger"),
    (-0.5, "
        slechtere erger|e tragere onvriendelijker bozer viezer|e"),
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
    (0.9, "
        ongekend|e geweldenaar|s topprestatie wereldtop meesterwerk superprima onovertroffen toppertje|s
        topgast|en topmonteur topteam topwinkel topapp topmensen topdag topprijs  onbetaalbaar onbetaalbare
        steengoed|e stervensgoed   superheld|en wereldgozer wereldvrouw magisch|e"),
    (0.7, "
        hartveroverend|e klasbak lieverd|s schatje|s engeltje|s tophulp liefste knapste vriendelijkst
        prachtexemplaar genieter lovend|e smetteloos smetteloze ijzersterk|e keigoed|e retegoed|e vetgoed
        machtig|e fabelachtig|e verademing superkerel pluim|pen pluimpje|s respect gelukzalig|e dolgraag juichend
        juich juichen gejuich feliciteer feliciteren felicitaties onvergetelijk|e uitmuntendheid vertederend|e
        imposant|e sprookjesachtig|e bewonderenswaardig|e lofwaardig|e"),
    (0.5, "
        lekkers toffer tofste fijntjes gaver gaafste leukerd adequaat adequate doeltreffend|e vaardig|e pico
        voorkomend|e zachtaardig|e goedlachs|e meegaand|e vrolijkheid blijdschap blijer blijst lekkerste voldaan
        zegen zegening  juweeltje|s  pareltje|s meevaller|s geruststelling opgeknapt opkikker
         redding gered redder|s netter deskundigheid professionaliteit professionalisme inlevingsvermogen
        klantgericht|e klantgerichtheid servicegericht|e servicegerichtheid betrokken betrokkenheid daadkrachtig|e
        doortastend|e proactief proactieve toegewijd|e vlotheid superaanbod fijnproever dankzij bewonderd 
         kus|jes tevredenheid behulpzaamste paraat topaanbieding gemoedelijk|e welbespraakt verrukking
        klantvriendelijkheid hoeraatje lyrisch|e jubel jubelend|e smikkelen aangenaamste"),
    (0.35, "
        vloeiend|e moeiteloos moeiteloze rap|pe stabiel|e doordacht|e logisch|e fatsoenlijk|e redelijke billijk|e
        aanvaardbaar aanvaardbare acceptabel|e soepeltjes gebruiksvriendelijk|e gebruiksvriendelijkheid 
          gezond|e vriendelijker leuks mooiers makkelijker gemakkelijker eenvoudiger
        duidelijker overzichtelijker vlotter soepeler goedkoper voordeliger verbeteringen  gewaardeerde
        uitgerust hoopvol|le optimistisch|e positief positieve "),
    (-0.9, "
        belabberd|e beroerd|e schandaal schandalen waardelozer kansloos kansloze klerebedrijf kloteding kutding
        klootzak|ken eikel|s lul|len hufter hufterig|e  schorem boeven boef bandieten dievenbende rovers
        roofbouw roofzucht uitbuiting uitbuiters graaiers graaier graaien zakkenvullers zakkenvullerij fraudeur|s
        fraude oplichtersbende  horrorverhaal gruwelijk|e afgrijzen kolere ziekelijk|e misselijk|e
        hondsbrutaal hondsbrutale catastrofaal catastrofale catastrofe inhumaan inhumane schaamteloos schaamteloze
        debacle fiasco godgeklaagd hemeltergend|e tenenkrommend|e ongehoord|e verachtelijk|e walging weerzin
        afschuw verraad verraden gluiperig|e gluiperds oneerlijkheid zwendel zwendelaars kwakzalvers barslecht|e
        stervensslecht pestbedrijf rotbedrijf rotservice rotding rotapp rotzak|ken bijltjesdag paupers"),
    (-0.7, "
        belabberdste stomste lulkoek kul flauwekul kolder prutswerk prutser knoeiwerk knoeier knoeiboel
        broddelwerk amateur amateurisme kneus|je|jes sukkel mislukkeling|en klunzig|e klunzen stuntelig|e
        gestuntel geklungel geklooid gepruts gerotzooi gekloot gesodemieter gekut gezanik gejammer gezever
        achterbaks|e gemeen gemene stiekem|e laf|fe lafaards onsympathiek|e vijandig|e agressief agressieve
        dreigend|e dreigt dreigen gedreigd intimiderend|e intimidatie geïntimideerd bedreigend|e geschreeuw
        geschreeuwd schreeuwt uitgescholden uitgekafferd gescholden schelden boosheid woede razernij furieuze
        laaiende getergd|e klaagzang wantrouw wantrouwig|e teleurstelt teleurstellingen verbijsterd
        verbijsterend|e verbijstering onthutst onthutsend|e ontzet ontzetting ontdaan geschokt schokkend|e
        onwaardig|e treurigheid armoedig|e armzalig|e povere pover schamel|e knudde zwak|ke tergend|e schrijnend|e
        pijnlijk|e hopeloosheid uitzichtloos uitzichtloze genadeloos genadeloze ellendeling|en zooitje bende
        teringherrie puinbak wrak|ken brakke aftands|e shitzooi shitservice fucking verdomme godverdomme verdorie
        potverdorie potdomme gatver jakkes jakkie onsmakelijk|e smerigheid viezigheid viespeuk|en vunzig|e
        goorheid schimmelig|e rotte rottig|e bedorvene liegbeesten verzinsels draaikonten praatjesmakers
        klantonvriendelijkheid klantonterend|e onbeschoftheid botheid arrogantie desinteresse ongeïnteresseerdheid
        laksheid nalatigheid onverschilligheid luiheid  incompetentie onbekwaamheid onprofessionaliteit
        schamen schaam geschaamd machteloos machteloze machteloosheid wanhopend onzinnig|e idioterie waanzin
        krankzinnig|e absurd|e ridicuul bezopen maf|fe lachwekkend|e klucht poppenkast  farce
        schijnvertoning aanfluitingen gedrocht|en miskleun|en wanproduct|en wanvertoning wanorde mismanagement
        wanbetaler beschuldigingen onteigend verafschuwd spijtig|e onbenullig|e prutding  bullshit
        kotsmisselijk kots kotsen  pest pesterij pesten treiteren getreiterd gepest treiterij ramptoerisme
        ontgoocheld|e ontgoocheling ontgoochelend|e sneue misplaatst|e aanmatigend|e hooghartig|e neerbuigend|e
        betuttelend|e denigrerend|e kleinerend|e schoffering geschoffeerd schofferen"),
    (-0.5, "
        matigjes tegenvallen tegenvallers stroperig|e bagatelliseren gebagatelliseerd onvolwassen onprettig|e
        onaangenaam onaangename oncomfortabel|e onhygiënisch|e onnauwkeurig|e onoverzichtelijk|e onpersoonlijk|e
        onrechtvaardig|e onrecht onrust onvolkomen onvoordelig onvriendelijkheid onwerkbaar onwerkbare onwil
        onwillig|e onzorgvuldig|e ondoorzichtig|e ondoordacht|e ondeugdelijk|e ontransparant|e misverstand|en
        miscommunicatie mismoedig irriteert irriteren irriteerde frustreert frustreren frustreerde ergerde
        teleurstelde stoorde dwarszit uitgeput klachtenregen huilbui traan tranen verontwaardigd|e
        verontwaardiging bezorgdheid ongerustheid wanbegrip vernield|e vernieling|en vernielen beschadiging|en
        breuk|en scheur|en barst|en kras verbogen krom|me ingedeukt gedeukt gekreukt verkleurd|e vergeeld|e
        verkleuring slijtage uitgevallene uitgevloerd gestrand|e  vastgelopene vastzitten vastzat
        storingsgevoelig|e instabiel|e crashen crashte vastliep vastlopen bevroor uitviel wegviel wegvallen
        weggegooide verdwaald verwaarlozing vervuild|e vervuiling rotweer kutweer afgeknapt afknapper|s zeiken
        zeikerig|e zeur gezeurd kloten klojo|s kluns|en rotstreek smoes|jes smoezen uitvlucht|en excuusje
        doorverwezen rondgestuurd verwijten verwijt nodeloos nodeloze peperduur peperdure geldklopperij geldwolven
        woekerprijs boetes strafkosten sluipend naheffing kwijtgeraakte verduisterd verdwenen spoorloze verdwijnt
        opengescheurd opengemaakt beklad natgeregend doorweekt gelekte  zoekgeraakte"),
    (-0.35, "
        tobben getob gemier gehassel hinderen dralen talmen stagneert stagnatie haperde traagheid teruggang
        moeizaam moeizame moeilijk|er   oubollig|e gedateerd|e suf|fe nietszeggend|e
        clichématig standaardantwoord|en robotantwoord|en twijfelachtig|e dubieus dubieuze schimmig|e verdacht|e
        vreemds raars prijsstijging|en prijsverhoging|en  duurdere"),
    (0.0, "
        gecondoleerd beterschap duurste goedkoopste"),
    (-0.35, "
        ongevraagd"),
    (-0.5, "
        ingeslikt tijdverspilling geldverspilling"),
    (-0.7, "
        lijdensweg kruisweg likmevestje ruk"),
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

/// Words that turn round what they belong to.
pub const NEGATORS: &str = "niet nie nooit geen gn niemand zonder noch nauwelijks amper allerminst nergens geenszins allesbehalve";

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
    (1.3, "
        ongetwijfeld ronduit verreweg veruit simpelweg gewoonweg werkelijk oprecht onmiskenbaar wezenlijk
        uitermate bovenmatig dermate"),
    (1.5, "
        ongehoord belachelijk idioot achterlijk schandalig afgrijselijk gruwelijk stervens snoei bere krankzinnig
        ziekelijk vet retevet uitzonderlijk buitengewoon fenomenaal ongekend angstaanjagend verbazingwekkend
        verdomde"),
];

/// What went wrong before in the sentence is over.
pub const RESOLVERS: &str = "opgelost verholpen hersteld gerepareerd gemaakt rechtgezet";

/// `nooit zo goed`: a comparison, no negation.
pub const COMPARERS: &str = "zo zo'n zulke zulk beter betere fijner fijnere lekkerder lekkerdere mooier mooiere blijer \
    sneller snellere makkelijker gemakkelijker tevredener vriendelijker vriendelijkere prettiger prettigere leuker leukere \
    gelukkiger netter goedkoper slechter slechtere erger ergere trager tragere onvriendelijker bozer viezer viezere";

/// After these the rest of the sentence weighs more.
pub const CONTRASTS: &str = "maar echter desondanks niettemin";

/// The part that begins with these weighs less.
pub const CONCESSIONS: &str = "hoewel ondanks ofschoon";

/// What happens to people, which they may just ask about.
pub const EVENTS: &str = "
    aanmaning afgebroken barst bedreigd bedreiging beperkt beperkte beschadigd beschadigde bezwaar blokkeert
    boete boetes brand bug bugs crash crasht defect defecte deuk deuken diefstal dieven druk dure duur fout
    fouten foutmelding foutmeldingen fraude fraudeur gaslek gaslucht geannuleerd geblokkeerd gebroken gehackt
    geluidsoverlast gemist gemiste gescheurd gescheurde gestolen gestrand gevaarlijk gevallen haast hack
    hacken haperingen hinder inbraak incasso ingebroken kapot kapotte klacht klachten koud koude kras krassen
    kwijt kwijtgeraakt lastig leeg lege lek lekkage lekkages minder mis misbruik misdrijf misverstand moeilijk
    muizen naheffing nep oneens ongeldig ongeluk ongeval ontbreekt ontbrekende onterecht onveilig oplichting
    overlast pech phishing pijn prijsverhoging prijsverhogingen probleem problemen schade schimmel spam
    storing storingen strafkosten stroomstoring stuk uitgevallen uitval vandalisme vastgelopen verdwenen
    vergeten verkeerd verkeerde verkoold verlies verlopen verloren vermist vernield vernieling vertraagd
    vertraging vertragingen vies wachten wachtrij wachttijd wachttijden ziek zwaar zware
";
