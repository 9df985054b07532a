//! Words that give a language away: function words and the small talk of customer service.
//!
//! Own lists, from general knowledge. A word that several languages share stands in each of their
//! lists: what counts is which languages do *not* have it. The languages after [`SELECTABLE`] are
//! never an answer; they are here so that Danish or Afrikaans is not mistaken for German or Dutch.
//! Deliberately absent: names, brands, and words that the network's users share in every language
//! (ok, lol, app, online).

/// A set of languages: bit `i` is `CODES[i]`.
pub type Mask = u16;

/// Languages with a list, in the order of [`LISTS`].
pub const CODES: [&str; 13] = [
    "nl", "en", "de", "fr", "es", "it", "pt", "sv", "da", "af", "fy", "pl", "tr",
];

/// How many of [`CODES`], from the first, an admin may choose.
pub const SELECTABLE: usize = 7;

const NL: &str = "
    de het een en van ik je jij u hij zij ze we wij jullie hun hen haar hem mij me mijn jouw uw ons onze
    zijn is ben bent was waren wordt worden werd geworden heb hebt heeft hebben had hadden gehad
    kan kun kunt kunnen kon konden mag mogen mocht moet moeten moest wil wilt willen wilde zal zult
    zullen zou zouden ga gaat gaan ging doe doet doen deed gedaan kom komt komen kwam gekomen zie ziet
    zien krijg krijgt krijgen kreeg gekregen weet weten wist zeg zegt zeggen zei staat sta stond
    te om op in uit aan af bij met zonder voor na naar door over onder tussen tegen tot sinds tijdens
    als dan dat dit die deze daar hier er waar wat wie hoe waarom wanneer welke welk of maar want dus
    omdat terwijl hoewel toch nog al alleen ook even eens weer wel niet geen niks niets nooit altijd
    iets iemand niemand iedereen alles alle veel meer meest minder weinig beetje heel erg zeer zo te
    nu straks gisteren vandaag morgen vanavond vanochtend vanmiddag week weken maand jaar dag dagen uur
    ja nee bedankt dank dankjewel dankuwel dankje graag alstublieft alsjeblieft hallo hoi goedemorgen
    goedemiddag goedenavond groet groeten groetjes mvg hartelijk vriendelijk vriendelijke welkom gefeliciteerd
    goed goede slecht slechte leuk leuke mooi mooie fijn fijne lekker lekkere snel snelle langzaam duur
    nieuw nieuwe oud oude groot grote klein kleine kapot stuk kwijt jammer balen helaas eindelijk
    gewoon echt zeker misschien natuurlijk eigenlijk inmiddels ondertussen zojuist net pas bijna
    klant klanten klantenservice pakket pakketje bezorgd bezorger bezorging geleverd levering bestelling
    besteld bestellen verzonden verzending rekening factuur geld terug terugbetaling retour winkel
    klacht vraag vragen antwoord reactie probleem problemen storing hulp helpen geholpen wachten wacht
    werkt werken gewerkt doet gebeld bellen mailtje gemaild gestuurd sturen stuur betaald betalen kopen gekocht
    geweldig geweldige fantastisch prachtig vreselijk waardeloos schandalig belachelijk tevreden blij boos
    iemand ergens nergens overal vanwege volgens binnen buiten samen zelf elkaar ander andere anders
    mensen man vrouw kind kinderen huis werk tijd keer volgende vorige laatste eerste twee drie vier vijf
    zeven acht negen tien trein vertraging rijdt rijden m'n z'n d'r zo'n 't 'n da's ie aub svp ff idd
    vind vindt vinden denk denkt denken hoor lukt gelukt laat laten maken maakt gemaakt neem nemen
    hoop hopelijk beter beste leven wereld land stad water weer iedere elke hele hoeveel sowieso
    waarschijnlijk blijkbaar duurt lang lange geleden inloggen wachtwoord rekening abonnement zegt heerlijk
    klopt zonde gezien checken zoiets zulke stuur vanmorgen gekregen
    zin snap snapt begrijp begrijpt gebeurt gebeurd pff sorry super service thuis nou joh
";

const EN: &str = "
    the a an and of to i you he she it its we they them him her his hers our ours your yours my mine me us
    is am are was were be been being have has had having do does did done doing will would shall should
    can could may might must get gets got getting go goes going gone went come comes came coming
    make makes made take takes took know knows knew known think thinks thought see saw seen say says said
    in on at by with without for from into onto over under between against until since during about
    as than that this these those there here where what who whom how why when which or but because so
    though although while still only also just even again not no none nothing never always something
    someone anyone everyone nobody everything anything all many much more most less few little bit very too
    really now today tomorrow yesterday tonight morning afternoon evening week weeks month months year
    years day days hour hours minute minutes yes yeah nope thanks thank please hello hey hi dear regards
    sorry welcome cheers congrats congratulations good great nice bad worst worse best better awful
    terrible lovely beautiful amazing awesome fast slow cheap expensive new old big small broken lost
    finally maybe perhaps sure actually anyway already yet soon almost exactly apparently
    customer customers service parcel package delivery delivered deliver arrived arrive order ordered
    shipped shipping refund refunded bill invoice money back return returned store shop complaint
    question answer reply response issue issues problem problems outage help helped helpful helping
    waiting wait waited works working worked work called call calling email emailed sent send paid pay
    buy bought happy angry disappointed disappointing useless ridiculous fantastic wonderful brilliant
    people man woman child children house time times next last first one two three four five six seven
    eight nine ten train late delay delayed don't doesn't didn't can't won't isn't aren't wasn't weren't
    couldn't wouldn't shouldn't haven't hasn't hadn't i'm i've i'd i'll you're you've you'll it's he's
    she's we're we've they're that's there's what's let's who's y'all gonna wanna gotta u ur pls plz
    thx dont doesnt didnt cant wont im ive thats whats its tho cuz bc want wants wanted need needs needed
    love loved hate hated like liked look looks looking feel feels try tried trying use used using
    any some other another same own such every each both out off up down around through away after
    before if else nor either neither well right left long way things thing stuff someone's else's world life
    stop keep keeps kept put tell told ask asked give gave given find found show heard hear anymore
    rather quite enough account password login log website phone update fix fixed broke full half lot lots
    shame seen count everyone's gone checking
    guys everybody nobody's yours truly wow omg wtf whole place staff food friendly support team absolutely
    happened happens seems guess hope hopefully annoying weird fun funny true read write bring brought
";

const DE: &str = "
    der die das den dem des ein eine einen einem einer eines und ich du er sie es wir ihr mich dich sich
    uns euch mir dir ihm ihnen ihn mein meine meinen meiner meinem dein deine deinen sein seine seinen
    unser unsere unseren euer eure eurem ihre ihren ihrem ihrer kein keine keinen keiner keinem
    ist bin bist sind seid war waren wird werden wurde wurden worden geworden hab habe hast hat haben hatte
    hatten gehabt kann kannst können konnte könnte könnten muss musst müssen musste darf dürfen will willst
    wollen wollte soll sollen sollte würde würden mag möchte geht gehen ging gegangen macht machen gemacht
    kommt kommen kam gekommen sagt sagen gesagt gibt geben steht stehen weiß weiss wissen sehe sieht sehen
    zu im in am an auf aus bei beim mit ohne für fuer nach von vom vor durch über ueber unter zwischen gegen
    bis seit während um zum zur als wie was wer wo wann warum wieso welche welcher welches dass daß weil
    wenn ob oder aber doch denn also noch schon nur auch mal wieder nicht nichts nie niemals immer etwas
    jemand niemand alle alles viel viele mehr weniger wenig bisschen sehr ganz so jetzt heute morgen
    gestern gleich bald woche wochen monat jahr jahre tag tage stunde stunden uhr ja nein danke dank
    vielen bitte gerne gern hallo guten gute guter gutes grüße gruß liebe lieber mfg herzlich herzlichen
    willkommen gut schlecht schlechte schlechter schön schöne toll tolle super schnell langsam teuer neu
    neue alt groß große klein kaputt leider endlich schade eigentlich wirklich echt sicher vielleicht
    natürlich gerade inzwischen fast kunde kunden kundenservice kundendienst paket lieferung geliefert
    bestellung bestellt bestellen versendet rechnung geld zurück rückerstattung laden beschwerde frage
    fragen antwort rückmeldung problem probleme störung hilfe helfen geholfen warten warte gewartet
    funktioniert funktionieren geht's angerufen anrufen geschickt schicken bezahlt bezahlen kaufen gekauft
    großartig fantastisch furchtbar schrecklich unverschämt lächerlich zufrieden froh enttäuscht enttäuschend
    da hier dort dieser diese dieses diesen diesem jeder jede jedes man selbst ander andere anderen anders
    leute mann frau kind kinder haus arbeit zeit nächste letzte erste zwei drei vier fünf sechs sieben
    acht neun zehn zug bahn verspätung hab's ist's ne nen nix habt lg vg lange länger besser beste
    finde finden findet denke denken glaube glauben läuft laufen bekommen bekomme bekommt kriegen
    wäre hätte lassen lässt nimmt nehmen passiert genau einfach klar weg her hin wirklich wahnsinn
    welt leben stadt mist echt halt eben deswegen deshalb trotzdem sondern seit wochenende tolles
    funktionierte anmelden passwort konto ware deren dessen hoffe hoffentlich ihr's freundlich freundlichen
    stimmt moin zusammen wetter angebot gekriegt
    sorry service passt klasse nochmal
";

const FR: &str = "
    le la les un une des du de d' l' et je j' tu il elle on nous vous ils elles me m' te t' se s' lui leur
    leurs moi toi soi eux mon ma mes ton ta tes son sa ses notre nos votre vos ce c' cet cette ces ça ca
    est suis es sommes êtes sont étais était étaient été être sera serait ai as a avons avez ont avais
    avait avaient avoir aura aurait fait faire fais font faites peux peut pouvez peuvent pouvoir pourrait
    pourriez veux veut voulez vouloir voudrais dois doit devez devoir va vais vas allez vont aller allé vient
    venir venu dit dire dites sais sait savez savoir voir vu vois voit voyez mis mettre
    à au aux en dans sur sous avec sans pour par chez vers entre contre depuis pendant avant après
    jusqu' que qu' qui quoi dont où quand comment pourquoi quel quelle quels quelles ou mais donc car ni or
    si comme parce puisque encore déjà deja aussi même très tres trop plus moins peu beaucoup bien mal ne
    n' pas point rien jamais toujours personne quelque quelqu' quelques tout toute tous toutes chaque
    autre autres maintenant aujourd'hui hier demain matin soir semaine semaines mois an ans année jour
    jours heure heures oui non merci bonjour bonsoir salut coucou svp stp bonne bon bons bonnes mauvais
    mauvaise beau belle super génial géniale rapide lent cher chère nouveau nouvelle vieux grand grande
    petit petite cassé cassée perdu perdue enfin dommage peut-être vraiment bientôt presque
    client clients clientèle colis livraison livré livrée livreur livrer commande commandé commander reçu
    recu envoyé envoyer facture argent retour remboursement remboursé remboursée magasin plainte
    question réponse repondre répondre problème problèmes panne aide aider attendre attends attente
    marche fonctionne fonctionner appelé appeler payé payer acheter acheté content contente déçu déçue
    honteux inadmissible nul nulle scandaleux parfait parfaite excellent excellente magnifique satisfait
    gens homme femme enfant enfants maison travail temps fois prochain prochaine dernier dernière
    premier première deux trois quatre cinq sept huit neuf dix train retard y là ici voilà voici
    cordialement félicitations bravo ouais bah mdr ptdr slt bcp pk tjr jsuis chui c'est j'ai qu'il n'est
    monde vie ville pays chose choses faut fallait peur envie besoin côté juste seul seule sympa équipe
    compte mot passe connecter service depuis plusieurs longtemps faites-vous aucune aucun mieux pire
    solde soldes nouvelles nouveaux
    arrive arrivé arriver trouve trouver prendre pris prend parler parle espère accueil adore aime
";

const ES: &str = "
    el la los las un una unos unas de del al y o u yo tú tu él ella nosotros ustedes ellos ellas me te se
    le les lo nos mi mis su sus es soy eres somos son era eran fue fueron ser estar está esta estoy están
    estamos estaba he ha has han hemos había haber hay tengo tiene tienen tener hago hace hacer puede
    puedo pueden poder quiero quiere querer va voy van ir en con sin por para entre desde hasta sobre que
    qué quien quién como cómo cuando cuándo donde dónde porque pero si sí no ni más mas menos muy mucho
    mucha muchas muchos poco todo toda todos todas nada nunca siempre algo alguien también ya aún todavía
    ahora hoy mañana ayer semana semanas mes año años día días hora horas gracias hola buenos buenas buen
    bueno buena malo mala mejor peor favor pedido paquete envío entrega cliente atención servicio dinero
    problema respuesta ayuda llegado llegó llega pagar este esto eso ese esa estos aquí dos tres cuatro cinco
    tren bien mal así uno solo vez vida mundo gente trabajo tiempo casa nuevo nueva
";

const IT: &str = "
    il lo la i gli le un uno una di del della dei degli delle dello al alla ai agli alle dal dalla nel nella
    sul sulla e o ed io tu lui lei noi voi loro mi ti si ci vi me te mio mia miei mie tuo tua suo sua nostro
    nostra vostro vostra è sono sei siamo siete era erano essere stato stata ho hai ha abbiamo avete hanno
    avere aveva faccio fa fare fatto posso può possono potete potere voglio vuole va vado andare in con
    senza per tra fra da su che chi cosa come quando dove perché perche ma se non né più meno molto molta
    poco tutto tutta tutti tutte niente nulla mai sempre qualcosa qualcuno anche già ancora ora adesso oggi
    domani ieri settimana settimane mese anno anni giorno giorni ora ore grazie ciao buongiorno buonasera
    buono buona bene male meglio peggio prego ordine pacco consegna spedizione cliente clienti servizio
    soldi problema risposta aiuto arrivato arrivata pagare questo questa questi quello quella qui due tre
    quattro cinque treno così solo bello bella bravi assistenza ritardo
";

const PT: &str = "
    o a os as um uma uns umas de do da dos das no na nos nas ao à aos pelo pela e ou eu tu ele ela nós vocês
    você eles elas me te se lhe meu minha meus minhas seu sua seus suas nosso nossa é sou és somos são era
    foi foram ser estar está estou estão estava tenho tem têm ter tinha há faço faz fazer fez posso pode
    podem poder quero quer vai vou ir em com sem por para entre desde até sobre que quem como quando onde
    porque mas se sim não nao nem mais menos muito muita muitos pouco tudo todo toda todos todas nada nunca
    sempre algo alguém também já ainda agora hoje amanhã ontem semana semanas mês ano anos dia dias hora
    horas obrigado obrigada olá oi bom boa bons boas mau má melhor pior favor encomenda pedido entrega
    cliente atendimento serviço dinheiro problema resposta ajuda chegou chegar pagar este esta isto isso
    esse essa aqui dois três quatro cinco comboio bem mal assim só vez vida mundo gente trabalho tempo casa
";

const SV: &str = "
    och att det som en ett är jag du han hon vi ni de dem den inte på för med av till från om men eller så
    har hade kan ska skulle vill var vara blir blev min mitt mina din ditt sin sitt er ert när där här vad
    hur varför mycket bara också nu idag igår imorgon tack hej bra dålig paket leverans kund ingen inget
    någon något alla allt aldrig alltid eftersom fortfarande efter över under utan sig oss mig dig i
";

const DA: &str = "
    og at det som en et er jeg du han hun vi i de dem den ikke på for med af av til fra om men eller så
    har havde kan skal skulle vil ville var være bliver blev blir min mit mine mitt din dit sin sit jer når
    der her hva hvad hvordan hvorfor meget mye bare også nå nu dag går tak takk hej hei god godt bra
    pakke levering kunde ingen intet noen noget alle alt aldri aldrig altid alltid efter etter over under
    uden uten sig seg os oss mig meg dig deg hvor ikkje eg veldig fortsatt
";

const AF: &str = "
    die en van is het nie ek jy u hy sy ons julle hulle my jou sal kan moet was wees word gaan kom in op uit
    met sonder vir na deur oor onder teen tot om te as dan dat dit wat wie hoe waarom wanneer of maar want
    dus omdat nog al net ook weer niks nooit altyd iets iemand niemand almal alles baie meer min so nou
    vandag gister môre ja nee dankie asseblief goed sleg mooi lekker vinnig ander mense tyd huis nuwe
    hierdie daardie n 'n sê gesê kry weet moenie is by aan af daar hier waar
";

const FY: &str = "
    de it in en fan ik do dû hy sy wy jimme se my dyn syn har ús jim is bin bist wie wiene wurdt wurde hat
    hawwe ha hie kin kinne moat moatte wol wolle sil sille soe giet gean docht dwaan op út oan ôf by mei
    sûnder foar nei troch oer ûnder tusken tsjin oant om te as dan dat dy dizze dêr hjir wat wa hoe wêrom
    mar want dus noch al allinnich ek wer net gjin neat noait altyd eat immen nimmen elkenien alles alle
    folle mear minder bytsje hiel tige sa no juster hjoed moarn ja nee tank tankewol goed goeie moai
";

const PL: &str = "
    i w z na do nie się że to jest są był była było być mam masz ma mamy macie mają jak co kto gdzie kiedy
    dlaczego czy ale bo więc tak już jeszcze tylko też bardzo dziękuję dzień dobry cześć proszę dla od po
    przez przed pod nad bez ja ty on ona my wy oni mi mnie cię go jej ich moja mój moje paczka ten ta te
    dzisiaj jutro wczoraj dobrze źle dobra nic nigdy zawsze wszystko jestem
";

const TR: &str = "
    ve bir bu da de için ile çok ne mi ben sen biz siz onlar var yok ama değil daha gibi kadar en her şey
    nasıl neden niye nerede teşekkürler teşekkür ederim merhaba lütfen evet hayır iyi kötü güzel bugün yarın
    dün kargo sipariş müşteri hala hiç olarak olan oldu benim senin bana sana
";

const LISTS: [&str; 13] = [NL, EN, DE, FR, ES, IT, PT, SV, DA, AF, FY, PL, TR];

/// The lists as one table, sorted for binary search.
#[derive(Debug, Clone, Default)]
pub struct Lexicon {
    entries: Vec<(&'static str, Mask)>,
}

impl Lexicon {
    pub fn new() -> Self {
        let mut words: Vec<(&'static str, Mask)> = LISTS
            .iter()
            .enumerate()
            .flat_map(|(index, list)| list.split_whitespace().map(move |w| (w, 1 << index)))
            .collect();
        words.sort_unstable();
        let mut entries: Vec<(&'static str, Mask)> = Vec::with_capacity(words.len());
        for (word, mask) in words {
            match entries.last_mut() {
                Some(last) if last.0 == word => last.1 |= mask,
                _ => entries.push((word, mask)),
            }
        }
        Self { entries }
    }

    /// The languages that have this lower-case word; 0 when no list has it.
    pub fn languages(&self, word: &str) -> Mask {
        match self.entries.binary_search_by(|(w, _)| (*w).cmp(word)) {
            Ok(index) => self.entries[index].1,
            Err(_) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_word_names_all_its_languages() {
        let lexicon = Lexicon::new();
        let (nl, en, de) = (1, 2, 4);
        assert_eq!(lexicon.languages("niet"), nl);
        assert_eq!(lexicon.languages("was") & (nl | en | de), nl | en | de);
        assert_eq!(lexicon.languages("xyzzy"), 0);
    }

    #[test]
    fn words_are_as_the_text_is_read() {
        for list in LISTS {
            for word in list.split_whitespace() {
                assert_eq!(word, word.to_lowercase(), "lists are in lower case");
                assert!(!word.contains('’'), "{word}: apostrophes are read as '");
            }
        }
    }
}
