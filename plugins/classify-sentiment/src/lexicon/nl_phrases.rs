//! Dutch phrases; see the words of the language for the notation. Own work, from general knowledge.

/// Phrases; the longest that fits goes first, and its words don't count apart.
pub const PHRASES: &[(f32, &str)] = &[
    (0.9, "
        niets dan lof; niks dan lof; beste ooit; kan niet beter; kon niet beter; helemaal top; duizendmaal dank;
        boven verwachting; overtreft mijn verwachtingen; niet genoeg prijzen; niet genoeg aanraden;
        niet genoeg aanbevelen; niet genoeg waarderen; niet genoeg complimenteren;
        niet hard genoeg aanraden; niet vaak genoeg aanraden; niet genoeg aanprijzen"),
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
        rust zacht lieve; lieve collega; ik zoek; op zoek; sterkte voor; veel sterkte voor;
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
        is zoek; zijn zoek; zoek geraakt; weer zoek; is onjuist; onjuiste informatie; is niet juist;
        is niet correct; is incorrect;
        hoe kan het dat; hoe kan het nou; hoe durven jullie; hoe durven ze;
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
        maken me gek; maakt me gek; maken mij gek; maakt mij gek; een crime; hel op aarde; bloed kookt;
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
    (0.9, "
        tien met een griffel; een tien met een griffel; goud waard; overtreft alle verwachtingen; overtrof mijn
        verwachtingen; overtrof alle verwachtingen; beter kan niet; beter kan het niet; kan het niet beter; kon
        het niet beter; kon niet beter zijn; had niet beter gekund; van harte aanbevolen; van harte aan te
        bevelen; alleen maar lof; met vlag en wimpel; met stip op één; met stip op een; wat een held; wat een
        helden; wat een kanjer; wat een kanjers; wat een topper; wat een toppers; wat een schat; redden mijn dag;
        redde mijn dag; dag gered; mijn dag gemaakt; maakt mijn dag; de allerbeste; het allerbeste; bovenste
        beste; niet genoeg bedanken; nooit genoeg bedanken; vijf sterren; 5 sterren; dikke tien; een dikke tien;
        een tien; een dikke 10"),
    (0.7, "
        petje omlaag; diepe buiging; diep respect; alle respect; veel respect; respect voor; chapeau voor; hulde
        aan; hulde voor; lof voor; compliment waard; een compliment; dikke pluim; een pluim; dikke pluim voor;
        grote klasse; duimen omhoog; duimpje omhoog; twee duimen omhoog; zet hem op; als een trein; liep als een
        trein; loopt gesmeerd; loopt op rolletjes; liep op rolletjes; ging op rolletjes; als een zonnetje; om door
        een ringetje te halen; in mijn nopjes; in onze nopjes; in de zevende hemel; dolblij mee; super blij mee;
        heel blij mee; zo blij mee; erg blij mee; zo hoort het; zo hoort het ook; zo moet het; zo kan het ook;
        voorbeeld aan nemen; een voorbeeld aan nemen; kunnen ze een voorbeeld aan nemen; raad jullie iedereen aan;
        raad ik aan; absoluut een aanrader; echt een aanrader; zeker een aanrader; een echte aanrader; wat een
        verademing; wat een service; wat een verrassing was dat; dat is nog eens service; dat noem ik service; dat
        noem ik nog eens service; bedankt voor de geweldige; kan niet anders zeggen dan; niets dan goeds; niks dan
        goeds; alleen maar goede; doet me goed; doet ons goed; maakt me blij; maakt ons blij; word ik blij van;
        word je blij van; word er blij van; word hier blij van; warm hart; lekker bezig; goed werk; mooi werk;
        knap werk; puik werk; top werk; prima werk; goed gedaan jongens; sterk werk; hoedje af; hoed af; van grote
        klasse; boven verwachting goed; niet durven hopen; had ik niet durven hopen; boffen wij; in de prijzen
        gevallen; voor elkaar; alles voor elkaar; keurig voor elkaar; komt allemaal goed; daar word ik blij van;
        hier word ik blij van; verliefd op; heb er zin in; geen spijt van; nooit spijt van gehad; geen seconde
        spijt"),
    (0.5, "
        geen enkele klacht; nog nooit een klacht; nooit een klacht; nooit klachten gehad; nooit problemen gehad;
        nog nooit problemen; nog nooit problemen gehad; geen enkele moeite; zonder slag of stoot; met gemak; een
        fluitje van een cent; dag eerder; een dag eerder; eerder dan verwacht; sneller dan verwacht; beter dan
        verwacht; leuker dan verwacht; mooier dan verwacht; groter dan ik dacht; stuk duidelijker; stuk fijner;
        stuk sneller; stuk makkelijker; een stuk beter; weer helemaal goed; weer helemaal blij; weer de oude; weer
        gelukkig; goed opgevangen; goed te woord gestaan; netjes te woord gestaan; vriendelijk te woord gestaan;
        uitstekend te woord gestaan; goed meegedacht; denkt mee; denken mee; dachten mee; meegedacht met; bedankt
        voor het meedenken; dank voor het meedenken; wat een luxe; wat fijn; wat leuk; wat mooi; wat lief; wat
        top; wat gaaf; wat tof; wat goed; wat snel; wat een snelle; wat attent; wat aardig; zo fijn; zo lief; zo
        goed; zo mooi; zo blij dat; ik hou van; hou van jullie; houden van; trots op; blij met; blij dat; erg
        content; zeer content; dik in orde; helemaal in orde; keurig in orde; prima in orde; niets te wensen over;
        niks te wensen over; laat niets te wensen over; waar voor je geld; waar voor mijn geld; eind goed al goed;
        probleem opgelost; probleem verholpen; probleem is verholpen; probleem is opgelost; storing verholpen;
        storing opgelost; klacht opgelost; klacht is opgelost; niet teleurgesteld; allesbehalve teleurgesteld;
        allesbehalve ontevreden; verre van teleurgesteld; zeker niet teleurgesteld; niet ontevreden; onder
        controle"),
    (0.35, "
        niet vervelend; niet lelijk; niet ongezellig; niet onaardig; niet onprettig; niet ontevreden over; kon
        slechter; kan slechter; had slechter gekund; kan minder; mag er zijn; mag gezegd worden; mag ook weleens
        gezegd; mag ook gezegd worden; valt alles mee; viel alles mee; viel reuze mee; valt best mee; niet te
        versmaden; niet te missen; geen centje pijn; geen gezeur; geen gezeik; geen poespas; zonder poespas;
        zonder gezeur; zonder gezeik; zonder zorgen; geen zorgen; eindelijk opgelost"),
    (0.0, "
        een storing melden; storing melden; storing doorgeven; een storing doorgeven; schade melden; schade
        doorgeven; klacht indienen; een klacht indienen; klacht in te dienen; klacht doorgeven; diefstal melden;
        verlies melden; fraude melden; probleem melden; een probleem melden; vermissing melden; foutje melden;
        fout melden; lek melden; boete betalen; rode draad; gecondoleerd met; oprechte deelneming;
        innige deelneming; veel sterkte; sterkte met; sterkte gewenst; rust zacht; gecondoleerd met het verlies;
        in geval van storing; bij storing; bij schade; bij verlies; bij diefstal; bij vertraging; geldig bij
        diefstal; schade aan; verlies of diefstal; diefstal of verlies; geldt bij; gedekt bij schade; dekking bij
        schade; gratis en; goede doelen; goede doel; goed nummer; goede adres; goed adres; juiste adres; kwijt
        aan; kwijt te raken; mooi weer; slecht weer; lekker weertje; koud weer; warm weer; zwaar weer; koude
        douche; warme maaltijd; warm water; koude maanden; snel internet; snelle trein; lege batterij; lege
        batterijen; lege flessen; lege dozen; zware pakketten; zwaar pakket; dure pakketten; goedkoopste
        abonnement; beste abonnement; beste keus; beste manier; het snelst; snelste route; veilig betalen; veilig
        online; veilig wachtwoord; is het veilig; druk in de winkel; is het druk; hoe druk; wat kost; te laat
        betaal; te laat betalen; te laat betaald; wat gebeurt er als; wat als"),
    (-0.35, "
        beetje teleurgesteld; kan beter; kon beter; had beter gekund; moet beter; mag beter; kan veel beter; voor
        verbetering vatbaar; niet handig; niet overzichtelijk; niet duidelijk; niet netjes; niet fijn; niet
        prettig; niet tof; niet fraai; niet zo fijn; weinig vertrouwen; geen vertrouwen; vertrouwen kwijt;
        vertrouwen weg; vraag me af waarom; steeds hetzelfde; altijd hetzelfde; altijd wat; altijd wel wat; altijd
        gedoe; weer gedoe; hoe moeilijk kan het zijn; zo moeilijk is het niet; hoe lang nog; hoelang nog; hoe lang
        duurt het nog; weer eens; voor de zoveelste keer; de zoveelste keer; al voor de; alweer een; nog maar
        eens; wederom niet; klopt niet; klopt niks; straal voorbij; reed voorbij; reed gewoon door; niemand weet
        iets; niemand weet; niemand die; weet niemand; komt niet overeen; past niet; werkt voor geen; dubbel zo
        hoog; ineens duurder; zonder waarschuwing; zonder aankondiging; om de haverklap; om de paar minuten; elke
        keer weer; iedere keer weer; al dagen; al uren; al een week; al een maand; al jaren gedoe"),
    (-0.5, "
        daar baal ik van; baal ik van; baal ervan; baal hiervan; balen zeg; tegen de verwachting; tegen alle
        afspraken; tegen de afspraak; afspraak is afspraak; niet volgens afspraak; afspraken niet na; komt
        afspraken niet na; komen hun afspraken niet na; beloftes niet na; belofte niet na; veel beloven weinig
        geven; veel geschreeuw weinig wol; mooie praatjes; lege beloftes; loze beloftes; loze belofte; kapot aan;
        kwam kapot aan; kapot aangekomen; kapot geleverd; kapot bezorgd; beschadigd aangekomen; over de schutting;
        over de heg gegooid; over het hek gegooid; op straat gezet; buiten in de regen; in de regen; voor de deur
        gegooid; bij de vuilnis; niet aangebeld; belde niet aan; belt niet aan; niet eens aangebeld; niet op komen
        dagen; kwam weer niet opdagen; komen niet opdagen; verkeerd bezorgd; verkeerd geleverd; verkeerde
        geleverd; verkeerde maat; verkeerde adres; verkeerd adres; nooit aangekomen; nooit ontvangen; nooit
        gekregen; nooit geleverd; nooit bezorgd; nooit gezien; nooit teruggebeld; nooit reactie; nooit antwoord;
        nooit een reactie; nooit een antwoord; nooit iets van gehoord; nooit meer iets gehoord; niets meer
        gehoord; niks meer gehoord; hoor niks; hoor niets; hoor maar niks; krijg geen; krijg maar geen; reageren
        niet; reageert niet; reageert niemand; reageert nooit; nemen de telefoon niet op; nemen de telefoon gewoon
        niet op; telefoon gewoon niet op; niet te bereiken; onmogelijk te bereiken; niemand te bereiken; niemand
        neemt op; niemand bereikbaar; niemand helpt; niemand weet van; niemand die luistert; niemand die iets
        doet; verbinding verbroken; werd de verbinding verbroken; verbroken verbinding; gooit de hoorn; hoorn
        erop; hoorn op de haak; weer eens niet; weer niks; weer geen trein; weer geen bus; rijdt niet; rijden
        niet; rijdt weer niet; reed niet; valt weer uit; viel uit; alweer uitgevallen; weer uitgevallen; staat
        stil; staan stil; ligt er weer uit; ligt er alweer uit; lag eruit; ligt alweer; ligt weer plat; plat
        gelegd; eruit gegooid; word eruit gegooid; gooit me eruit; logt me uit; loopt constant vast; constant
        vast; blijft vastlopen; blijft crashen; blijft laden; laadt niet; laadt traag; doet niks meer; doet niets
        meer; doen niks; doen niets; doet er niks mee; er klopt niks van; er klopt niets van; klopt helemaal niks
        van; klopt van geen kant; klopt helemaal niet; klopt nergens; helft ontbrak; ontbrak de helft; achter mijn
        geld aan; loop achter mijn geld; geld nog niet terug; geld niet terug; zie mijn geld niet; niet
        teruggekregen; nog niet teruggekregen; nooit teruggekregen; niets teruggezien; niks teruggezien; niets van
        teruggezien; te veel betaald; teveel betaald; te veel afgeschreven; teveel afgeschreven; onterecht
        afgeschreven; onterecht betaald; in rekening gebracht; zomaar afgeschreven; pas ingeslikt; van de ene naar
        de andere; steeds doorverbonden; vijf keer doorverbonden; drie keer doorverbonden; vijf keer gebeld; drie
        keer gebeld; vier keer gebeld; al drie keer gebeld; al twee keer gebeld; al vaker gebeld; voor niets; voor
        niks; voor jan doedel; voor noppes; voor nop; tijd verspild; zonde van mijn tijd; zonde van het geld;
        zonde van de tijd; verspilling van tijd; verspilling van geld; weggegooide tijd; bezwaar tegen; niet
        eerlijk; niet netjes van; niet tevreden; niet blij; niet gelukkig; niet te vertrouwen; niet vriendelijk;
        niet behulpzaam; allesbehalve vriendelijk; allesbehalve behulpzaam; allesbehalve tevreden; weinig
        behulpzaam; weinig klantvriendelijk; weinig vriendelijk; weinig tevreden; niet professioneel; niet
        betrouwbaar; niet schoon; er genoeg van; genoeg van; heb er genoeg van; meer dan genoeg van; ga weg bij;
        weg bij jullie; overstappen naar een ander; stap ik over; zeg mijn abonnement op; zeg alles op; ga
        opzeggen; ga ik opzeggen; op zoek naar een andere; kom hier niet meer; kom niet meer terug; koop hier niet
        meer; koop hier nooit; bestel hier nooit; hier nooit meer; bij jullie nooit meer; voor mij niet meer;
        straks weer niet; begrijpt er niets van; begrijpt er niks van; geen hol van; geen bal van; geen snars van;
        snapt er niks van; snappen er niks van; niet te filmen; niet te geloven; ongelofelijk dit; hoe verzin je
        het; wie verzint dit; wie bedenkt dit; waar slaat dit op; slaat als een tang; kan dit nou; kan zo niet
        langer; kan zo niet; zo kan het niet; zo niet langer; dit kan niet; dit kan zo niet; dit gaat te ver; gaat
        te ver; gaat nergens over; gaat alle perken te buiten; mond vol tanden; word er verdrietig van; word
        verdrietig; word moe van; word ik zo moe van; zo moe van; moe van jullie; doodmoe van; kriebels van; krijg
        er de kriebels van; op mijn zenuwen; werkt op mijn zenuwen; onder de indruk ben ik niet; niet onder de
        indruk"),
    (-0.7, "
        zakt mijn broek van af; zakt je broek van af; daar zakt mijn broek van af; breekt mijn klomp; hier breekt
        mijn klomp; daar breekt mijn klomp; lusten de honden geen brood van; huilen met de pet op; pet niet bij;
        pet met petten; met mijn pet niet bij; met de pet naar; pet naar gooien; met de franse slag; slaat alles;
        slaat echt alles; slaat werkelijk alles; slaat werkelijk nergens op; slaat echt nergens op; slaat helemaal
        nergens op; loopt de spuigaten uit; de spuigaten uit; de maat is vol; de maat is nu vol; de emmer doen
        overlopen; druppel die de emmer; mijn geduld is op; geduld is op; geduld raakt op; verlies mijn geduld;
        geduld is nu op; kan er niet meer tegen; kan er niet tegen; kan hier niet tegen; kan hier niet meer tegen;
        niet meer uitstaan; niet uitstaan; kan ik niet uitstaan; trek het niet meer; trek dit niet meer; trek het
        niet; houd het niet meer vol; hou het niet meer; tot hier en niet verder; zit me tot hier; komt me de
        strot uit; de strot uit; de keel uit; mijn keel uit; hangt me de keel uit; strontziek van; doodziek van;
        schijtziek van; kotsziek van; kotsmisselijk van; misselijk van; ziek van; gestoord van; knettergek van;
        gek van; horendol van; word er horendol van; helemaal klaar met; klaar met jullie; klaar met deze; zo
        klaar met; er klaar mee; schoon genoeg; schoon genoeg van; spuugzat van; het beu; ben het beu; zijn het
        beu; zijn het zat; het zat; beu van; in de maling genomen; in de maling; in de zeik; in de zeik genomen;
        een poot uitgedraaid; poot uitdraaien; een loer gedraaid; een oor aangenaaid; voor de gek gehouden; voor
        het lapje; voor het lapje gehouden; voor de gek; als oud vuil; als een hond behandeld; als een nummer; als
        stront behandeld; als vuil behandeld; tegen een muur; tegen een muur praten; praten tegen een muur; het
        bos in gestuurd; met een kluitje in het riet; kluitje in het riet; kastje naar de muur; van kastje naar
        muur; van het kastje; een potje van; maken er een potje van; puinhoop van gemaakt; zooitje van gemaakt;
        een zootje; een zooitje; wat een zooi; wat een zootje; wat een bende; wat een gedoe; wat een ellende; wat
        een drama; wat een ramp; wat een grap zeg; wat een vertoning; wat een afgang; wat een aanfluiting; wat een
        klucht; wat een farce; wat een circus; wat een poppenkast; wat een lijdensweg; hele lijdensweg; een
        lijdensweg; eindeloos gedoe; niets dan gedoe; niks dan gedoe; niets dan ellende; alleen maar ellende;
        alleen maar gedoe; niets dan gezeik; om je dood te schamen; dood te schamen; schaam je; schamen jullie je
        niet; schaam jullie; jullie moesten je schamen; moesten zich schamen; zouden zich moeten schamen; nergens
        op; lijkt nergens op; dit lijkt nergens op; nooit meer bij; nooit meer hier; nooit of te nimmer; nooit
        meer klant; nooit meer doen; verre van tevreden; verre van blij; ver onder niveau; beneden alle peil;
        onder alle kritiek; beneden elk peil; onder niveau; om te schreeuwen; om gek van te worden; om moedeloos
        van te worden; moedeloos van; word er moedeloos van; in het honderd; honderd procent ontevreden; een
        schande; grof schandaal; grof geschut; te zot voor woorden; te erg voor woorden; geen woorden voor; geen
        goed woord voor over; geen goed woord; geen fatsoen; geen respect; geen enkel respect; geen greintje; geen
        enkele service; zonder enig respect; gelogen tegen; tegen me gelogen; keihard tegen me gelogen; staat te
        liegen; liegt dat het gedrukt staat; liegen alsof het gedrukt staat; klantenservice van niks; van niks;
        bedrijf van niks; van likmevestje; van lik me vestje; van de zotte; van de gekke; van de pot gerukt; te
        dom om; te lui om; te beroerd om; niet helemaal lekker; helemaal ruk; dikke ruk; dikke middelvinger; dikke
        vinger; dikke onvoldoende; een dikke onvoldoende; dikke nul; een dikke nul; een één; nul punten; nul
        sterren; 0 sterren; 1 ster; een ster is nog te veel; nog geen ster; stap naar de rechter; advocaat
        inschakelen; aangifte doen; kom niet meer; zoeken het maar uit; bekijk het even"),
    (-0.9, "
        slechtste ervaring; slechtste service; slechtste bedrijf; slechtste klantenservice; slechtste van; het
        slechtste; de slechtste; erger kan niet; slechter kan niet; slechter kan het niet; kan niet slechter; kon
        niet slechter; nog nooit zo slecht; nog nooit zo'n slechte; nog nooit zulke slechte; nog nooit zoiets; nog
        nooit zo teleurgesteld; bende oplichters; stelletje oplichters; stel oplichters; stelletje dieven;
        stelletje amateurs; stel amateurs; stelletje prutsers; stel prutsers; stelletje idioten; schande is het;
        grote schande; regelrechte schande; pure oplichting; regelrechte oplichting; pure diefstal; regelrechte
        diefstal; legale diefstal; krijg de; val dood; rot op; flikker op; zak in de stront; dank je de koekoek"),
];

/// Phrases that make the next feeling stronger or weaker; beside a feeling they are no feeling themselves.
pub const FACTORS: &[(f32, &str)] = &[
    (0.5, "een beetje; een tikje"),
    (1.5, "niet normaal; heel erg; te gek"),
    (1.3, "
        zonder twijfel; zonder enige twijfel; buiten kijf; met afstand; geen twijfel; zonder enig voorbehoud; in
        één woord; in een woord; om eerlijk te zijn"),
];

/// Phrases that turn round what they belong to.
pub const NEGATORS: &str = "
    verre van; op geen enkele manier; in geen geval; bij lange na niet; lang niet; helemaal niet; absoluut
    niet; totaal niet; zeker niet; bepaald niet; echt niet; niet echt; niet bepaald; niet bijster; alles
    behalve
";
