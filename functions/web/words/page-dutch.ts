import { columnHeadings } from "../../core/language/column-headings.ts";
import { expiringSoonDays } from "../../core/offer/offer-status.ts";

/** The text for errors that appear only when the page is older or newer than the server. */
const outdated = "Deze pagina past niet meer bij de server. Laad de pagina opnieuw en probeer het nog eens.";

const statuses = { open: "Open", accepted: "Geaccepteerd", rejected: "Afgewezen", expired: "Verlopen" };

export const dutchWords = {
  product: "Offerte-export",
  signOut: "Uitloggen",
  skip: "Naar de inhoud",
  home: "Naar de startpagina",
  problemTitle: "Dat lukte niet",
  details: "Technische details",
  signIn: {
    title: "Al je offertes in één spreadsheet",
    intro:
      "Deze pagina haalt je offertes op uit MijnKlantportaal en zet ze in een Excel- of CSV-bestand, met status, looptijd en totalen uitgerekend.",
    label: "Toegangscode",
    hint: "Je kreeg de code van wie deze pagina voor je heeft klaargezet. Hij wordt onthouden tot je dit tabblad sluit.",
    submit: "Verder",
    empty: "Vul de toegangscode in.",
    wrong: "Deze code klopt niet. Kijk of je hem helemaal hebt overgenomen, zonder spaties ertussen.",
    ended: "Je toegangscode is niet meer geldig. Vul de nieuwe code in.",
  },
  form: {
    title: "Al je offertes in één spreadsheet",
    intro: "Kies wat erin moet staan. Het bestand wordt gedownload zodra het klaar is.",
    format: "Bestand",
    formats: { xlsx: "Excel", csv: "CSV" },
    formatHints: { xlsx: "met samenvatting", csv: "alleen de rijen" },
    dialect: "Soort CSV",
    dialects: { excel: "om in Excel te openen", machine: "voor een ander programma" },
    period: "Offertes van",
    periods: {
      all: "alle jaren",
      "this-month": "deze maand",
      "last-month": "vorige maand",
      "last-quarter": "vorig kwartaal",
      "this-year": "dit jaar",
      month: "een maand of jaar…",
      days: "van … tot en met …",
    },
    periodHint: "Volgens de datum op de offerte.",
    year: "Jaar",
    month: "Maand",
    wholeYear: "het hele jaar",
    issuedFrom: "Van",
    issuedTo: "Tot en met",
    status: "Status",
    language: "Taal van het bestand",
    languages: { nl: "Nederlands", en: "Engels" },
    asOf: "Peildatum",
    asOfHint: "De stand aan het einde van deze dag.",
    advanced: "Meer keuzes",
    advancedTitle: "Gegevens",
    customers: "Namen van klanten",
    evidence: "Bewijs van acceptatie: IP-adres en browser",
    evidenceHint:
      "Dit zijn persoonsgegevens. Vraag ze alleen op als je ze nodig hebt, en bewaar het bestand dan zorgvuldig.",
    columns: "Kolommen",
    columnSets: { all: "alle", short: "kort, voor de boekhouding", own: "eigen keuze" },
    moveUp: "omhoog",
    moveDown: "omlaag",
    describePlace: (column: string, place: number, places: number) =>
      `${column} staat op plaats ${place} van ${places}.`,
    submit: "Maak de spreadsheet",
    invalid: "Kijk de gemarkeerde keuzes na.",
    errors: {
      format: "Kies Excel of CSV.",
      dialect: "Dit hoort alleen bij een CSV-bestand.",
      period: "Kies een maand of een jaar.",
      issuedFrom: "Kies een bestaande dag.",
      issuedTo: "Kies een bestaande dag.",
      status: "Kies ten minste één status.",
      language: "Kies Nederlands of Engels.",
      asOf: "Kies een bestaande dag, vandaag of eerder.",
      columns: "Kies de kolommen opnieuw.",
    } as Record<string, string>,
    /** The texts for mistakes that the form itself recognises. They are shown instead of the texts above. */
    mistakes: {
      noSuchDay: "Deze datum bestaat niet of is nog niet af.",
      daysMissing: "Vul een begindatum of een einddatum in.",
      daysReversed: "De begindatum ligt na de einddatum.",
      noStatus: "Kies ten minste één status.",
      asOfMissing: "Vul een peildatum in.",
      asOfAhead: "De peildatum ligt in de toekomst. Kies vandaag of een eerdere dag.",
      noColumns: "Kies ten minste één kolom.",
    },
    oddYear: (year: number) => `Het jaar ${year}? Kijk of deze datum klopt.`,
    misread: (parts: string) =>
      `Dit stond in het adres van deze pagina, maar is niet begrepen en dus weggelaten: ${parts}.`,
    describeError: (parameter: string) => `In het adres van deze pagina klopt “${parameter}” niet.`,
  },
  sentence: {
    formats: { xlsx: "Excel", excel: "CSV voor Excel", machine: "CSV voor programma's" },
    all: "alle jaren",
    from: (day: string) => `vanaf ${day}`,
    to: (day: string) => `tot en met ${day}`,
    between: (from: string, to: string) => `${from} t/m ${to}`,
    allStatuses: "alle statussen",
    only: (names: string) => `alleen ${names}`,
    noStatus: "geen status gekozen",
    asOf: (day: string) => `stand van ${day}`,
    languages: { nl: "Nederlands", en: "Engels" },
    noCustomers: "zonder klantnamen",
    evidence: "met IP-adressen",
    columns: (count: number) =>
      count === 0 ? "geen kolommen" : count === 1 ? "1 kolom" : `${count} kolommen`,
  },
  statuses,
  columns: columnHeadings.nl,
  progress: {
    title: "Je offertes worden opgehaald",
    bar: "Voortgang",
    pages: "Pagina's",
    offers: "Offertes",
    finish: "Klaar",
    unknown: "nog onbekend",
    since: "Bezig sinds",
    whyUnknown:
      "Hoe lang het nog duurt is niet te zeggen, want het portaal vertelt niet hoeveel offertes er zijn. De volgende keer is dat wel bekend.",
    finishAt: (time: string, left: string) => `rond ${time}, ${left}`,
    soon: "zo meteen",
    minutes: (minutes: number) => (minutes === 1 ? "over 1 minuut" : `over ${minutes} minuten`),
    hours: (hours: number, minutes: number) => `over ${hours} uur en ${minutes} min`,
    starting: "Het ophalen begint.",
    reading: "Het ophalen is bezig.",
    waiting: (limit: string | null, seconds: number) =>
      `Het portaal laat ${limit ?? "een beperkt aantal"} verzoeken per minuut toe; verder over ${seconds} s.`,
    lost: "Even geen verbinding. Het ophalen gaat door; deze pagina probeert het opnieuw.",
    leave: "Je kunt deze pagina sluiten. Het ophalen gaat door, en als je terugkomt vind je het hier weer.",
    cancel: "Annuleren",
    cancelTitle: "Stoppen met ophalen?",
    cancelText: "Er komt dan geen bestand, ook niet voor een ander die op ditzelfde bestand wacht.",
    confirmCancel: "Stoppen",
    goOn: "Doorgaan",
    cancelled: "Het ophalen is geannuleerd.",
    announce: (pages: string, offers: string) => `${pages} pagina's en ${offers} offertes opgehaald.`,
  },
  result: {
    title: "Je spreadsheet is klaar",
    nothing: "Geen enkele offerte past bij deze keuze",
    nothingDated: "Geen enkele offerte heeft een datum in deze periode",
    nothingText: "In het bestand staan dus geen offertes.",
    portalEmpty: "Het portaal heeft nog geen offertes",
    adjust: "Keuzes aanpassen",
    downloading: "Het downloaden is begonnen. Gebeurt er niets? Kies dan Downloaden.",
    download: "Downloaden",
    again: "Nog een spreadsheet",
    fetchAgain: "Opnieuw ophalen",
    file: (name: string, size: string) => `${name}, ${size}`,
    readAt: (time: string) => `Opgehaald op ${time}.`,
    offersTitle: "In één oogopslag",
    offers: (count: number, text: string) => (count === 1 ? "1 offerte" : `${text} offertes`),
    conversion: "Conversie",
    byCount: "op aantal",
    byValue: "op waarde",
    conversionHint: "Geaccepteerd, van alles wat geaccepteerd, afgewezen of verlopen is.",
    fewDecided: (accepted: number, decided: number) => `${accepted} van de ${decided}`,
    tooFew: "geaccepteerd; te weinig voor een percentage",
    noneDecided:
      "Geen van deze offertes is geaccepteerd, afgewezen of verlopen. Er is dus nog geen conversie.",
    conversionNeeds:
      "Conversie wordt alleen berekend over een selectie met alle geaccepteerde, afgewezen en verlopen offertes.",
    inSelection: (text: string) => `In deze selectie: ${text}`,
    undated: (count: number) =>
      count === 1
        ? "In het bestand staat 1 offerte zonder leesbare datum; die telt mee, omdat ze in de periode kan vallen."
        : `In het bestand staan ${count} offertes zonder leesbare datum; die tellen mee, omdat ze in de periode kunnen vallen.`,
    otherCurrencies: (currency: string) =>
      `Waarden per status zijn in ${currency}; de totalen bovenaan noemen elke valuta.`,
    withoutAmount: (count: number) =>
      count === 1
        ? "1 offerte heeft geen leesbaar bedrag."
        : `${count} offertes hebben geen leesbaar bedrag.`,
    verdict: "Volledigheid",
    complete: (offers: string) =>
      `Volledig. Het portaal telt ${offers}, en elke offerte die bij je keuze past staat er precies één keer in.`,
    uncertain: "Onzeker. Er kunnen offertes ontbreken; de opmerkingen zeggen waarom.",
    remarks: "Opmerkingen",
    remarksLanguage: (language: string) => `In de taal van het bestand: ${language}.`,
    problem: "Het ophalen is mislukt",
    retry: "Opnieuw proberen",
    cancelled: "Geannuleerd",
  },
  delivery: {
    title: "Verzending",
    webhook: (which: string) => `Webhook ${which.replace("address", "adres")}`,
    sentAt: (time: string) => `verzonden op ${time}`,
    states: {
      waiting: "wordt verzonden",
      sending: "wordt verzonden",
      sent: "verzonden",
      failed: "niet aangekomen",
      unknown: "onbekend of het is aangekomen; het wordt niet nog eens verzonden",
      skipped: "niet verzonden: daar was geen aanleiding voor",
    },
  },
  chart: {
    title: (month: string) => `De twaalf maanden tot en met ${month}`,
    caption: "Aantal offertes per maand van de offertedatum",
    selectionCaption: "Aantal offertes in deze selectie, per maand van de offertedatum",
    table: "Als tabel",
    scroll: "Schuif de tabel opzij voor de rest.",
    month: "Maand",
    total: "Totaal",
    /** The title of the chart of a period. */
    periodTitle: (first: string, last: string) => `Van ${first} tot en met ${last}`,
    older: (count: number, offers: string, first: string) =>
      `${offers} van vóór ${first} ${count === 1 ? "staat" : "staan"} niet in deze grafiek, wel in het bestand.`,
    oldTitle: "Per maand",
    old: (count: number, offers: string, first: string) =>
      `Cijfers per maand gaan terug tot ${first}. Van deze periode ${count === 1 ? "is" : "zijn"} ${offers} ouder; die ${count === 1 ? "staat" : "staan"} wel in het bestand.`,
    describe: (count: string, months: number, highest: string, best: string) =>
      `Staafdiagram: ${count} in ${months === 12 ? "twaalf" : months} maanden; het hoogste aantal, ${highest}, in ${best}.`,
    empty: "Geen offerte heeft een datum in deze maanden.",
    emptySelection: "In deze selectie heeft geen offerte een datum in deze maanden.",
  },
  followUp: {
    title: "Verloopt binnenkort",
    intro: (count: number, offers: string, value: string) =>
      count === 1
        ? `${offers} van ${value} verloopt binnen ${expiringSoonDays} dagen.`
        : `${offers}, samen ${value}, verlopen binnen ${expiringSoonDays} dagen.`,
    cut: (count: number) => `De ${count} met de hoogste waarde:`,
    countedFrom: (day: string) => `Gerekend vanaf de peildatum, ${day}.`,
    number: "Offerte",
    customer: "Klant",
    amount: "Bedrag",
    days: "Nog geldig",
    daysLeft: (days: number) => (days === 0 ? "alleen vandaag" : days === 1 ? "1 dag" : `${days} dagen`),
    /** The name of the workbook's sheet in this language. */
    sheet: "Opvolgen",
    more: (sheet: string) => `Meer van deze offertes staan in het bestand, op het blad ${sheet}.`,
  },
  file: {
    gone: "Dit bestand is opgeruimd. Bestanden worden niet eeuwig bewaard, maar een nieuw is zo gemaakt.",
    deleted:
      "Dit bestand is verwijderd, door jou of door iemand anders met een toegangscode. Een nieuw is zo gemaakt.",
    title: "Dit bestand is er niet meer",
    missing: {
      title: "Deze export is er niet",
      text: "Op dit adres staat geen export. Misschien is hij lang geleden gemaakt, of is het adres niet compleet.",
    },
    make: "Maak het opnieuw met dezelfde keuzes",
  },
  recent: {
    title: "Eerder gemaakt",
    running: "Al begonnen",
    empty: "Nog niets. Wat je maakt, vind je hier terug.",
    states: {
      queued: "Bezig",
      running: "Bezig",
      succeeded: "Klaar",
      failed: "Mislukt",
      cancelled: "Geannuleerd",
    },
    /** The same states of an export that was requested less than a minute ago. */
    justNow: {
      queued: "Nu bezig",
      running: "Nu bezig",
      succeeded: "Zojuist klaar",
      failed: "Zojuist mislukt",
      cancelled: "Zojuist geannuleerd",
    },
    download: "Downloaden",
    look: "Bekijken",
    follow: "Volgen",
    again: "Opnieuw",
    remove: "Verwijderen",
    removeTitle: "Deze export verwijderen?",
    confirmRemove: (what: string) =>
      `“${what}” wordt uit de lijst verwijderd, met het bestand en de cijfers. Dat is niet terug te draaien.`,
    removed: "De export is verwijderd.",
    hide: "Uit de lijst halen",
    hidden: "De export staat niet meer in de lijst.",
    all: (count: number) => `Toon alle ${count}`,
    unreachable: "De lijst is nu niet op te halen.",
  },
  shares: {
    title: "Vaste link",
    givesNewest:
      "Een vaste link geeft altijd het nieuwste bestand, meestal hooguit een uur oud, zonder toegangscode.",
    /** For a link with a fixed as-of day. */
    givesFixed: (day: string) =>
      `Met de gekozen peildatum geeft de link altijd de stand van ${day}, zonder toegangscode.`,
    intro:
      "Handig als bladwijzer, of om een Excel-bestand bij te werken. Wie de link heeft, kan erbij: geef hem alleen aan wie de offertes mag zien.",
    evidence:
      "Let op: in dit bestand staan IP-adressen. Dat zijn persoonsgegevens, en wie de link heeft, ziet ze zonder toegangscode.",
    name: "Naam",
    namePlaceholder: "Offertes voor de boekhouder",
    expiry: "Geldig",
    expiries: { 30: "een maand", 90: "drie maanden", 365: "een jaar" },
    submit: "Maak een vaste link",
    made: "Je vaste link",
    once: "Kopieer hem nu: om veiligheidsredenen wordt hij maar één keer getoond.",
    copy: "Kopiëren",
    copied: "Gekopieerd",
    list: "Vaste links",
    until: (day: string) => `geldig tot ${day}`,
    revoke: "Intrekken",
    confirmTitle: "Deze link intrekken?",
    confirm: (name: string) =>
      `“${name}” werkt dan direct niet meer, voor niemand. Dat is niet terug te draaien.`,
    revoked: (name: string) => `De link “${name}” is ingetrokken en werkt niet meer.`,
    keep: "Behouden",
    errors: {
      name: "Geef de link een naam, zodat je hem later herkent.",
      expiresInDays: "Kies hoe lang de link geldig is.",
    } as Record<string, string>,
    guides: {
      bookmark: {
        title: "Als bladwijzer",
        steps: [
          "Open de link in je browser: het bestand wordt gedownload.",
          "Sleep de link naar je bladwijzerbalk, of zet hem in een mail aan jezelf.",
        ],
      },
      excel: {
        title: "In Excel, te vernieuwen met één klik",
        steps: [
          "Kies in Excel Gegevens › Van web.",
          "Plak de link en kies OK. Vraagt Excel hoe je je aanmeldt, kies dan Anoniem.",
          "Later vernieuw je alles met Gegevens › Alles vernieuwen.",
        ] as [find: string, paste: string, later: string],
        /** The step between the second and the third, for a workbook and for a CSV file. */
        loadSheet: "Kies het blad met de offertes en daarna Laden.",
        loadRows: "Excel toont een voorbeeld van de rijen. Kies Laden.",
      },
      sheets: {
        title: "In Google Sheets",
        formula: 'Zet in cel A1: =IMPORTDATA("de link")',
        refreshes: "Google Sheets ververst de gegevens zelf, ongeveer elk uur.",
        otherForWorkbook:
          "Deze link geeft een Excel-bestand, en dat leest Google Sheets niet van een link. Maak er een tweede link voor: kies als bestand CSV, en als soort CSV ‘voor een ander programma’.",
        otherForExcel:
          "Deze link geeft een CSV-bestand voor Excel. Maak voor Google Sheets een tweede link: kies als soort CSV ‘voor een ander programma’.",
        otherFormula: 'Zet in cel A1: =IMPORTDATA("de tweede link")',
      },
    },
  },
  share: {
    title: "Het nieuwste bestand wordt opgehaald",
    expired: {
      title: "Deze link is verlopen",
      text: "Vraag een nieuwe aan degene van wie je deze link kreeg, of maak hem zelf als je een toegangscode hebt.",
    },
    unknown: {
      title: "Deze link werkt niet",
      text: "Misschien is hij ingetrokken, of is het adres niet helemaal overgenomen. Vraag het aan degene van wie je de link kreeg, of maak een nieuwe als je een toegangscode hebt.",
    },
  },
  unknown: { title: "Deze pagina bestaat niet", text: "Kijk of het adres klopt." },
  problems: {
    portal_key_refused:
      "Het portaal accepteert de API-sleutel niet meer. Laat een nieuwe instellen door wie deze pagina beheert.",
    portal_scope_missing:
      "De API-sleutel mag geen offertes lezen. Laat de beheerder het recht offers.read aan de sleutel geven.",
    portal_not_found:
      "Op het ingestelde adres van het portaal staan geen offertes. Laat de beheerder het adres nakijken.",
    portal_not_api: "Het portaal gaf een antwoord dat niet te begrijpen is. Probeer het later nog eens.",
    portal_unavailable: "Het portaal antwoordt niet goed. Probeer het over een paar minuten nog eens.",
    portal_closed: "Het portaal is nu niet bereikbaar. Probeer het over een paar minuten nog eens.",
    portal_rate_starved:
      "Iets anders gebruikt alle verzoeken die het portaal per minuut toelaat. Probeer het later nog eens.",
    portal_repeats: "Het portaal gaf steeds dezelfde pagina. Probeer het later nog eens.",
    portal_contradicts_itself:
      "Het portaal sprak zichzelf tegen, zodat niets zeker was. Probeer het later nog eens.",
    too_many_pages: "Het portaal heeft meer offertes dan in één keer op te halen zijn.",
    storage_failed: "De opslag van de bestanden werkt nu niet. Probeer het over een paar minuten nog eens.",
    workflow_failed: "Het ophalen kon niet beginnen. Probeer het over een paar minuten nog eens.",
    interrupted: "Het ophalen is onderbroken voordat het klaar was. Probeer het opnieuw.",
    version_changed: "Het programma is veranderd terwijl dit werd opgehaald. Probeer het opnieuw.",
    cancelled: "Deze export is geannuleerd.",
    rate_reserve_too_large:
      "Alle verzoeken aan het portaal zijn voor andere programma's gereserveerd, zodat er geen over is. Laat de beheerder PORTAL_RATE_RESERVE verlagen.",
    snapshot_gone: "Wat uit het portaal was opgehaald, is al opgeruimd. Probeer het opnieuw.",
    file_gone: "Dit bestand is opgeruimd. Maak het opnieuw met dezelfde keuzes.",
    export_gone: "Deze export is al opgeruimd. Maak een nieuwe.",
    export_not_found: "Deze export is er niet. Maak een nieuwe.",
    export_queued: "Het bestand is nog niet klaar. Wacht tot het ophalen klaar is.",
    export_running: "Het bestand is nog niet klaar. Wacht tot het ophalen klaar is.",
    export_failed: "Er is geen bestand, want het ophalen is mislukt. Probeer het opnieuw.",
    too_many_shares: "Er zijn al te veel vaste links. Trek er een in die niemand meer nodig heeft.",
    share_not_found: "Deze vaste link is er niet meer. Vraag of maak een nieuwe.",
    share_expired: "Deze vaste link is verlopen. Vraag of maak een nieuwe.",
    share_not_ready: "Het nieuwste bestand wordt nog opgehaald. Probeer het over een minuut nog eens.",
    unauthorized: "De toegangscode klopt niet. Log uit en vul hem opnieuw in.",
    invalid_parameters: "Niet alles wat je koos of invulde klopt. Kijk het na en probeer het nog eens.",
    too_many_requests: "Er zijn nu te veel bezoekers tegelijk. Probeer het over een ogenblik nog eens.",
    not_found: outdated,
    forbidden: outdated,
    method_not_allowed: outdated,
    unsupported_media_type: outdated,
    invalid_json: outdated,
    body_too_large: outdated,
    idempotency_key_reused: outdated,
    unreachable: "Er is geen verbinding. Kijk of je internet werkt en probeer het nog eens.",
    other:
      "Er ging iets mis. Probeer het nog eens; blijft het misgaan, geef de technische details dan aan wie deze pagina beheert.",
  } as Record<string, string> & { unreachable: string; other: string },
  check: {
    title: "Eerste controle",
    fine: "Alles staat goed: het portaal is bereikbaar en bestanden kunnen worden bewaard.",
    pace: (limit: string) => `Het portaal laat ${limit} verzoeken per minuut toe.`,
    wrong: "Er is iets wat aandacht vraagt",
    dismiss: "Sluiten",
    names: {
      key: "API-sleutel",
      offers: "Offertes lezen",
      customers: "Klantnamen lezen",
      rateLimit: "Verzoeken per minuut",
      bucket: "Opslag",
      timeZone: "Klok",
    },
    faults: {
      portal_key_refused:
        "Het portaal accepteert de API-sleutel niet. Laat de beheerder in het portaal een nieuwe maken, onder Instellingen › API-sleutels, en hier instellen.",
      portal_scope_missing:
        "De API-sleutel mag dit niet. Laat de beheerder in het portaal het recht aan de sleutel geven.",
      "customers portal_scope_missing":
        "De API-sleutel mag geen klanten lezen: in je bestand staat dan het klant-id in plaats van de naam. De beheerder kan de sleutel in het portaal het recht customers.read geven.",
      portal_not_found:
        "Op het ingestelde adres van het portaal is dit niet te vinden. Laat de beheerder PORTAL_API_URL nakijken: het adres van de API, dat eindigt op /v1.",
      portal_not_api:
        "Op het ingestelde adres antwoordt iets anders dan het portaal. Laat de beheerder PORTAL_API_URL nakijken: het adres van de API, dat eindigt op /v1.",
      portal_unavailable:
        "Het portaal antwoordt nu niet. Probeer het over een paar minuten nog eens; blijft het zo, laat de beheerder dan PORTAL_API_URL nakijken.",
      rate_unknown:
        "Het portaal zegt niet hoeveel verzoeken per minuut het toelaat. Het ophalen werkt toch. De beheerder kan de leverancier van het portaal vragen waarom X-RateLimit-Limit ontbreekt.",
      rate_reserve_too_large:
        "Alle verzoeken aan het portaal zijn voor andere programma's gereserveerd, zodat er geen over is. Laat de beheerder PORTAL_RATE_RESERVE verlagen.",
      rate_used_up:
        "Het portaal laat op dit moment niets toe. Dat gaat vanzelf over, meestal binnen een minuut. Komt het steeds terug, laat de beheerder deze pagina dan een eigen API-sleutel geven.",
      clock_differs:
        "De klok van de server loopt niet gelijk met die van het portaal. Laat de beheerder de klok van de server gelijkzetten.",
      storage_failed:
        "Bestanden kunnen nu niet worden bewaard. Probeer het over een paar minuten nog eens; blijft het zo, laat de beheerder dan nakijken of de opslag er is en gelezen en beschreven mag worden.",
      condition_ignored:
        "De opslag van de bestanden houdt niet uit elkaar wat tegelijk wordt geschreven, dus een spreadsheet kan fout zijn. Laat de beheerder een opslag met voorwaardelijk schrijven gebruiken.",
      condition_refused:
        "De opslag van de bestanden neemt geen voorwaardelijk schrijven aan, dus er kan niets worden opgehaald. Laat de beheerder een opslag gebruiken die dat wel doet.",
    } as Record<string, string>,
    other: "Dit werkt niet zoals het hoort. Geef de technische details aan wie deze pagina beheert.",
  },
};

export type PageWords = typeof dutchWords;
