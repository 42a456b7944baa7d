//! Top-level domains: all countries, and those of the others that people meet.

const OTHERS: &str = "academy accountant accountants active actor ads adult aero agency airforce \
    amazon apartments app apple archi army art arte asia associates attorney auction audio auto \
    autos aws baby band bank bar bargains beauty beer berlin best bet bible bid bike bingo bio biz \
    black blog blue boats boston bot boutique broker build builders business buzz cab cafe call \
    cam camera camp capital car cards care career careers cars cash casino cat catering center ceo \
    channel charity chat cheap christmas church city claims cleaning click clinic clothing cloud \
    club coach codes coffee college com community company computer condos construction consulting \
    contact contractors cooking cool coop country coupons courses credit creditcard cricket cruises \
    cyou dance data date dating day deals degree delivery democrat dental dentist desi design dev \
    diamonds diet digital direct directory discount doctor dog domains download earth eco edu \
    education email energy engineer engineering enterprises equipment estate events exchange expert \
    exposed express fail faith family fan fans farm fashion feedback film finance financial fish \
    fishing fit fitness flights florist flowers fm foo food football forex forsale forum foundation \
    free fun fund furniture futbol fyi gallery game games garden gay gift gifts gives glass global \
    gmbh gold golf google goog gop gov graphics gratis green gripe group guide guitars guru hair \
    hamburg haus health healthcare help hiphop hockey holdings holiday homes horse hospital host \
    hosting hotel house how immo immobilien inc industries info ink institute insurance insure int \
    international investments irish jetzt jewelry jobs juegos kaufen kim kitchen land law lawyer \
    lease legal lgbt life lighting limited limo link live llc loan loans lol london lotto love ltd \
    luxury makeup management market marketing markets mba media melbourne memorial men menu miami \
    mil mobi moda moe money monster mortgage moscow motorcycles mov movie museum music name navy \
    net network new news ngo ninja nyc observer off one online onl ooo org organic page paris \
    partners parts party pet pharmacy photo photography photos pics pictures pink pizza place \
    plumbing plus poker porn post press pro productions prof promo properties property protection \
    pub quest racing radio realestate realty recipes red rehab reise reisen rent rentals repair \
    report republican rest restaurant review reviews rich rip rocks rodeo run ryukyu sale salon \
    sarl school schule science secure security services sex sexy shiksha shoes shop shopping show \
    singles site ski skin soccer social software solar solutions soy space sport spot srl store \
    stream studio study style sucks supplies supply support surf surgery sydney systems tattoo tax \
    taxi team tech technology tel tennis theater theatre tickets tienda tips tires today tokyo \
    tools top tours town toys trade trading training travel tube university uno vacations vegas \
    ventures vet viajes video villas vin vip vision vodka vote voto voyage wales wang watch webcam \
    website wedding weibo wien wiki win wine work works world wtf xin xxx xyz yachts yoga youtube \
    zip zone дети москва онлайн орг рус рф сайт укр";

/// ISO 3166 and the few beside it.
const COUNTRIES: &str = "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi \
    bj bm bn bo br bs bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk \
    dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt \
    gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw \
    ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw \
    mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re \
    ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj \
    tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw";

pub(crate) fn is_top_level(name: &str) -> bool {
    let name = name.to_lowercase();
    if name.starts_with("xn--") {
        return name.len() > 5;
    }
    let list = if name.len() == 2 { COUNTRIES } else { OTHERS };
    list.split_ascii_whitespace().any(|known| known == name)
}
